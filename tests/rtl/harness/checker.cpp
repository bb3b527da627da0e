#include "tests/rtl/harness/checker.hpp"

#include <fmt/format.h>

#include <array>

namespace algean::rtl {

std::optional<std::string> Checker::take(const Beat& beat) {
  if (!done() && !items_[item_].whole && beat.mark) next();
  if (done()) return fmt::format("gave {} behind the end", beat.text());
  const std::vector<Beat>& beats = items_[item_].beats;
  if (at_ == beats.size()) return fmt::format("gave {} instead of a marker", beat.text());
  if (beat != beats[at_]) {
    return fmt::format("gave {} instead of {}, beat {} of item {}", beat.text(), beats[at_].text(), at_, item_);
  }
  if (++at_ == beats.size() && items_[item_].whole) next();
  return std::nullopt;
}

Elements random_tensor(const StreamShape& shape, Random& random) {
  const std::int64_t most = static_cast<std::int64_t>((std::uint64_t{1} << (shape.bits - 1)) - 1);
  const std::array<std::int64_t, 4> extremes{-most - 1, most, 0, -1};
  Elements tensor(shape.size());
  for (std::int64_t& element : tensor) {
    const std::uint64_t bits = random();
    element = bits % 4 == 0 ? extremes[(bits >> 8) % 4] : static_cast<std::int64_t>(bits) >> (64 - shape.bits);
  }
  return tensor;
}

}  // namespace algean::rtl
