#pragma once

#include <algorithm>
#include <cstdint>

#include "cluster/deploy/interrupts.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

// How long a deployment may still take: until its deadline, or until a signal comes.
struct Allowance {
  const Clock& clock;
  const Interrupts& interrupts;
  std::int64_t deadline_ns = 0;  // by the clock

  // What is left, above 0; an error when there is none or a signal has come.
  [[nodiscard]] Result<std::int64_t> left_ns() const {
    if (interrupts.arrived()) return failed("interrupted; nothing was deployed");
    const std::int64_t left = deadline_ns - clock.now_ns();
    if (left <= 0) return deadline_passed("the deployment was not up in time");
    return left;
  }
  [[nodiscard]] Result<std::int64_t> left_ns(std::int64_t at_most_ns) const {
    ALGEAN_ASSIGN(const std::int64_t left, left_ns());
    return std::min(left, at_most_ns);
  }
};

}  // namespace algean::cluster
