// Largest element and average of windows that come channels first (kernels/conv/hls/window.hpp). A beat a cycle. C++14
// for Vitis HLS.
#pragma once

#include "kernels/requantise/hls/requantise.hpp"
#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// In: for each of `windows` positions, for each beat of a pixel, `taps` beats of `lanes` elements, padding as -128.
// Out: a row of `channels` elements. Config further: in_type, low, high.
template <class Config>
void max_pool(stream<typename Config::in_type, Config::lanes>& in,
              stream<typename Config::in_type, Config::lanes>& out) {
  using T = typename Config::in_type;
  constexpr int channel_beats = beats_of(Config::channels, Config::lanes);
  T largest[Config::lanes] = {};
#pragma HLS ARRAY_PARTITION variable = largest complete
windows:
  for (int w = 0; w < Config::windows; ++w) {
  channels:
    for (int b = 0; b < channel_beats; ++b) {
    taps:
      for (int tap = 0; tap < Config::taps; ++tap) {
#pragma HLS PIPELINE II = 1
        const beat<T, Config::lanes> x = in.read();
        beat<T, Config::lanes> y;
        for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
          largest[e] = tap == 0 || x.lane[e] > largest[e] ? x.lane[e] : largest[e];
          y.lane[e] = b * Config::lanes + e < Config::channels
                          ? static_cast<T>(clamped(largest[e], Config::low, Config::high))
                          : T(0);
        }
        if (tap == Config::taps - 1) out.write(y);
      }
    }
  }
}

// From the sum of a window to its average. `count` is what the window counts, at least 1.
struct scaled_average {
  template <class Config>
  static std::int32_t apply(std::int32_t sum, int count, const std::int32_t* multiplier, const std::int16_t* shift) {
#pragma HLS INLINE
    const int k = Config::counts == 1 ? 0 : count - 1;
    return kernels::scaled::requantise(sum - Config::taps * Config::zero_x, multiplier[k], shift[k], Config::zero,
                                       Config::low, Config::high);
  }
};
// Rounds halves away from zero; there is no zero point.
struct tflite_average {
  template <class Config>
  static std::int32_t apply(std::int32_t sum, int count, const std::int32_t*, const std::int16_t*) {
#pragma HLS INLINE
    return clamped((sum > 0 ? sum + count / 2 : sum - count / 2) / count, Config::low, Config::high);
  }
};
// Rounds halves up, as codes that are 128 higher do.
struct tflite_half_up_average {
  template <class Config>
  static std::int32_t apply(std::int32_t sum, int count, const std::int32_t*, const std::int16_t*) {
#pragma HLS INLINE
    return clamped((static_cast<std::int64_t>(sum) + 128LL * count + count / 2) / count - 128, Config::low,
                   Config::high);
  }
};

// As max_pool; padding is the code that adds nothing to the sum: zero_x (scaled), 0 (tflite). Config further: average
// (one of the above), out_h, out_w, counts, zero_x, zero. Tables: rows counted by windows of each row, columns by each
// column; and of the scaled rule multiplier and shift for `counts` counts 1, 2, ..., or the one that all windows have.
template <class Config>
void average_pool(stream<typename Config::in_type, Config::lanes>& in,
                  stream<typename Config::in_type, Config::lanes>& out, const std::int32_t* rows,
                  const std::int32_t* columns, const std::int32_t* multiplier, const std::int16_t* shift) {
  using T = typename Config::in_type;
  constexpr int channel_beats = beats_of(Config::channels, Config::lanes);
  std::int32_t acc[Config::lanes] = {};
#pragma HLS ARRAY_PARTITION variable = acc complete
rows:
  for (int i = 0; i < Config::out_h; ++i) {
  columns:
    for (int j = 0; j < Config::out_w; ++j) {
    channels:
      for (int b = 0; b < channel_beats; ++b) {
      taps:
        for (int tap = 0; tap < Config::taps; ++tap) {
#pragma HLS PIPELINE II = 1
          const beat<T, Config::lanes> x = in.read();
          beat<T, Config::lanes> y;
          for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
            acc[e] = (tap == 0 ? 0 : acc[e]) + x.lane[e];
            const bool is_output = b * Config::lanes + e < Config::channels && tap == Config::taps - 1;
            y.lane[e] = is_output ? static_cast<T>(Config::rule::template apply<Config>(acc[e], rows[i] * columns[j],
                                                                                        multiplier, shift))
                                  : T(0);
          }
          if (tap == Config::taps - 1) out.write(y);
        }
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
