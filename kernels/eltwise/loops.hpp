// The loops behind kernel.hpp, plain code that the compiler vectorises for the instruction set of each file that
// includes this. All names are the file's own.
#pragma once

#include "kernels/eltwise/kernel.hpp"

namespace algean::kernels::eltwise {
namespace {

inline int clamp(int value, int low, int high) {
  const int raised = value < low ? low : value;
  return raised > high ? high : raised;
}

// f(a, b) over n elements, with code of its own for each way of stepping.
template <class Function>
inline void join(const signed char* __restrict a, int step_a, const signed char* __restrict b, int step_b,
                 signed char* __restrict y, long n, const Function& f) {
  if (step_a == 0) {
    const int left = +a[0];
    for (long i = 0; i < n; ++i) y[i] = static_cast<signed char>(f(left, static_cast<int>(b[i * step_b])));
  } else if (step_b == 0) {
    const int right = +b[0];
    for (long i = 0; i < n; ++i) y[i] = static_cast<signed char>(f(static_cast<int>(a[i]), right));
  } else {
    for (long i = 0; i < n; ++i) y[i] = static_cast<signed char>(f(static_cast<int>(a[i]), static_cast<int>(b[i])));
  }
}

void sum(const Params& p, const signed char* a, int step_a, const signed char* b, int step_b, signed char* y,
         long n) noexcept {
  const Params q = p;  // a copy, so that writes to y cannot change it
  join(a, step_a, b, step_b, y, n, [&q](int left, int right) {
    return clamp(q.zero + ((left * q.m0 + right * q.m1 + q.offset) >> q.shift), q.low, q.high);
  });
}

void product(const Params& p, const signed char* a, int step_a, const signed char* b, int step_b, signed char* y,
             long n) noexcept {
  const Params q = p;
  join(a, step_a, b, step_b, y, n, [&q](int left, int right) {
    return clamp(q.zero + (((left - q.zero_a) * (right - q.zero_b) * q.m0 + q.offset) >> q.shift), q.low, q.high);
  });
}

void largest(const Params&, const signed char* a, int step_a, const signed char* b, int step_b, signed char* y,
             long n) noexcept {
  join(a, step_a, b, step_b, y, n, [](int left, int right) { return left < right ? right : left; });
}

void smallest(const Params&, const signed char* a, int step_a, const signed char* b, int step_b, signed char* y,
              long n) noexcept {
  join(a, step_a, b, step_b, y, n, [](int left, int right) { return right < left ? right : left; });
}

// Rounding division by 2^n, halves away from zero, n 0..31: `half` is 2^(n-1), and `minus` -1, or both 0 for n 0.
struct Divider {
  explicit Divider(int right) : half(right > 0 ? 1 << (right - 1) : 0), minus(right > 0 ? -1 : 0), shift(right) {}
  int half, minus, shift;
  int operator()(int value) const {
    // No overflow: what these rules divide is below 2^29, and half is at most 2^30.
    return (value + half + ((value >> 31) & minus)) >> shift;
  }
};

// (a * b + 2^30) >> 31, of which the lower 32 bits are taken: the product does not saturate here.
inline int high_product(int a, int b) {
  const long product = static_cast<long>(a) * b + (1L << 30);
  return static_cast<int>(static_cast<unsigned>(static_cast<unsigned long>(product) >> 31));
}

// high_product(x << 20, m), |x| < 2^9: x * m / 2^11, rounded half up, in 32 bits.
struct Upscaled {
  explicit Upscaled(int multiplier) : upper(multiplier >> 11), lower(multiplier & 2047) {}
  int upper, lower;
  int operator()(int x) const { return x * upper + ((x * lower + 1024) >> 11); }
};

[[maybe_unused]] void tflite_sum(const TfliteParams& p, const signed char* a, int step_a, const signed char* b,
                                 int step_b, signed char* y, long n) noexcept {
  const Upscaled up_a(p.multiplier_a);
  const Upscaled up_b(p.multiplier_b < 0 ? -p.multiplier_b : p.multiplier_b);
  const int sign_b = p.multiplier_b < 0 ? -1 : 1;
  const Divider down_a(p.right_a), down_b(p.right_b), down(p.right);
  const TfliteParams q = p;
  join(a, step_a, b, step_b, y, n, [&](int left, int right) {
    const int sum = down_a(up_a(left - q.zero_a)) + sign_b * down_b(up_b(right - q.zero_b));
    return clamp(q.zero + down(high_product(sum, q.multiplier)), q.low, q.high);
  });
}

[[maybe_unused]] void tflite_product(const TfliteParams& p, const signed char* a, int step_a, const signed char* b,
                                     int step_b, signed char* y, long n) noexcept {
  const Divider down(p.right);
  const TfliteParams q = p;
  join(a, step_a, b, step_b, y, n, [&](int left, int right) {
    const int product = (left - q.zero_a) * (right - q.zero_b);
    return clamp(q.zero + down(high_product(product, q.multiplier)), q.low, q.high);
  });
}

}  // namespace
}  // namespace algean::kernels::eltwise
