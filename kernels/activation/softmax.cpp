#include "kernels/activation/softmax.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/numeric/softmax.hpp"

namespace algean::kernels::activation {

namespace {

// Sum of e^(beta * (x - largest)).
double sum_of_exponentials(std::span<const float> x, double beta, double largest) {
  double sum = 0;
  for (const float value : x) sum += std::exp(beta * (static_cast<double>(value) - largest));
  return sum;
}

}  // namespace

void softmax_float(std::span<const float> x, double beta, std::span<float> y) {
  const double largest = *std::ranges::max_element(x);
  const double sum = sum_of_exponentials(x, beta, largest);
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<float>(std::exp(beta * (static_cast<double>(x[i]) - largest)) / sum);
  }
}

void log_softmax_float(std::span<const float> x, std::span<float> y) {
  const double largest = *std::ranges::max_element(x);
  const double logarithm = std::log(sum_of_exponentials(x, 1, largest));
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<float>(static_cast<double>(x[i]) - largest - logarithm);
  }
}

void softmax_integer(std::span<const std::int8_t> x, std::span<const std::uint32_t> exponentials,
                     std::span<std::int8_t> y) noexcept {
  const int largest = *std::ranges::max_element(x);
  const auto exponential = [&](std::int8_t value) {
    return std::uint64_t{exponentials[static_cast<std::size_t>(largest - value)]};
  };
  std::uint64_t sum = 0;
  for (const std::int8_t value : x) sum += exponential(value);
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<std::int8_t>(softmax::scaled_code(exponential(x[i]), sum));
  }
}

std::vector<std::uint32_t> make_exponentials(double scale_x) {
  std::vector<std::uint32_t> result(256);
  for (std::size_t d = 0; d < result.size(); ++d) {
    result[d] =
        static_cast<std::uint32_t>(std::floor(unit_exponential * std::exp(-static_cast<double>(d) * scale_x) + 0.5));
  }
  return result;
}

}  // namespace algean::kernels::activation
