#include "kernels/activation/element.hpp"

#include <cmath>
#include <limits>

namespace algean::kernels::activation {
namespace {

// slope * x, but 0 for slope 0 even where x is infinite.
double below(double slope, double x) { return slope == 0 ? 0.0 : slope * x; }

}  // namespace

std::function<double(double)> element_function(const LayerSpec& layer) {
  if (layer.operation == "sigmoid") return [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  if (layer.operation == "tanh") return [](double x) { return std::tanh(x); };
  if (layer.operation == "leaky_relu") {
    const double slope = layer.attributes.real_or("slope", 0);
    return [slope](double x) { return x < 0 ? below(slope, x) : x; };
  }
  ALGEAN_INVARIANT(layer.operation == "relu");
  const double max_value = layer.attributes.real_or("max_value", std::numeric_limits<double>::infinity());
  const double slope = layer.attributes.real_or("negative_slope", 0);
  const double threshold = layer.attributes.real_or("threshold", 0);
  return [=](double x) { return x >= max_value ? max_value : x >= threshold ? x : below(slope, x - threshold); };
}

}  // namespace algean::kernels::activation
