// What an HDF5 file holds, as far as Keras' weight files use it, read with libhdf5 in a contained child.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/contained.hpp"
#include "runtime/base/result.hpp"

namespace algean::partitioner {

struct Hdf5Dataset {
  std::vector<std::int64_t> extents;  // each at least 0; none for a scalar
  std::string type;                   // "float16", "float32", "float64", or what else it is ("int64", "string")
  std::vector<float> elements;        // row-major, converted to float32; none where type is another
};

// Paths are names joined by "/", without one in front; "" is the root.
struct Hdf5File {
  std::set<std::string> groups;
  std::map<std::string, Hdf5Dataset> datasets;
  // Attributes of strings, by path and name; an attribute without elements is an empty list whatever its type.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> attributes;

  [[nodiscard]] bool is_group(const std::string& path) const { return groups.contains(path); }
  [[nodiscard]] const Hdf5Dataset* dataset(const std::string& path) const;
  // nullptr where there is none. What Keras cut because it was above 64 kB (NAME0, NAME1, ...) reads as one list.
  [[nodiscard]] const std::vector<std::string>* strings(const std::string& path, const std::string& name) const;
};

// True for the types whose elements are read.
bool is_readable_float(std::string_view type);

// True for bytes that begin as an HDF5 file does.
bool is_hdf5(std::span<const std::byte> bytes);

// The groups, float datasets and string attributes of an HDF5 file's bytes, except optimizer states. Follows hard links
// only; refuses external and virtual datasets, which would read other files. `where` names the file in errors.
Result<Hdf5File> read_hdf5(std::span<const std::byte> bytes, std::string_view where);
Result<Hdf5File> read_hdf5(std::span<const std::byte> bytes, std::string_view where, const ContainedLimits& limits);

}  // namespace algean::partitioner
