#include "runtime/tensor/element_type.hpp"

#include <charconv>

namespace algean {

ElementType ElementType::integer(int bits, bool is_signed, std::optional<Quantisation> quantisation) {
  ALGEAN_INVARIANT(bits >= 1 && bits <= 32);
  ElementType type;
  type.bits_ = bits;
  type.is_signed_ = is_signed;
  type.quantisation_ = std::move(quantisation);
  return type;
}

std::int64_t ElementType::lowest() const {
  ALGEAN_INVARIANT(is_integer());
  return is_signed_ ? -(std::int64_t{1} << (bits_ - 1)) : 0;
}

std::int64_t ElementType::highest() const {
  ALGEAN_INVARIANT(is_integer());
  return (std::int64_t{1} << (is_signed_ ? bits_ - 1 : bits_)) - 1;
}

std::string ElementType::name() const {
  return is_float() ? "float32" : fmt::format("{}int{}", is_signed_ ? "" : "u", bits_);
}

Result<ElementType> ElementType::parse(std::string_view name) {
  if (name == "float32") return float32();
  const bool is_unsigned = name.starts_with("uint");
  const std::size_t skip = is_unsigned ? 4 : 3;
  int bits = 0;
  if ((is_unsigned || name.starts_with("int")) && name.size() > skip && name[skip] != '0') {
    const auto [end, error] = std::from_chars(name.data() + skip, name.data() + name.size(), bits);
    if (error == std::errc() && end == name.data() + name.size() && bits >= 1 && bits <= 32) {
      return integer(bits, !is_unsigned);
    }
  }
  return bad_input("'{}' is no element type: float32, int1..int32 or uint1..uint32", name);
}

ElementType ElementType::with(std::optional<Quantisation> quantisation) const {
  ElementType type = *this;
  type.quantisation_ = std::move(quantisation);
  return type;
}

}  // namespace algean
