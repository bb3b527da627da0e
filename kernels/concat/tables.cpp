#include "kernels/concat/tables.hpp"

#include <cmath>

namespace algean::kernels::concat {
namespace {

// NaN becomes the lowest code: no conversion of it is defined.
std::int8_t saturated(double code) { return static_cast<std::int8_t>(code >= 127 ? 127 : code > -128 ? code : -128); }

std::int8_t scaled_code(int x, const Quantisation& from, const Quantisation& to) {
  const double steps = (x - from.zero_point()) * from.scale() / to.scale();
  return saturated(std::floor(steps + 0.5) + to.zero_point());
}

// Float by float as the kernel does it; the product is stored, so that no compiler fuses it with the sum.
std::int8_t tflite_code(int x, const Quantisation& from, const Quantisation& to) {
  const float inverse = 1.0F / static_cast<float>(to.scale());
  const float ratio = static_cast<float>(from.scale()) * inverse;
  const volatile float bias = static_cast<float>(-(from.zero_point() + 128)) * ratio;
  const volatile float product = static_cast<float>(x + 128) * ratio;
  const float steps = product + bias;
  return saturated(static_cast<double>(std::round(steps)) + to.zero_point());
}

}  // namespace

std::shared_ptr<const Tensor> make_tables(std::span<const TensorType> inputs, const TensorType& output, bool tflite) {
  auto tables =
      std::make_shared<Tensor>(TensorType{ElementType::int8(), Shape{static_cast<std::int64_t>(inputs.size()), 256}});
  const auto codes = tables->elements<std::int8_t>();
  const Quantisation& to = *output.element.quantisation();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Quantisation& from = *inputs[i].element.quantisation();
    for (int x = -128; x <= 127; ++x) {
      std::int8_t& code = codes[i * 256 + static_cast<std::size_t>(x + 128)];
      code = from == to ? static_cast<std::int8_t>(x) : tflite ? tflite_code(x, from, to) : scaled_code(x, from, to);
    }
  }
  return tables;
}

}  // namespace algean::kernels::concat
