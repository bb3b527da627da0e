// Dense and convolutional layers with random weights for tests in hardware.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "kernels/family/family.hpp"
#include "runtime/base/random.hpp"

namespace algean::rtl {

struct WeightedLayer {
  kernels::LayerSpec spec;  // in floats
  std::vector<TensorType> inputs, outputs;
};

struct WeightedOptions {
  std::string arithmetic = "scaled";
  std::string activation = "linear";
  int weight_bits = 8;  // 8 where zero points are asked for
  std::int32_t input_zero = 3;
  bool weight_zeros = false;  // weights that an importer brought, with zero points
};

inline TensorType quantised(Shape shape, double scale, std::int32_t zero) {
  return {ElementType::int8(Quantisation::per_tensor(scale, zero)), std::move(shape)};
}

// Weights in -1..1, now and then an extreme; outputs over most of their range.
inline WeightedLayer weighted_layer(kernels::LayerSpec spec, const Shape& weight_shape, const Shape& input,
                                    const Shape& output, std::uint64_t seed, const WeightedOptions& options) {
  Random random(seed);
  const auto count = static_cast<std::size_t>(weight_shape.elements());
  const std::int64_t channels = weight_shape[0];
  if (options.weight_zeros) {
    std::vector<std::int8_t> weights;
    for (std::size_t i = 0; i < count; ++i) weights.push_back(static_cast<std::int8_t>(random.next()));
    std::vector<double> scales;
    std::vector<std::int32_t> zeros;
    for (std::int64_t o = 0; o < channels; ++o) {
      scales.push_back(1.0 / static_cast<double>(100 + random.next() % 100));
      zeros.push_back(static_cast<std::int32_t>(random.next() % 256) - 128);
    }
    const TensorType type{ElementType::int8(Quantisation{scales, zeros, 0}), weight_shape};
    spec.constants["weight"] = std::make_shared<const Tensor>(type, std::span<const std::int8_t>(weights));
  } else {
    std::vector<float> weights;
    for (std::size_t i = 0; i < count; ++i) {
      const auto draw = static_cast<double>(random.next() % 2001);
      weights.push_back(static_cast<float>(i % 13 == 0 ? -1.0 : draw / 1000 - 1));
    }
    const TensorType type{ElementType::float32(), weight_shape};
    spec.constants["weight"] = std::make_shared<const Tensor>(type, std::span<const float>(weights));
    spec.attributes.set("weight_bits", std::int64_t{options.weight_bits});
  }
  std::vector<float> bias;
  for (std::int64_t o = 0; o < channels; ++o) bias.push_back(static_cast<float>(random.next() % 200) / 50 - 2);
  spec.constants["bias"] =
      std::make_shared<const Tensor>(TensorType{ElementType::float32(), Shape{channels}}, std::span<const float>(bias));
  spec.attributes.set("arithmetic", options.arithmetic);
  spec.attributes.set("activation", options.activation);
  const double spread = std::sqrt(static_cast<double>(count) / static_cast<double>(channels)) + 1;
  return {std::move(spec), {quantised(input, 1.0 / 64, options.input_zero)}, {quantised(output, spread / 60, -7)}};
}

inline WeightedLayer dense_layer(const std::string& name, std::int64_t rows, std::int64_t n_in, std::int64_t n_out,
                                 const WeightedOptions& options = {}) {
  return weighted_layer({name, "dense", {}, {}}, Shape{n_out, n_in}, Shape{rows, n_in}, Shape{rows, n_out},
                        static_cast<std::uint64_t>(rows + 7 * n_in + 1000 * n_out), options);
}

struct Conv2d {
  std::int64_t height, width, channels, filters;
  std::int64_t k_h = 3, k_w = 3;
  std::vector<std::int64_t> strides{1, 1}, padding{0, 0, 0, 0}, dilations{1, 1};
  std::int64_t groups = 1;
};

inline WeightedLayer conv_layer(const std::string& name, const Conv2d& c, const WeightedOptions& options = {}) {
  const auto out = [](std::int64_t in, std::int64_t pads, std::int64_t k, std::int64_t dilation, std::int64_t stride) {
    return (in + pads - (k - 1) * dilation - 1) / stride + 1;
  };
  kernels::LayerSpec spec{name, "conv2d", {}, {}};
  spec.attributes.set("strides", c.strides);
  spec.attributes.set("padding", c.padding);
  spec.attributes.set("dilations", c.dilations);
  spec.attributes.set("groups", c.groups);
  const Shape output{out(c.height, c.padding[0] + c.padding[2], c.k_h, c.dilations[0], c.strides[0]),
                     out(c.width, c.padding[1] + c.padding[3], c.k_w, c.dilations[1], c.strides[1]), c.filters};
  return weighted_layer(std::move(spec), Shape{c.filters, c.k_h, c.k_w, c.channels / c.groups},
                        Shape{c.height, c.width, c.channels}, output,
                        static_cast<std::uint64_t>(c.height + 7 * c.channels + 1000 * c.filters), options);
}

}  // namespace algean::rtl
