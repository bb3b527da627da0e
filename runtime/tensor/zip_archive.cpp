#include "runtime/tensor/zip_archive.hpp"

#include <zip.h>

namespace algean {
namespace {

constexpr std::size_t deflate_ratio = 1032;  // the most that deflate expands (zlib's technical details)

struct Close {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

// Size and method of an entry.
Result<ZipEntry> check_entry(const zip_stat_t& entry, std::size_t max_bytes, std::size_t& total_bytes) {
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((entry.valid & needed) != needed) return bad_input("an entry without name or size");
  std::string name = entry.name;
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
    return bad_input("entry '{}': compression method {}; stored and deflated ones are accepted", name,
                     entry.comp_method);
  }
  if (entry.size > max_bytes - total_bytes) {
    return bad_input("entry '{}': more than {} bytes in all", name, max_bytes);
  }
  if (entry.size / deflate_ratio > entry.comp_size) {
    return bad_input("entry '{}': {} bytes cannot hold the {} that it claims", name, entry.comp_size, entry.size);
  }
  total_bytes += entry.size;
  return ZipEntry{std::move(name), entry.size};
}

}  // namespace

void ZipArchive::Discard::operator()(zip* archive) const { zip_discard(archive); }

Result<ZipArchive> ZipArchive::open(std::span<const std::byte> bytes, std::size_t max_entries, std::size_t max_bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return bad_input("not a zip archive: {}", text_of(error));
  ZipArchive result;
  result.archive_.reset(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));  // which then owns it
  if (!result.archive_) {
    zip_source_free(source);
    return bad_input("not a sound zip archive: {}", text_of(error));
  }
  zip_error_fini(&error);

  const auto count = static_cast<std::size_t>(zip_get_num_entries(result.archive_.get(), 0));
  if (count > max_entries) return bad_input("{} entries, at most {} are accepted", count, max_entries);
  std::size_t total_bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    zip_stat_t entry;
    zip_stat_init(&entry);
    if (zip_stat_index(result.archive_.get(), i, 0, &entry) != 0) {
      return bad_input("entry {}: {}", i, zip_strerror(result.archive_.get()));
    }
    ALGEAN_ASSIGN(result.entries_.emplace_back(), check_entry(entry, max_bytes, total_bytes));
  }
  return result;
}

Result<std::vector<std::byte>> ZipArchive::read(std::size_t index) const {
  const std::size_t size = entries_.at(index).bytes;
  const std::unique_ptr<zip_file_t, Close> file(zip_fopen_index(archive_.get(), index, 0));
  if (!file) return bad_input("cannot be read: {}", zip_strerror(archive_.get()));
  std::vector<std::byte> bytes(size);
  std::size_t done = 0;
  while (done < size) {
    const zip_int64_t got = zip_fread(file.get(), bytes.data() + done, size - done);
    if (got < 0) return bad_input("cannot be read: {}", zip_file_strerror(file.get()));
    if (got == 0) return bad_input("ends after {} of {} bytes", done, size);
    done += static_cast<std::size_t>(got);
  }
  std::byte beyond{};
  const zip_int64_t rest = zip_fread(file.get(), &beyond, 1);  // at the end the checksum is compared
  if (rest < 0) return bad_input("cannot be read: {}", zip_file_strerror(file.get()));
  if (rest > 0) return bad_input("holds more than the {} bytes that it claims", size);
  return bytes;
}

}  // namespace algean
