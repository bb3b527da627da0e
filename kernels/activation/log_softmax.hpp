// log_softmax over a row, in integers (README.md has the rule).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::activation {

// The constants of an integer layer, but for `exponentials`, which softmax_integer() has, too.
struct LogSoftmax {
  std::span<const std::uint32_t> exponentials;
  std::int32_t step = 0;
  std::span<const std::int32_t> octaves, mantissas;
  std::int32_t zero = 0;  // of the output

  // Of a verified integer layer.
  LogSoftmax(const LayerSpec& layer, const Quantisation& output);
  // y and x have the same size, at least 1.
  void operator()(std::span<const std::int8_t> x, std::span<std::int8_t> y) const noexcept;
};

// Adds the constants. bad_input for scales whose ratios 32 bits cannot express.
Result<> add_log_softmax(LayerSpec& layer, const Quantisation& from, const Quantisation& to);
Result<> check_log_softmax(const LayerSpec& layer);

}  // namespace algean::kernels::activation
