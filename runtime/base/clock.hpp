// Time comes in as an argument, so that whatever waits can be tested with a clock that a test moves.
#pragma once

#include <cstdint>

namespace algean {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since an arbitrary start; never goes back.
  [[nodiscard]] virtual std::int64_t now_ns() const = 0;
};

// CLOCK_MONOTONIC.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override;
};

}  // namespace algean
