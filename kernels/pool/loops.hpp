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
inline void pool(const Window& w, Acc first, Acc* y, long channels, const Take& take) {
  for (long channel = 0; channel < channels; channel += block) {
    const long n = channels - channel < block ? channels - channel : block;
    Acc acc[block];
    for (Acc& value : acc) value = first;
    over_taps(w, channel, n, acc, take);
    for (long c = 0; c < n; ++c) y[channel + c] = acc[c];
  }
}

void largest(const Window& w, signed char* y, long channels) noexcept {
  pool<signed char>(w, -128, y, channels, [](signed char acc, signed char x) { return acc < x ? x : acc; });
}

void sum(const Window& w, int* y, long channels) noexcept {
  pool<int>(w, 0, y, channels, [](int acc, signed char x) { return acc + x; });
}

}  // namespace
}  // namespace algean::kernels::pool
