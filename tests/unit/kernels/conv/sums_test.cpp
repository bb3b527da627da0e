#include "kernels/conv/sums.hpp"

#include <gtest/gtest.h>

#include "kernels/conv/sums_row.hpp"
#include "runtime/base/random.hpp"

namespace algean::kernels::conv {
namespace {

// Products of float32 numbers are exact, so that a fused multiplication gives no other sums.
TEST(ConvSums, AreTheSameBitsOnEveryCpu) {
#ifndef __x86_64__
  GTEST_SKIP() << "there is one kernel on this CPU";
#else
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) GTEST_SKIP() << "no AVX2 with FMA here";
  Random random(3);
  const auto numbers = [&](std::size_t count) {
    std::vector<double> result(count);
    for (double& value : result) value = static_cast<double>(static_cast<float>(random.unit() - 0.5));
    return result;
  };
  for (std::size_t pixels = 1; pixels <= 8; ++pixels) {
    constexpr std::size_t taps = 3, inputs = 7;
    const std::vector<double> x = numbers(1000), weights = numbers(taps * inputs * sum_lanes),
                              bias = numbers(sum_lanes);
    const double* const at[taps] = {x.data(), &x[40], &x[333]};
    const double* const of[taps] = {weights.data(), &weights[inputs * sum_lanes], &weights[2 * inputs * sum_lanes]};
    for (const bool depthwise : {false, true}) {
      std::vector<double> portable(pixels * sum_lanes), avx2(portable);
      SumRow row{at, of, taps, depthwise ? 1 : inputs, 19, pixels, bias.data(), portable.data()};
      (depthwise ? sums_portable.depthwise : sums_portable.full)(row);
      row.sums = avx2.data();
      (depthwise ? sums_avx2.depthwise : sums_avx2.full)(row);
      EXPECT_EQ(portable, avx2) << pixels << " pixels";
    }
  }
#endif
}

}  // namespace
}  // namespace algean::kernels::conv
