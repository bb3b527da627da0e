#include "partitioner/compare/fidelity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner {

using kernels::Graph;
using kernels::ValueId;

Fidelity::Fidelity(const Graph& float_graph, const Graph& integer_graph)
    : graph_(integer_graph), sums_(integer_graph.values.size()), expected_(float_graph.values.size()) {
  std::unordered_map<std::string_view, ValueId> ids;
  for (ValueId id = 0; id < float_graph.values.size(); ++id) ids[float_graph.values[id].name] = id;
  for (ValueId id = 0; id < sums_.size(); ++id) {
    const kernels::Value& value = integer_graph.values[id];
    const auto found = ids.find(value.name);
    const bool comparable = found != ids.end() && value.type.element.quantisation() &&
                            float_graph.values[found->second].type.shape == value.type.shape;
    if (comparable) sums_[id].float_value = found->second;
  }
}

void Fidelity::expect(ValueId float_value, const Tensor& tensor) { expected_.at(float_value) = tensor; }

void Fidelity::add(ValueId integer_value, const Tensor& tensor) {
  Sums& sums = sums_.at(integer_value);
  if (!sums.float_value) return;
  const Tensor real = dequantise(tensor);
  const auto wanted = expected_[*sums.float_value].elements<float>();
  const auto got = real.elements<float>();
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto exact = static_cast<double>(wanted[i]);
    const double error = std::abs(static_cast<double>(got[i]) - exact);
    sums.largest_error = std::max(sums.largest_error, error);
    sums.signal += exact * exact;
    sums.noise += error * error;
  }
}

std::optional<FloatError> Fidelity::error(ValueId integer_value) const {
  const Sums& sums = sums_.at(integer_value);
  if (!sums.float_value) return std::nullopt;
  const double scale = graph_.values[integer_value].type.element.quantisation()->scale();
  return FloatError{
      .largest = sums.largest_error,
      .largest_lsb = sums.largest_error / scale,
      .snr_db = sums.noise > 0 ? 10 * std::log10(sums.signal / sums.noise) : std::numeric_limits<double>::infinity()};
}

}  // namespace algean::partitioner
