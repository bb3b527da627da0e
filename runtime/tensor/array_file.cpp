#include "runtime/tensor/array_file.hpp"

#include "runtime/base/file.hpp"
#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

std::unexpected<Error> unknown_extension(const std::filesystem::path& path) {
  return bad_input("{}: the name of an array file must end in .npy, .npz or .csv", path.string());
}

Result<std::vector<NamedArray>> one(Result<Tensor> tensor) {
  if (!tensor) return std::unexpected(std::move(tensor).error());
  std::vector<NamedArray> arrays;
  arrays.push_back({"", *std::move(tensor)});
  return arrays;
}

}  // namespace

Result<std::vector<NamedArray>> read_arrays(const std::filesystem::path& path) {
  const std::string extension = path.extension();
  if (extension == ".csv") {
    ALGEAN_ASSIGN(const std::string text, read_text(path));
    return one(parse_csv(text, path.string()));
  }
  if (extension != ".npy" && extension != ".npz") return unknown_extension(path);
  ALGEAN_ASSIGN(const auto bytes, read_file(path));
  if (extension == ".npz") return parse_npz(bytes, path.string());
  return one(parse_npy(bytes, path.string()));
}

Result<> write_arrays(const std::filesystem::path& path, std::span<const NamedArray> arrays) {
  const std::string extension = path.extension();
  if (extension == ".npz") {
    auto bytes = print_npz(arrays);
    if (!bytes) return std::unexpected(bytes.error().within(path.string()));
    return write_file(path, *bytes);
  }
  if (extension != ".npy" && extension != ".csv") return unknown_extension(path);
  if (arrays.size() != 1) {
    return bad_input("{}: {} arrays, but {} takes one; use .npz", path.string(), arrays.size(), extension);
  }
  if (extension == ".csv") return write_text(path, print_csv(arrays[0].tensor));
  return write_file(path, print_npy(arrays[0].tensor));
}

}  // namespace algean
