// The integer form: made, and its reference.
#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/matmul/extents.hpp"
#include "kernels/matmul/matmul.hpp"
#include "kernels/matmul/ratio.hpp"

namespace algean::kernels {

Result<LayerSpec> Matmul::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  for (const TensorType& input : inputs) ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  ALGEAN_TRY(check_constants(layer, {}));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, matmul::product_arithmetic(layer));
  LayerSpec result = layer;
  const double ratio = matmul::ratio(arithmetic, inputs, outputs[0]);
  ALGEAN_TRY(add_requantisation(result, arithmetic, {&ratio, 1}));
  ALGEAN_TRY(verify(result, inputs, outputs));
  return result;
}

void Matmul::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                              std::span<Tensor* const> outputs) const {
  const matmul::Extents e = matmul::make_extents(layer, inputs[0]->shape(), inputs[1]->shape()).value();
  const Requantiser requantiser(layer, outputs[0]->type());
  const std::int32_t zero_a = inputs[0]->type().element.quantisation()->zero_point();
  const std::int32_t zero_b = inputs[1]->type().element.quantisation()->zero_point();
  const auto rows = static_cast<std::size_t>(e.rows);
  const auto inner = static_cast<std::size_t>(e.inner);
  const auto columns = static_cast<std::size_t>(e.columns);
  const std::int8_t* a = inputs[0]->elements<std::int8_t>().data();
  const std::int8_t* b = inputs[1]->elements<std::int8_t>().data();
  std::int8_t* y = outputs[0]->elements<std::int8_t>().data();
  const auto product = [&](const std::int8_t* left, const std::int8_t* right, std::size_t i, std::size_t j) {
    std::int32_t acc = 0;
    for (std::size_t k = 0; k < inner; ++k) {
      const std::int32_t x = left[e.transpose_a ? k * rows + i : i * inner + k] - zero_a;
      acc += x * (right[e.transpose_b ? j * inner + k : k * columns + j] - zero_b);
    }
    return requantiser(acc, 0);
  };
  const Runs runs(e.batch, {e.batch_a, e.batch_b});
  runs.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
    for (std::size_t n = 0; n < runs.length(); ++n) {
      const std::int8_t* left = a + (at_a + n * runs.step(0)) * rows * inner;
      const std::int8_t* right = b + (at_b + n * runs.step(1)) * inner * columns;
      std::int8_t* to = y + (first + n) * rows * columns;
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) to[i * columns + j] = product(left, right, i, j);
      }
    }
  });
}

}  // namespace algean::kernels
