// The pixels that a kernel's taps meet, one window after the other. Rows of the image are kept in a ring; reading and
// giving out go on side by side. C++14 for Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// In: in_h * in_w pixels of `channels` elements in `lanes`. Out: for each of out_h * out_w positions, for each of
// `groups` runs of beats of a pixel, the taps (rows, then columns), and of each tap the run's beats; outside the image
// `pad`.
//   group_beats     beats in a run; groups * group_beats are a pixel's. One group: window first, as a convolution takes
//                   it; a group for each beat: channels first, as depthwise layers and pooling take it
//   rows_parallel   1: all k_h taps of a column side by side in one beat of k_h * lanes (one group): for first layers,
//                   whose pixels have few channels. The order then is columns, beats, and in a beat rows, lanes
// Config further: in_type, k_h, k_w, stride_h, stride_w, dilation_h, dilation_w, top, left (padding), pad.
// Takes groups * k_h * k_w * group_beats cycles a window (k_w * group_beats where rows are parallel), or a beat a cycle
// of the input where that is more.
template <class Config>
struct window_traits {
  static constexpr int pixel_beats = Config::groups * Config::group_beats;
  static constexpr int tap_rows = Config::rows_parallel ? 1 : Config::k_h;
  static constexpr int beat_rows = Config::rows_parallel ? Config::k_h : 1;
  static constexpr int out_lanes = beat_rows * Config::lanes;
  static constexpr int ring_rows = (Config::k_h - 1) * Config::dilation_h + 1 + Config::stride_h;
  static constexpr long in_beats = static_cast<long>(Config::in_h) * Config::in_w * pixel_beats;
  static constexpr long out_beats =
      static_cast<long>(Config::out_h) * Config::out_w * Config::groups * tap_rows * Config::k_w * Config::group_beats;
};

template <class Config>
void window(stream<typename Config::in_type, Config::lanes>& in,
            stream<typename Config::in_type, window_traits<Config>::out_lanes>& out) {
  using traits = window_traits<Config>;
  using T = typename Config::in_type;
  static_assert(!Config::rows_parallel || Config::groups == 1, "window: parallel rows are of one group");
  constexpr int row_beats = Config::in_w * traits::pixel_beats;
  beat<T, Config::lanes> ring[traits::ring_rows][row_beats];
#pragma HLS ARRAY_PARTITION variable = ring complete dim = 1
  int read_row = 0, read_at = 0;                             // where the next beat of the input belongs
  int y = 0, x = 0, group = 0, tap_y = 0, tap_x = 0, b = 0;  // the next beat of the output
  long to_read = traits::in_beats, to_write = traits::out_beats;
walk:
  while (to_write > 0 || to_read > 0) {
#pragma HLS PIPELINE II = 1
#pragma HLS DEPENDENCE variable = ring inter false
    // Rows before `first` are done with; those up to `last` are needed for this row of windows.
    const int first = to_write > 0 ? y * Config::stride_h - Config::top : Config::in_h;
    const int last = first + (Config::k_h - 1) * Config::dilation_h;
    const bool gives = to_write > 0 && read_row > (last < Config::in_h - 1 ? last : Config::in_h - 1);
    const bool takes = to_read > 0 && read_row < (first > 0 ? first : 0) + traits::ring_rows;
    beat<T, Config::lanes> taken;
    bool is_taken = false;
    if (takes && !gives) {
      taken = in.read();
      is_taken = true;
    } else if (takes) {
      is_taken = in.read_nb(taken);  // never holds up what can be given
    }
    if (gives) {
      beat<T, traits::out_lanes> value;
      const int column = x * Config::stride_w + tap_x * Config::dilation_w - Config::left;
      for (int r = 0; r < traits::beat_rows; ++r) {
#pragma HLS UNROLL
        const int row = first + (tap_y + r) * Config::dilation_h;
        const bool inside = row >= 0 && row < Config::in_h && column >= 0 && column < Config::in_w;
        const beat<T, Config::lanes>& pixel =
            ring[inside ? row % traits::ring_rows : 0]
                [inside ? column * traits::pixel_beats + group * Config::group_beats + b : 0];
        for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
          value.lane[r * Config::lanes + e] = inside ? pixel.lane[e] : T(Config::pad);
        }
      }
      out.write(value);
      --to_write;
      if (++b == Config::group_beats) {
        b = 0;
        if (++tap_x == Config::k_w) {
          tap_x = 0;
          if (++tap_y == traits::tap_rows) {
            tap_y = 0;
            if (++group == Config::groups) {
              group = 0;
              if (++x == Config::out_w) {
                x = 0;
                ++y;
              }
            }
          }
        }
      }
    }
    if (is_taken) {
      ring[read_row % traits::ring_rows][read_at] = taken;
      --to_read;
      if (++read_at == row_beats) {
        read_at = 0;
        ++read_row;
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
