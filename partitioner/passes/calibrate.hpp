// The range of real numbers that each value of a float graph takes, measured on a user's sample of inputs.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

struct CalibrationMethod {
  enum class Kind : std::uint8_t {
    minmax,      // lowest and highest value seen
    percentile,  // without the outermost (100 - percent) %, half of it at each end
    mse,         // the clipping with the least mean squared quantisation error at 8 bits
  };
  Kind kind = Kind::minmax;
  double percent = 99.99;  // of percentile
};

// "minmax", "mse", "percentile" (99.99) or "percentile:99.9"; bad_input otherwise.
Result<CalibrationMethod> parse_calibration_method(std::string_view text);

using CalibrationProgress = std::function<void(std::size_t done, std::size_t total)>;

// Ranges by ValueId. inputs[i] holds float32 [batch, extents of graph.inputs[i]...]; the same batch for all. Runs the
// float reference once an inference for minmax, twice for the others (the second fills histograms of 2048 bins),
// several inferences at a time on a CPU of several cores; the result is the same. One thread at a time calls
// `progress`. bad_input for NaN or infinity in inputs or constants, and for an inference that overflows float32, naming
// tensor and element.
Result<std::vector<kernels::Range>> calibrate(const kernels::Graph& graph, kernels::Families families,
                                              std::span<const Tensor> inputs, CalibrationMethod method,
                                              const CalibrationProgress& progress = {});

// bad_input names the first element that is NaN or infinite by its place in the tensor ("element [3,17] is nan").
Result<> check_finite(const Tensor& tensor);
// The same for all float32 constants; names layer and constant.
Result<> check_finite_constants(const kernels::Graph& graph);

}  // namespace algean::partitioner
