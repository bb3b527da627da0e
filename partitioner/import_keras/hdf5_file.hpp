// HDF5 files, as far as Keras uses the format, read with libhdf5 in a contained child.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "partitioner/import_keras/weight_file.hpp"
#include "runtime/base/contained.hpp"
#include "runtime/base/result.hpp"

namespace algean::partitioner {

// True for bytes that begin as an HDF5 file does.
bool is_hdf5(std::span<const std::byte> bytes);

// The groups, float datasets and string attributes of an HDF5 file's bytes, except optimizer states. Follows hard links
// only; refuses external and virtual datasets, which would read other files. `where` names the file in errors.
Result<WeightFile> read_hdf5(std::span<const std::byte> bytes, std::string_view where);
Result<WeightFile> read_hdf5(std::span<const std::byte> bytes, std::string_view where, const ContainedLimits& limits);

}  // namespace algean::partitioner
