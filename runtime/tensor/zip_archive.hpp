// Zip archives in memory, read with libzip: every size is checked before anything is allocated for it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

struct zip;

namespace algean {

struct ZipEntry {
  std::string name;
  std::size_t bytes = 0;  // uncompressed
};

class ZipArchive {
 public:
  // `bytes` outlive the archive. bad_input for what is no sound archive; for an entry without a name or size, with
  // another compression than none or deflate, or with a size that its compressed bytes cannot make; for more than
  // `max_entries`, or more than `max_bytes` uncompressed in all.
  static Result<ZipArchive> open(std::span<const std::byte> bytes, std::size_t max_entries, std::size_t max_bytes);

  [[nodiscard]] const std::vector<ZipEntry>& entries() const { return entries_; }  // no two of the same name
  // The bytes of entry `index`, whose checksum is right.
  [[nodiscard]] Result<std::vector<std::byte>> read(std::size_t index) const;

 private:
  struct Discard {
    void operator()(zip* archive) const;
  };
  std::unique_ptr<zip, Discard> archive_;
  std::vector<ZipEntry> entries_;
};

}  // namespace algean
