// The rules of a product: nothing that came from a file is trusted.
#include "kernels/family/checks.hpp"
#include "kernels/matmul/extents.hpp"
#include "kernels/matmul/matmul.hpp"
#include "kernels/matmul/ratio.hpp"

namespace algean::kernels {

Result<Arithmetic> matmul::product_arithmetic(const LayerSpec& layer) {
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  return arithmetic == Arithmetic::tflite_double ? Arithmetic::tflite : arithmetic;
}

double matmul::ratio(Arithmetic arithmetic, std::span<const TensorType> inputs, const TensorType& output) {
  const double a = inputs[0].element.quantisation()->scale();
  const double b = inputs[1].element.quantisation()->scale();
  const double y = output.element.quantisation()->scale();
  if (arithmetic == Arithmetic::scaled) return a * b / y;
  return static_cast<double>(static_cast<float>(a) * static_cast<float>(b)) / y;
}

Result<> Matmul::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (is_float) {
    ALGEAN_TRY(check_attributes(layer, {"transpose_a", "transpose_b"}));
    return check_constants(layer, {});
  }
  ALGEAN_TRY(check_attributes(layer, {"transpose_a", "transpose_b", "arithmetic"}));
  ALGEAN_TRY(check_constants(layer, {"multiplier", "shift"}));
  for (const TensorType& input : inputs) ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  ALGEAN_ASSIGN(const matmul::Extents extents, matmul::make_extents(layer, inputs[0].shape, inputs[1].shape));
  if (extents.inner > matmul::max_inner) {
    return bad_input("{} products make one result, at most {} are summed up", extents.inner, matmul::max_inner);
  }
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  if (arithmetic == Arithmetic::tflite_double) return bad_input("matmul has no arithmetic 'tflite_double'");
  const double ratio = matmul::ratio(arithmetic, inputs, outputs[0]);
  return check_requantisation(layer, arithmetic, {&ratio, 1});
}

}  // namespace algean::kernels
