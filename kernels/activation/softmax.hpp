// Softmax over a row, in real numbers and in integers (README.md has the rule).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace algean::kernels::activation {

inline constexpr std::uint32_t unit_exponential = 1U << 20U;  // E[0]

// y and x have the same size, at least 1.
// beta > 0.
void softmax_float(std::span<const float> x, double beta, std::span<float> y);
void log_softmax_float(std::span<const float> x, std::span<float> y);
// exponentials: 256 entries, the first unit_exponential, none larger.
void softmax_integer(std::span<const std::int8_t> x, std::span<const std::uint32_t> exponentials,
                     std::span<std::int8_t> y) noexcept;
// The 256 exponentials of an input scale.
std::vector<std::uint32_t> make_exponentials(double scale_x);

}  // namespace algean::kernels::activation
