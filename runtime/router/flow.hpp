// Flow control by credit, as pure arithmetic. The rules: runtime/wire/FORMAT.md, "Flow control".
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/wire/fields.hpp"

namespace algean::flow {

// What a data frame uses up.
[[nodiscard]] constexpr std::uint32_t charge(std::size_t payload_bytes) {
  return std::max(static_cast<std::uint32_t>(payload_bytes), wire::least_charge);
}

// How far b lies beyond a, modulo 2^32: negative when it does not.
[[nodiscard]] constexpr std::int32_t beyond(std::uint32_t b, std::uint32_t a) {
  return static_cast<std::int32_t>(b - a);
}

inline constexpr std::uint32_t most_window_bytes = 1U << 30U;

// One direction of a session, at the end that sends.
class Sender {
 public:
  // Of the next frame.
  [[nodiscard]] std::uint32_t position() const { return position_; }
  [[nodiscard]] bool may_send(std::uint32_t charge) const { return heard_ && beyond(credit_, position_ + charge) >= 0; }
  void sent(std::uint32_t charge) { position_ += charge; }
  // The last frames were not sent after all: back to the position of the first of them.
  void rewind(std::uint32_t position) { position_ = position; }
  // The credit of a frame that came; old and doubled ones do nothing, nor does one that promises more than a window may
  // hold: after it, honest ones would count as old.
  void hear(std::uint32_t credit) {
    if (beyond(credit, position_) > static_cast<std::int32_t>(most_window_bytes)) return;
    if (heard_ && beyond(credit, credit_) <= 0) return;
    heard_ = true;
    credit_ = credit;
  }

 private:
  std::uint32_t position_ = 0;
  std::uint32_t credit_ = 0;
  bool heard_ = false;
};

// One direction of a session, at the end that receives.
class Receiver {
 public:
  static constexpr int tellings = 2;  // frames that a change is repeated in, at least

  explicit Receiver(std::uint32_t window) : window_(window), last_told_(window) {}

  // A frame that came; `charge` is 0 but for a data frame.
  void accept(std::uint32_t position, std::uint32_t charge) {
    const std::uint32_t end = position + charge;
    if (beyond(end, end_) <= 0) return;
    end_ = end;
    told_ = 0;
  }
  [[nodiscard]] std::uint32_t credit() const { return end_ + window_; }
  // A frame with credit() went.
  void tell() {
    last_told_ = credit();
    told_ = std::min(told_ + 1, tellings);
  }
  [[nodiscard]] bool told_enough() const { return told_ == tellings; }
  // Half of the window was used since a frame last told: time for one.
  [[nodiscard]] bool must_tell() const { return told_ == 0 && credit() - last_told_ >= window_ / 2; }

 private:
  std::uint32_t window_;
  std::uint32_t end_ = 0;
  std::uint32_t last_told_;
  int told_ = 0;  // frames that carried the present credit
};

}  // namespace algean::flow
