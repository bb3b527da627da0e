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
    const int left = a[0];
    for (long i = 0; i < n; ++i) y[i] = static_cast<signed char>(f(left, static_cast<int>(b[i * step_b])));
  } else if (step_b == 0) {
    const int right = b[0];
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

}  // namespace
}  // namespace algean::kernels::eltwise
