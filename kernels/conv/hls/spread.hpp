// Pixels with others between them and around them: what turns a transposed convolution into a plain one. C++14 for
// Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// In: in_h * in_w pixels of `channels` elements in `lanes`. Out: out_h * out_w, of which pixel (top + i * step_h, left
// + j * step_w) is input pixel (i, j), and the others are `pad`; input pixels that have no place are dropped. Config:
// in_type too.
template <class Config>
void spread(stream<typename Config::in_type, Config::lanes>& in, stream<typename Config::in_type, Config::lanes>& out) {
  using T = typename Config::in_type;
  constexpr int pixel_beats = beats_of(Config::channels, Config::lanes);
  // Rows and columns of the walk reach over all pixels of the input, whether they have a place or not.
  constexpr int first_y = Config::top < 0 ? Config::top : 0;
  constexpr int first_x = Config::left < 0 ? Config::left : 0;
  constexpr int in_end_y = Config::top + (Config::in_h - 1) * Config::step_h + 1;
  constexpr int in_end_x = Config::left + (Config::in_w - 1) * Config::step_w + 1;
  constexpr int end_y = in_end_y > Config::out_h ? in_end_y : Config::out_h;
  constexpr int end_x = in_end_x > Config::out_w ? in_end_x : Config::out_w;
rows:
  for (int y = first_y; y < end_y; ++y) {
  columns:
    for (int x = first_x; x < end_x; ++x) {
    beats:
      for (int b = 0; b < pixel_beats; ++b) {
#pragma HLS PIPELINE II = 1
        const bool is_input = y >= Config::top && y < in_end_y && (y - Config::top) % Config::step_h == 0 &&
                              x >= Config::left && x < in_end_x && (x - Config::left) % Config::step_w == 0;
        beat<T, Config::lanes> value;
        if (is_input) {
          value = in.read();
        } else {
          for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
            value.lane[e] = b * Config::lanes + e < Config::channels ? T(Config::pad) : T(0);
          }
        }
        if (y >= 0 && y < Config::out_h && x >= 0 && x < Config::out_w) out.write(value);
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
