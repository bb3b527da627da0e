// Scores of anomaly detectors, which models spell out in single operations. In integers these lose their precision: a
// square of int8 codes needs 16 bits, and a mean of thousands of them more.
#include <cmath>
#include <vector>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::LayerSpec;
using kernels::ValueId;

// The value of a constant operand of one element; NaN where there is none.
double constant_of(const LayerSpec& spec) {
  const Tensor* operand = spec.constant("operand");
  if (operand == nullptr || !operand->type().element.is_float() || operand->shape().elements() != 1) return NAN;
  return static_cast<double>(operand->elements<float>()[0]);
}

// x + 1 and -x / 2, as an element-by-element layer or an affine one.
bool adds_one(const LayerSpec& spec) {
  if (spec.operation == "add") return constant_of(spec) == 1;
  return spec.operation == "affine" && spec.attributes.real_or("scale", 1) == 1 &&
         spec.attributes.real_or("offset", 0) == 1;
}
bool halves_and_negates(const LayerSpec& spec) {
  if (spec.operation == "multiply") return constant_of(spec) == -0.5;
  return spec.operation == "affine" && spec.attributes.real_or("scale", 1) == -0.5 &&
         spec.attributes.real_or("offset", 0) == 0;
}
bool is_square(const Layer& layer) {
  if (layer.spec.operation == "multiply") return layer.inputs.size() == 2 && layer.inputs[0] == layer.inputs[1];
  return layer.spec.operation == "square" ||
         (layer.spec.operation == "power" && layer.spec.attributes.real_or("exponent", 1) == 2);
}

class Scores {
 public:
  explicit Scores(Graph& graph) : graph_(graph), wires_(graph) {}

  void run() {
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      if (wires_.is_erased(i) || !is_last(i)) continue;
      if (!fuse_error(i)) fuse_divergence(i);
    }
    wires_.finish();
  }

 private:
  [[nodiscard]] const Layer& layer(std::size_t index) const { return graph_.layers[index]; }
  // Scores are int32, which no other layer reads.
  [[nodiscard]] bool is_last(std::size_t index) const {
    const ValueId output = layer(index).outputs[0];
    return wires_.is_output(output) && wires_.readers(output).empty() && is_float(graph_, layer(index));
  }
  // The layer behind a layer's input, where that layer alone reads it.
  [[nodiscard]] std::optional<std::size_t> before(std::size_t index, std::size_t input = 0) const {
    if (input >= layer(index).inputs.size()) return std::nullopt;
    const ValueId value = layer(index).inputs[input];
    const auto producer = wires_.producer(value);
    if (!producer || wires_.sole_reader(value) != index || !is_linear(layer(*producer).spec)) return std::nullopt;
    return producer;
  }
  [[nodiscard]] static bool is_linear(const LayerSpec& spec) {
    return spec.attributes.text_or("activation", "linear") == "linear";
  }
  // A difference of two values of one shape.
  [[nodiscard]] bool is_difference(std::size_t index) const {
    const Layer& at = layer(index);
    return at.spec.operation == "subtract" && at.inputs.size() == 2 && shape(at.inputs[0]) == shape(at.inputs[1]);
  }
  [[nodiscard]] const Shape& shape(ValueId value) const { return graph_.values[value].type.shape; }

  // `index`, which has two inputs, becomes the score over the axes of `reduction` and makes the value of `last`.
  void replace(std::size_t index, const std::string& operation, std::size_t reduction, std::size_t last,
               const std::vector<std::size_t>& gone) {
    kernels::Attributes attributes = layer(reduction).spec.attributes;
    const ValueId output = layer(last).outputs[0];
    const std::string name = layer(last).spec.name;
    for (const std::size_t other : gone) wires_.erase(other);
    graph_.layers[index].spec = {name, operation, std::move(attributes), {}};
    wires_.produce(index, output);
  }

  // reduce_mean(square(subtract(x, y)))
  bool fuse_error(std::size_t last) {
    if (layer(last).spec.operation != "reduce_mean") return false;
    const auto square = before_square(last);
    if (!square) return false;
    const ValueId value = layer(*square).inputs[0];
    const auto difference = wires_.producer(value);
    if (!difference || wires_.sole_reader(value) != *square || !is_difference(*difference) ||
        !is_linear(layer(*difference).spec)) {
      return false;
    }
    replace(*difference, "mean_squared_error", last, last, {last, *square});
    return true;
  }
  [[nodiscard]] std::optional<std::size_t> before_square(std::size_t index) const {
    const auto found = before(index);
    return found && is_square(layer(*found)) ? found : std::nullopt;
  }

  // -1/2 * sum of (1 + v - m^2 - e^v): the factor before or behind the sum, the square or the exponential first.
  void fuse_divergence(std::size_t last) {
    std::vector<std::size_t> gone{last};
    auto inner = before(last);
    if (!inner) return;
    const bool sum_is_last = layer(last).spec.operation == "reduce_sum";
    const std::size_t sum = sum_is_last ? last : *inner;
    const std::size_t factor = sum_is_last ? *inner : last;
    if (layer(sum).spec.operation != "reduce_sum" || !halves_and_negates(layer(factor).spec)) return;
    gone.push_back(*inner);
    const auto outer = before(*inner);
    if (!outer || !is_difference(*outer)) return;
    const auto middle = before(*outer, 0);
    if (!middle || !is_difference(*middle)) return;
    const auto one_more = before(*middle, 0);
    if (!one_more || !adds_one(layer(*one_more).spec)) return;
    auto square = before(*middle, 1);
    auto power = before(*outer, 1);
    if (square && power && !is_square(layer(*square))) std::swap(square, power);
    if (!square || !power || !is_square(layer(*square)) || layer(*power).spec.operation != "exponential") return;
    const ValueId variance = layer(*one_more).inputs[0];
    const ValueId mean = layer(*square).inputs[0];
    if (layer(*power).inputs[0] != variance || shape(mean) != shape(variance)) return;
    gone.insert(gone.end(), {*middle, *one_more, *square, *power});
    wires_.read(*outer, 0, mean);
    wires_.read(*outer, 1, variance);
    replace(*outer, "kl_divergence", sum, last, gone);
  }

  Graph& graph_;
  Wires wires_;
};

}  // namespace

Result<> fuse_scores(kernels::Graph& graph, kernels::Families) {
  Scores(graph).run();
  return {};
}

}  // namespace algean::partitioner
