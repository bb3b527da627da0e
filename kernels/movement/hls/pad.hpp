// Rows and columns of a constant around an image. A beat a cycle. C++14 for Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// In: in_h * in_w pixels of `channels` elements in `lanes`. Out: in_h + top + bottom rows of in_w + left + right
// pixels. Config: in_type, fill too.
template <class Config>
void pad(stream<typename Config::in_type, Config::lanes>& in, stream<typename Config::in_type, Config::lanes>& out) {
  using T = typename Config::in_type;
  constexpr int pixel_beats = beats_of(Config::channels, Config::lanes);
rows:
  for (int y = -Config::top; y < Config::in_h + Config::bottom; ++y) {
  columns:
    for (int x = -Config::left; x < Config::in_w + Config::right; ++x) {
    beats:
      for (int b = 0; b < pixel_beats; ++b) {
#pragma HLS PIPELINE II = 1
        beat<T, Config::lanes> value;
        for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
          value.lane[e] = b * Config::lanes + e < Config::channels ? T(Config::fill) : T(0);
        }
        if (y >= 0 && y < Config::in_h && x >= 0 && x < Config::in_w) value = in.read();
        out.write(value);
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
