#include "kernels/activation/prelu.hpp"

#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels::activation {

Result<> check_slope(const LayerSpec& layer, const Shape& input) {
  const Tensor* slope = layer.constant(layer.constant("index") != nullptr ? "index" : "slope");
  if (slope == nullptr) return bad_input("constant 'slope' is missing");
  auto result = broadcast(input, slope->shape());
  if (result && *result == input) return {};
  return bad_input("constant 'slope' {} must broadcast to the input {}", slope->shape().text(), input.text());
}

void prelu_float(const LayerSpec& layer, const Shape& shape, std::span<const float> x, std::span<float> y) {
  const std::vector<float> slopes = real_elements(layer.required("slope"));
  const Runs runs(shape, {layer.required("slope").shape()});
  const std::size_t step = runs.step(0);
  runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) {
      const float value = x[first + i];
      y[first + i] = value < 0 ? value * slopes[at + i * step] : value;
    }
  });
}

}  // namespace algean::kernels::activation
