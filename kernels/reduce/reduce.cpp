#include "kernels/reduce/reduce.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/reduce/axes.hpp"
#include "kernels/reduce/hardware.hpp"

namespace algean::kernels {
namespace {

using reduce::Reduction;

constexpr double infinity = std::numeric_limits<double>::infinity();

// acc[result] = fold(acc[result], element) over the input's elements, from `first`.
template <class Fold>
std::vector<double> reduced(const Shape& shape, const Reduction& reduction, double first, const Fold& fold) {
  std::vector<double> acc(static_cast<std::size_t>(reduction.kept.elements()), first);
  const Runs runs(shape, {reduction.kept});
  const std::size_t step = runs.step(0);
  runs.for_each([&](std::size_t x, std::size_t y, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) acc[y + i * step] = fold(acc[y + i * step], x + i);
  });
  return acc;
}

// The index of the first largest element along the one reduced axis.
void arg_max(const Shape& shape, std::size_t axis, std::span<const float> x, std::span<float> y) {
  const auto n = static_cast<std::size_t>(shape[axis]);
  const std::size_t outer = y.size();
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.rank(); ++i) inner *= static_cast<std::size_t>(shape[i]);
  for (std::size_t at = 0; at < outer; ++at) {
    const std::size_t base = at / inner * n * inner + at % inner;
    std::size_t best = 0;
    for (std::size_t i = 1; i < n; ++i) {
      if (x[base + i * inner] > x[base + best * inner]) best = i;
    }
    y[at] = static_cast<float>(best);
  }
}

std::vector<double> reduce_reals(const LayerSpec& layer, const Reduction& reduction,
                                 std::span<const Tensor* const> inputs) {
  const auto x = inputs[0]->elements<float>();
  const auto real = [](float value) { return static_cast<double>(value); };
  const Shape& shape = inputs[0]->shape();
  const auto add = [&](double acc, std::size_t i) { return acc + real(x[i]); };
  if (layer.operation == "reduce_sum" || layer.operation == "reduce_mean") return reduced(shape, reduction, 0, add);
  if (layer.operation == "reduce_max") {
    return reduced(shape, reduction, -infinity, [&](double acc, std::size_t i) { return std::max(acc, real(x[i])); });
  }
  if (layer.operation == "reduce_min") {
    return reduced(shape, reduction, infinity, [&](double acc, std::size_t i) { return std::min(acc, real(x[i])); });
  }
  const auto other = inputs[1]->elements<float>();
  if (layer.operation == "mean_squared_error") {
    return reduced(shape, reduction, 0, [&](double acc, std::size_t i) {
      const double difference = real(x[i]) - real(other[i]);
      return acc + difference * difference;
    });
  }
  ALGEAN_INVARIANT(layer.operation == "kl_divergence");
  return reduced(shape, reduction, 0, [&](double acc, std::size_t i) {
    const double variance = real(other[i]);
    return acc - (1 + variance - real(x[i]) * real(x[i]) - std::exp(variance)) / 2;
  });
}

}  // namespace

std::span<const std::string_view> Reduce::operations() const {
  static constexpr std::array<std::string_view, 7> names{
      "reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "arg_max", "mean_squared_error", "kl_divergence"};
  return names;
}

const Hardware* Reduce::circuit() const {
  static const reduce::ReduceHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Reduce::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, reduce::is_score(layer) ? 2 : 1));
  if (inputs.size() == 2 && inputs[0].shape != inputs[1].shape) {
    return bad_input("inputs {} and {} must have one shape", inputs[0].shape.text(), inputs[1].shape.text());
  }
  ALGEAN_ASSIGN(Reduction reduction, reduce::make_reduction(layer, inputs[0].shape));
  return std::vector<Shape>{std::move(reduction.output)};
}

double Reduce::work(const LayerSpec&, std::span<const TensorType> inputs, std::span<const TensorType>) const {
  double elements = 0;
  for (const TensorType& input : inputs) elements += static_cast<double>(input.shape.elements());
  return elements;
}

void Reduce::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                            std::span<Tensor* const> outputs) const {
  const Reduction reduction = reduce::make_reduction(layer, inputs[0]->shape()).value();
  const auto y = outputs[0]->elements<float>();
  if (layer.operation == "arg_max") {
    const auto axis = static_cast<std::size_t>(layer.attributes.integers("axes").value().at(0));
    return arg_max(inputs[0]->shape(), axis, inputs[0]->elements<float>(), y);
  }
  const bool is_mean = layer.operation == "reduce_mean" || layer.operation == "mean_squared_error";
  const std::vector<double> acc = reduce_reals(layer, reduction, inputs);
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = static_cast<float>(is_mean ? acc[i] / static_cast<double>(reduction.count) : acc[i]);
  }
}

}  // namespace algean::kernels
