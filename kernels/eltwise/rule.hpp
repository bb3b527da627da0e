// The integer rule of a layer with two operands: from two codes to one.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/family/layer.hpp"
#include "kernels/numeric/joint.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::eltwise {

// The types of the left operand, the right one, and the output, each int8 quantised per tensor.
struct Codes {
  Quantisation a, b, y;
};

// Adds the constants of the layer's rule: `multiplier` and `shift`, or `tables`. bad_input for an operation that the
// arithmetic does not have, and for scales that it cannot express.
Result<> add_constants(LayerSpec& layer, Arithmetic arithmetic, const Codes& codes);

// The constants are those that add_constants() gives (tables: of that type and shape).
Result<> check_rule(const LayerSpec& layer, Arithmetic arithmetic, const Codes& codes);

class Rule {
 public:
  enum class Kind : std::uint8_t { sum, product, largest, smallest, tflite_sum, tflite_product };

  // Of a verified integer layer.
  Rule(const LayerSpec& layer, const Codes& codes);
  [[nodiscard]] std::int8_t operator()(std::int8_t a, std::int8_t b) const;

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const joint::Scale& scale() const { return scale_; }  // of sum and product
  [[nodiscard]] std::int32_t zero_a() const { return zero_a_; }
  [[nodiscard]] std::int32_t zero_b() const { return zero_b_; }
  [[nodiscard]] std::int32_t zero_y() const { return zero_y_; }
  [[nodiscard]] CodeRange range() const { return range_; }
  [[nodiscard]] bool is_difference() const { return is_difference_; }
  // Of tflite_sum: of the left operand, of the right one, of the sum; of tflite_product: one.
  [[nodiscard]] std::span<const std::int32_t> multipliers() const { return multiplier_; }
  [[nodiscard]] std::span<const std::int8_t> shifts() const { return shift_; }
  // largest, smallest: both tables leave every code as it is.
  [[nodiscard]] bool is_plain() const;

 private:
  [[nodiscard]] std::int32_t tflite_operand(std::int32_t centred, std::size_t operand) const;

  Kind kind_ = Kind::sum;
  joint::Scale scale_{};
  std::span<const std::int32_t> multiplier_;  // tflite
  std::span<const std::int8_t> shift_;
  std::span<const std::int8_t> tables_;
  std::int32_t zero_a_ = 0, zero_b_ = 0, zero_y_ = 0;
  bool is_difference_ = false;
  CodeRange range_{-128, 127};
};

}  // namespace algean::kernels::eltwise
