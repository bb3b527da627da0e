// From the sum of a window's codes to the average's code.
#pragma once

#include "kernels/pool/geometry.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::pool {

// The scaled rule's ratio for each count that its constants have: n = 1, 2, ..., or the one that all windows have.
// bad_input for more counts, or larger ones, than are accepted.
Result<std::vector<double>> average_ratios(const Geometry& geometry, double scale_x, double scale_y);

class Average {
 public:
  // Of a verified integer layer.
  Average(const LayerSpec& layer, const Geometry& geometry, const TensorType& input, const TensorType& output);
  // The sum of `taps` codes, which counts as `count`.
  [[nodiscard]] std::int8_t operator()(std::int32_t sum, std::int64_t taps, std::int64_t count) const;

 private:
  Requantiser requantiser_;  // scaled
  bool is_scaled_ = true;
  bool is_half_up_ = false;
  bool has_one_count_ = true;
  std::int32_t zero_x_ = 0;
  CodeRange range_{-128, 127};
};

}  // namespace algean::kernels::pool
