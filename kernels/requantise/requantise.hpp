// From an exact accumulator to an output code, in the arithmetic that a layer names: constants, rules and scalar code
// that all families share. README.md has the constants.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/family/layer.hpp"

namespace algean::kernels {

enum class Arithmetic : std::uint8_t {
  scaled,         // numeric/scaled.hpp: our own quantiser's
  tflite,         // numeric/tflite.hpp: TensorFlow Lite's reference kernels
  tflite_double,  // the same but for fully connected layers as of 2025
};

[[nodiscard]] std::string_view to_text(Arithmetic arithmetic);
// Attribute `arithmetic`; `scaled` where it is absent. bad_input for another text.
Result<Arithmetic> arithmetic_of(const LayerSpec& layer);

// Attribute `activation`, which a layer applies to its sum: "linear" (or absent), "relu", "relu6", "relu_n1_to_1".
Result<> check_activation(const LayerSpec& layer);
// The range of real numbers that it leaves; infinite where it sets no bound.
struct RealRange {
  double low, high;
};
[[nodiscard]] RealRange activation_range(const LayerSpec& layer);
// The same as codes of a quantised int8 output: zero_point + round(float32(bound / scale)), halves away from zero,
// within -128..127 (TensorFlow Lite's CalculateActivationRangeQuantized; the same in every arithmetic).
struct CodeRange {
  std::int32_t low, high;
};
[[nodiscard]] CodeRange activation_codes(const LayerSpec& layer, const Quantisation& output);

// real = scale_x * scale_w / scale_y of one channel, as the arithmetic forms it: in binary64, or where `layer` says
// `scale_product` "float32" (TensorFlow Lite's uint8 and per-tensor kernels) with the product rounded to binary32.
[[nodiscard]] double requantisation_ratio(const LayerSpec& layer, double scale_x, double scale_w, double scale_y);

// Adds the constants `multiplier` and `shift` for ratios[channel], and the attribute `arithmetic`; takes out the
// attribute `scale_product`. bad_input names the channel of a ratio that the arithmetic cannot express.
Result<> add_requantisation(LayerSpec& layer, Arithmetic arithmetic, std::span<const double> ratios);
// The constants are there, of the right types and ranges, and stand for ratios[channel] (within 2^-15 in `scaled`,
// 2^-20 in the others; or are 0).
Result<> check_requantisation(const LayerSpec& layer, Arithmetic arithmetic, std::span<const double> ratios);

// y = clamp(zero + round(acc * ratio[channel]), low, high) of a verified layer.
class Requantiser {
 public:
  struct Channel {
    std::int64_t multiplier;
    std::int32_t shift;  // of its arithmetic: to the right in scaled and tflite_double, to the left in tflite
  };
  Requantiser() = default;
  Requantiser(const LayerSpec& layer, const TensorType& output);

  // The rounded product alone, without zero point and clamp. In `scaled` it may leave int32 by nothing that a clamp to
  // int8 could see: it saturates.
  [[nodiscard]] std::int32_t product(std::int32_t acc, std::size_t channel) const;
  [[nodiscard]] std::int8_t operator()(std::int32_t acc, std::size_t channel) const;

  [[nodiscard]] Arithmetic arithmetic() const { return arithmetic_; }
  [[nodiscard]] std::span<const Channel> channels() const { return channels_; }
  [[nodiscard]] std::int32_t zero() const { return zero_; }
  [[nodiscard]] CodeRange codes() const { return codes_; }

 private:
  Arithmetic arithmetic_ = Arithmetic::scaled;
  std::vector<Channel> channels_;
  std::int32_t zero_ = 0;
  CodeRange codes_{-128, 127};
};

}  // namespace algean::kernels
