#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean {

// real = scale * (integer - zero_point). One scale and zero point for the tensor (axis < 0), or one per index of
// `axis`.
struct Quantisation {
  std::vector<double> scales;             // each finite and > 0
  std::vector<std::int32_t> zero_points;  // as many as scales; each representable in the element type
  int axis = -1;

  static Quantisation per_tensor(double scale, std::int32_t zero_point) { return {{scale}, {zero_point}, -1}; }
  [[nodiscard]] double scale() const { return scales.at(0); }
  [[nodiscard]] std::int32_t zero_point() const { return zero_points.at(0); }
  bool operator==(const Quantisation&) const = default;
};

// Type of one element: float32, or a signed or unsigned integer of 1 to 32 bits, with a quantisation where its integers
// stand for real numbers. In memory an integer takes 1, 2 or 4 bytes (the next that fits), sign-extended, little
// endian.
class ElementType {
 public:
  ElementType() = default;  // float32
  static ElementType float32() { return {}; }
  static ElementType integer(int bits, bool is_signed, std::optional<Quantisation> quantisation = std::nullopt);
  static ElementType int8(std::optional<Quantisation> quantisation = std::nullopt) {
    return integer(8, true, std::move(quantisation));
  }
  static ElementType int32(std::optional<Quantisation> quantisation = std::nullopt) {
    return integer(32, true, std::move(quantisation));
  }

  [[nodiscard]] bool is_float() const { return bits_ == 0; }
  [[nodiscard]] bool is_integer() const { return bits_ != 0; }
  [[nodiscard]] bool is_signed() const { return is_signed_; }
  [[nodiscard]] int bits() const { return is_float() ? 32 : bits_; }
  [[nodiscard]] std::size_t bytes() const { return bits() <= 8 ? 1 : bits() <= 16 ? 2 : 4; }
  [[nodiscard]] std::int64_t lowest() const;   // of an integer type
  [[nodiscard]] std::int64_t highest() const;  // of an integer type
  [[nodiscard]] const std::optional<Quantisation>& quantisation() const { return quantisation_; }
  // "float32", "int8", "uint4": without the quantisation.
  [[nodiscard]] std::string name() const;
  // Inverse of name(); bad_input otherwise.
  static Result<ElementType> parse(std::string_view name);
  // The same type with another (or no) quantisation.
  [[nodiscard]] ElementType with(std::optional<Quantisation> quantisation) const;
  bool operator==(const ElementType&) const = default;

 private:
  int bits_ = 0;  // 0: float32
  bool is_signed_ = true;
  std::optional<Quantisation> quantisation_;
};

}  // namespace algean
