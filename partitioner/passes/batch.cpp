#include "partitioner/passes/batch.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace algean::partitioner {

using kernels::Graph;

Result<std::size_t> batch_size(const Graph& graph, std::span<const Tensor> inputs, std::string_view what) {
  if (inputs.size() != graph.inputs.size()) {
    return bad_input("{} {}s, the network has {}", inputs.size(), what, graph.inputs.size());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape& wanted = graph.values[graph.inputs[i].value].type.shape;
    const auto given = inputs[i].shape().extents();
    if (!inputs[i].type().element.is_float() || given.size() != wanted.rank() + 1 ||
        !std::ranges::equal(given.subspan(1), wanted.extents())) {
      return bad_input("{} '{}' is {}, must be float32[batch{}{}]", what, graph.inputs[i].name, inputs[i].type().text(),
                       wanted.rank() > 0 ? "," : "", fmt::join(wanted.extents(), ","));
    }
    if (given[0] != inputs[0].shape()[0]) {
      return bad_input("{} '{}' holds {} inferences, '{}' {}", what, graph.inputs[i].name, given[0],
                       graph.inputs[0].name, inputs[0].shape()[0]);
    }
  }
  return inputs.empty() ? 0 : static_cast<std::size_t>(inputs[0].shape()[0]);
}

std::vector<Tensor> inference(const Graph& graph, std::span<const Tensor> inputs, std::size_t index) {
  std::vector<Tensor> result;
  result.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = graph.values[graph.inputs[i].value].type.shape;
    const auto size = static_cast<std::size_t>(shape.elements());
    result.emplace_back(TensorType{ElementType::float32(), shape},
                        inputs[i].elements<float>().subspan(index * size, size));
  }
  return result;
}

}  // namespace algean::partitioner
