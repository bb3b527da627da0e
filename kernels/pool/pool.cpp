#include "kernels/pool/pool.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/family/checks.hpp"
#include "kernels/pool/hardware.hpp"
#include "kernels/pool/walk.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {

std::span<const std::string_view> Pool::operations() const {
  static constexpr std::array<std::string_view, 4> names{"max_pool1d", "max_pool2d", "average_pool1d",
                                                         "average_pool2d"};
  return names;
}

const Hardware* Pool::circuit() const {
  static const pool::PoolHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Pool::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  ALGEAN_ASSIGN(const pool::Geometry geometry, pool::make_geometry(layer, inputs[0].shape));
  // No more positions than padded elements, so the product stays in 64 bits; make() bounds it.
  ALGEAN_ASSIGN(const Shape plane, Shape::make({geometry.axes[0].out, geometry.axes[1].out, geometry.channels}));
  (void)plane;
  return std::vector<Shape>{pool::output_shape(layer, geometry)};
}

double Pool::work(const LayerSpec& layer, std::span<const TensorType>, std::span<const TensorType> outputs) const {
  double taps = 1;
  for (const std::int64_t extent : layer.attributes.integers("window").value_or(std::vector<std::int64_t>{})) {
    taps *= static_cast<double>(extent);
  }
  return taps * static_cast<double>(outputs[0].shape.elements());
}

void Pool::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                          std::span<Tensor* const> outputs) const {
  const pool::Geometry geometry = pool::make_geometry(layer, inputs[0]->shape()).value();
  const RealRange range = activation_range(layer);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto x = inputs[0]->elements<float>();
  float* y = outputs[0]->elements<float>().data();
  const auto channels = static_cast<std::size_t>(geometry.channels);
  std::vector<double> acc(channels);
  const auto begin = [&] { std::ranges::fill(acc, geometry.is_max ? -infinity : 0.0); };
  const auto take = [&](std::size_t tap) {
    for (std::size_t c = 0; c < channels; ++c) {
      const auto value = static_cast<double>(x[tap + c]);
      acc[c] = geometry.is_max ? std::max(acc[c], value) : acc[c] + value;
    }
  };
  const auto finish = [&](std::size_t at, std::int64_t count) {
    for (std::size_t c = 0; c < channels; ++c) {
      const double value = geometry.is_max ? acc[c] : acc[c] / static_cast<double>(count);
      y[at + c] = static_cast<float>(std::clamp(value, range.low, range.high));
    }
  };
  pool::walk(geometry, begin, take, finish);
}

}  // namespace algean::kernels
