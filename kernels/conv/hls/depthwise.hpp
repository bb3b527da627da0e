// Depthwise convolution of windows that come channels first: a multiplier for each of `lanes` channels and of the
// `multiplier` outputs of each. A beat a cycle. C++14 for Vitis HLS.
#pragma once

#include "kernels/requantise/hls/requantise.hpp"
#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// In: for each of `windows` positions, for each of `channel_beats` beats of a pixel, `taps` beats of `lanes` elements.
// Out: a row of channels * factor elements, in lanes * factor; output c * factor + j is of channel c. Config further:
// in_type, weight_type, rule, channels, zero, low, high. Tables: weight[beat * taps + tap][lanes * factor]; bias,
// multiplier and shift [beat][lanes * factor], as matvec's.
template <class Config>
void depthwise(stream<typename Config::in_type, Config::lanes>& in,
               stream<std::int8_t, Config::lanes * Config::factor>& out,
               const typename Config::weight_type weight[][Config::lanes * Config::factor],
               const std::int32_t bias[][Config::lanes * Config::factor],
               const typename Config::rule::multiplier_type multiplier[][Config::lanes * Config::factor],
               const std::int16_t shift[][Config::lanes * Config::factor]) {
#pragma HLS ARRAY_RESHAPE variable = weight complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = bias complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = multiplier complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = shift complete dim = 2
  constexpr int outputs = Config::lanes * Config::factor;
  constexpr int channel_beats = beats_of(Config::channels, Config::lanes);
  std::uint32_t acc[outputs] = {};
#pragma HLS ARRAY_PARTITION variable = acc complete
windows:
  for (int w = 0; w < Config::windows; ++w) {
  channels:
    for (int b = 0; b < channel_beats; ++b) {
    taps:
      for (int tap = 0; tap < Config::taps; ++tap) {
#pragma HLS PIPELINE II = 1
        const beat<typename Config::in_type, Config::lanes> x = in.read();
        beat<std::int8_t, outputs> y;
        for (int i = 0; i < outputs; ++i) {
#pragma HLS UNROLL
          const std::int32_t product = x.lane[i / Config::factor] * weight[b * Config::taps + tap][i];
          acc[i] = (tap == 0 ? static_cast<std::uint32_t>(bias[b][i]) : acc[i]) + static_cast<std::uint32_t>(product);
          const bool is_output = b * Config::lanes + i / Config::factor < Config::channels && tap == Config::taps - 1;
          y.lane[i] =
              is_output
                  ? static_cast<std::int8_t>(Config::rule::apply(static_cast<std::int32_t>(acc[i]), multiplier[b][i],
                                                                 shift[b][i], Config::zero, Config::low, Config::high))
                  : std::int8_t(0);
        }
        if (tap == Config::taps - 1) out.write(y);
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
