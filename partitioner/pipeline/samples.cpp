#include "partitioner/pipeline/samples.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/tensor/array_file.hpp"

namespace algean::partitioner {
namespace {

Result<Tensor*> find_array(std::vector<NamedArray>& arrays, std::span<const Port> ports, const Port& port,
                           std::string_view what) {
  const auto named = std::ranges::find(arrays, port.name, &NamedArray::name);
  if (named != arrays.end()) return &named->tensor;
  if (ports.size() == 1 && arrays.size() == 1) return &arrays.front().tensor;
  std::vector<std::string> names;
  for (const NamedArray& array : arrays) names.push_back(array.name.empty() ? "one without a name" : array.name);
  return bad_input("no array for {} '{}'; the file holds {}", what, port.name, fmt::join(names, ", "));
}

// The array as [batch, extents...]; its elements stay where they are.
Result<> shape_up(Tensor& tensor, const Port& port, bool rows_are_flat, std::string_view what) {
  const auto wanted = port.type.shape.extents();
  const auto given = tensor.shape().extents();
  std::int64_t batch = 0;
  if (given.size() == wanted.size() + 1 && std::ranges::equal(given.subspan(1), wanted)) {
    batch = given[0];
  } else if (std::ranges::equal(given, wanted)) {
    batch = 1;
  } else if (rows_are_flat && given[1] == port.type.shape.elements()) {
    batch = given[0];
  } else {
    return bad_input("{} '{}' has shape {}, must have [batch{}{}]", what, port.name, tensor.shape().text(),
                     wanted.empty() ? "" : ",", fmt::join(wanted, ","));
  }
  std::vector<std::int64_t> extents{batch};
  extents.insert(extents.end(), wanted.begin(), wanted.end());
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  tensor.retype({tensor.type().element, std::move(shape)});
  return {};
}

Tensor as_floats(Tensor tensor) {
  if (tensor.type().element.is_float()) return tensor;
  Tensor floats({ElementType::float32(), tensor.shape()});
  const auto to = floats.elements<float>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(tensor.integer_at(i));
  return floats;
}

Result<Samples> gather(std::vector<NamedArray> arrays, std::span<const Port> ports, bool rows_are_flat,
                       std::string_view what) {
  Samples samples;
  for (const Port& port : ports) {
    ALGEAN_ASSIGN(Tensor * array, find_array(arrays, ports, port, what));
    Tensor tensor = *array;
    ALGEAN_TRY(shape_up(tensor, port, rows_are_flat, what));
    const auto count = static_cast<std::size_t>(tensor.shape()[0]);
    if (!samples.tensors.empty() && count != samples.count) {
      return bad_input("{} '{}' holds {} inferences where '{}' holds {}", what, port.name, count, ports.front().name,
                       samples.count);
    }
    samples.count = count;
    samples.tensors.push_back(as_floats(std::move(tensor)));
  }
  return samples;
}

}  // namespace

std::span<const float> Samples::of(std::size_t port, std::size_t inference) const {
  const auto elements = tensors[port].elements<float>();
  const std::size_t size = elements.size() / count;
  return elements.subspan(inference * size, size);
}

Result<Samples> read_samples(const std::filesystem::path& path, std::span<const Port> ports, std::string_view what) {
  ALGEAN_ASSIGN(auto arrays, read_arrays(path));
  auto samples = gather(std::move(arrays), ports, path.extension() == ".csv", what);
  if (!samples) return std::unexpected(samples.error().within(path.string()));
  return samples;
}

}  // namespace algean::partitioner
