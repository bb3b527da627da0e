// What travels between kernels of one chip: beats of LANES elements. A tensor [.., C] travels as rows of C elements,
// each row in ceil(C / LANES) beats, and lanes of a row's last beat that hold no element are 0. C++14 for Vitis HLS.
#pragma once

#include <hls_stream.h>

#include <cstdint>

namespace algean {
namespace hls {

template <class T, int LANES>
struct beat {
  static_assert(LANES >= 1, "a beat has at least one lane");
  T lane[LANES];
};

template <class T, int LANES>
using stream = ::hls::stream<beat<T, LANES>>;

constexpr int beats_of(int elements, int lanes) { return (elements + lanes - 1) / lanes; }
constexpr int smaller(int a, int b) { return a < b ? a : b; }

// The beat whose lanes are all 0.
template <class T, int LANES>
beat<T, LANES> zero_beat() {
#pragma HLS INLINE
  beat<T, LANES> result;
  for (int i = 0; i < LANES; ++i) {
#pragma HLS UNROLL
    result.lane[i] = 0;
  }
  return result;
}

}  // namespace hls
}  // namespace algean
