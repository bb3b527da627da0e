// A matrix times vectors: SIMD x PE products a cycle, folds * parts cycles a vector. The vector is read once, while its
// first part of outputs is worked out, and kept for the others. C++14 for Vitis HLS.
#pragma once

#include "kernels/requantise/hls/requantise.hpp"
#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// One vector a row of the input, which has `folds` beats of `simd` elements; one row of `pe` lanes out. Config:
//   vectors         of one inference
//   groups          matrices that take turns; a vector is that of group `number % groups`, and the rows of one turn of
//                   all groups lie side by side in one row of the output
//   folds, simd     elements of a vector: folds * simd, those that fill it up among them
//   n_out, pe       outputs of a group; pe divides them where groups > 1
//   in_type, weight_type, rule (kernels/requantise/hls), zero, low, high
// Tables: weight[(group * parts + part) * folds + fold][pe][simd], and for each output, in the same order and filled
// up, bias (less zero_x * sum of the weights, modulo 2^32), multiplier and shift.
template <class Config>
void matvec(stream<typename Config::in_type, Config::simd>& in, stream<std::int8_t, Config::pe>& out,
            const typename Config::weight_type weight[][Config::pe][Config::simd],
            const std::int32_t bias[][Config::pe],
            const typename Config::rule::multiplier_type multiplier[][Config::pe],
            const std::int16_t shift[][Config::pe]) {
#pragma HLS ARRAY_RESHAPE variable = weight complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = weight complete dim = 3
#pragma HLS ARRAY_RESHAPE variable = bias complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = multiplier complete dim = 2
#pragma HLS ARRAY_RESHAPE variable = shift complete dim = 2
  constexpr int parts = beats_of(Config::n_out, Config::pe);
  static_assert(Config::groups == 1 || Config::n_out % Config::pe == 0, "matvec: lanes must divide a group's outputs");
  beat<typename Config::in_type, Config::simd> vector[Config::folds];
  std::uint32_t acc[Config::pe] = {};  // modulo 2^32; the whole sum fits an int32
#pragma HLS ARRAY_PARTITION variable = acc complete
vectors:
  for (int v = 0; v < Config::vectors; ++v) {
    const int first = v % Config::groups * parts;
  parts:
    for (int part = 0; part < parts; ++part) {
    folds:
      for (int fold = 0; fold < Config::folds; ++fold) {
#pragma HLS PIPELINE II = 1
        if (part == 0) vector[fold] = in.read();
        const beat<typename Config::in_type, Config::simd> x = vector[fold];
        beat<std::int8_t, Config::pe> y;
        for (int p = 0; p < Config::pe; ++p) {
#pragma HLS UNROLL
          std::int32_t sum = 0;
          for (int s = 0; s < Config::simd; ++s) {
#pragma HLS UNROLL
            sum += x.lane[s] * weight[(first + part) * Config::folds + fold][p][s];
          }
          acc[p] = (fold == 0 ? static_cast<std::uint32_t>(bias[first + part][p]) : acc[p]) +
                   static_cast<std::uint32_t>(sum);
          const bool is_output = part * Config::pe + p < Config::n_out;
          y.lane[p] = is_output && fold == Config::folds - 1
                          ? static_cast<std::int8_t>(
                                Config::rule::apply(static_cast<std::int32_t>(acc[p]), multiplier[first + part][p],
                                                    shift[first + part][p], Config::zero, Config::low, Config::high))
                          : std::int8_t(0);
        }
        if (fold == Config::folds - 1) out.write(y);
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
