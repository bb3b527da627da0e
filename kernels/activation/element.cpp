#include "kernels/activation/element.hpp"

#include <cmath>
#include <limits>

namespace algean::kernels::activation {

std::function<double(double)> element_function(const LayerSpec& layer) {
  if (layer.operation == "sigmoid") return [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  if (layer.operation == "tanh") return [](double x) { return std::tanh(x); };
  if (layer.operation == "leaky_relu") {
    const double slope = layer.attributes.real_or("slope", 0);
    return [slope](double x) { return x < 0 ? slope * x : x; };
  }
  ALGEAN_INVARIANT(layer.operation == "relu");
  const double max_value = layer.attributes.real_or("max_value", std::numeric_limits<double>::infinity());
  const double slope = layer.attributes.real_or("negative_slope", 0);
  const double threshold = layer.attributes.real_or("threshold", 0);
  return [=](double x) { return x >= max_value ? max_value : x >= threshold ? x : slope * (x - threshold); };
}

}  // namespace algean::kernels::activation
