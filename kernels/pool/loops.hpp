// The loops behind kernel.hpp, plain code that the compiler vectorises for the instruction set of each file that
// includes this. All names are the file's own.
#pragma once

#include "kernels/pool/kernel.hpp"

namespace algean::kernels::pool {
namespace {

constexpr long block = 64;  // channels that are kept in registers

template <class Acc, class Take>
inline void over_taps(const Window& w, long channel, long n, Acc* acc, const Take& take) {
  for (long row = 0; row < w.rows; ++row) {
    for (long column = 0; column < w.columns; ++column) {
      const signed char* tap = w.x + row * w.row_bytes + column * w.column_bytes + channel;
      if (n == block) {  // a count that the compiler knows
        for (long c = 0; c < block; ++c) acc[c] = take(acc[c], tap[c]);
      } else {
        for (long c = 0; c < n; ++c) acc[c] = take(acc[c], tap[c]);
      }
    }
  }
}

template <class Acc, class Take>
inline void pool(const Window& w, Acc first, Acc* y, long from, long channels, const Take& take) {
  for (long channel = from; channel < channels; channel += block) {
    const long n = channels - channel < block ? channels - channel : block;
    Acc acc[block];
    for (Acc& value : acc) value = first;
    over_taps(w, channel, n, acc, take);
    for (long c = 0; c < n; ++c) y[channel + c] = acc[c];
  }
}

// A block of channels as a vector (an extension that g++ and clang share), which stays in registers over all taps.
using Block = signed char __attribute__((vector_size(block)));

inline void largest_block(const Window& w, long channel, signed char* y) {
  Block acc;
  __builtin_memcpy(&acc, w.x + channel, sizeof(acc));
  for (long row = 0; row < w.rows; ++row) {
    for (long column = 0; column < w.columns; ++column) {
      Block x;
      __builtin_memcpy(&x, w.x + row * w.row_bytes + column * w.column_bytes + channel, sizeof(x));
      acc = acc < x ? x : acc;
    }
  }
  __builtin_memcpy(y + channel, &acc, sizeof(acc));
}

void largest(const Window& w, signed char* y, long channels) noexcept {
  const long whole = w.rows * w.columns > 0 ? channels / block * block : 0;
  for (long channel = 0; channel < whole; channel += block) largest_block(w, channel, y);
  pool<signed char>(w, -128, y, whole, channels, [](signed char acc, signed char x) { return acc < x ? x : acc; });
}

void sum(const Window& w, int* y, long channels) noexcept {
  pool<int>(w, 0, y, 0, channels, [](int acc, signed char x) { return acc + x; });
}

}  // namespace
}  // namespace algean::kernels::pool
