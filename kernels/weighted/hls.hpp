// What layers with constant weights share in HLS C++: the matrix-vector kernel's tables, and which folding to take.
#pragma once

#include <functional>

#include "kernels/family/hls.hpp"

namespace algean::kernels {

// A layer as matrices times vectors (kernels/dense/hls/matvec.hpp).
struct HlsMatrix {
  std::int64_t vectors = 1;  // of one inference, those of all groups
  std::int64_t groups = 1;
  std::int64_t folds = 1, simd = 1;
  std::int64_t n_out = 1, pe = 1;  // of a group
  // The element of constant `weight` that output `out` (of all groups) gives the element `lane` of its vector's beat
  // `fold`; -1: none, that element only fills up.
  std::function<std::int64_t(std::int64_t out, std::int64_t fold, std::int64_t lane)> weight;
};

// Stage "matvec" of a verified integer layer, without its streams.
[[nodiscard]] HlsStage matvec_stage(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                                    const HlsMatrix& matrix);

// A factor of a layer's work: taken `lanes` at a time it takes `steps` cycles.
struct HlsChoice {
  std::int64_t lanes = 1, steps = 1;
};
[[nodiscard]] std::vector<HlsChoice> hls_choices(std::int64_t elements);
// simd of the first and pe of the second, the cheapest with which vectors * steps * steps is at most the
// interval; bad_input where even the fastest take more.
[[nodiscard]] Result<Folding> cheapest_folding(std::int64_t vectors, std::span<const HlsChoice> simd,
                                               std::span<const HlsChoice> pe, std::int64_t interval_cycles);

// The rule's name in kernels/requantise/hls, and the members that every stage with weights has.
[[nodiscard]] std::vector<HlsType> weighted_types(const LayerSpec& layer, bool wide_weights);
[[nodiscard]] std::vector<HlsNumber> weighted_numbers(const LayerSpec& layer, const TensorType& output);

// Weights less their zero points, and what else an output needs, as 64-bit numbers for tables.
struct HlsWeights {
  std::vector<std::int64_t> weight;  // as constant `weight` has them
  std::vector<std::int64_t> bias, multiplier,
      shift;          // an entry an output; bias less zero_x * sum of the weights, mod 2^32
  bool wide = false;  // some weight takes more than 8 bits
};
[[nodiscard]] HlsWeights hls_weights(const LayerSpec& layer, const TensorType& input, const TensorType& output);

}  // namespace algean::kernels
