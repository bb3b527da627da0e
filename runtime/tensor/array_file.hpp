// Array files: what users hand over and get back. Errors name the file (and the entry, or the line and column) and the
// rule.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean {

struct NamedArray {
  std::string name;  // "" for the one array of a .npy or .csv file
  Tensor tensor;     // its shape includes the batch axis
};

// By the file's extension:
//   .npy  NumPy's format, versions 1 to 3, C or Fortran order, little endian
//   .npz  a zip of them (stored or deflated), in the archive's order; each array's name is its entry's without ".npy"
//   .csv  float32 [rows, columns]; fields between commas; the first line may be a header, all of whose fields are names
// float16 and float64 become float32; int64 and uint64 become int32 if every value fits; bool becomes uint8.
Result<std::vector<NamedArray>> read_arrays(const std::filesystem::path& path);

// .npy and .csv take one array; a .csv row is one index of the first axis. An unnamed array in a .npz is called arr_0,
// arr_1 ... as numpy.savez does. Quantisations are not written. The file is whole or as it was before.
Result<> write_arrays(const std::filesystem::path& path, std::span<const NamedArray> arrays);

}  // namespace algean
