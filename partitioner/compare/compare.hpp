// Runs of one network over the same inputs: the float reference, the integer reference, and everything that should
// compute the same integers, as it is deployed and with its tensors tapped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "partitioner/compare/source.hpp"

namespace algean::partitioner {

// An element of a tensor that a source computed otherwise than the integer reference.
struct Difference {
  std::string source;
  std::size_t inference = 0;
  std::string tensor;
  std::string layer;   // that produces the tensor
  std::string node;    // that the layer lies on; empty where the source knows no nodes
  bool tapped = true;  // false: an output, in a run that was not tapped
  std::size_t element = 0;
  std::int64_t expected = 0;  // of the integer reference
  std::int64_t got = 0;       // of the source
};

// How far the integers of a tensor lie from the float reference, over all inferences. Not a failure.
struct FloatError {
  double largest = 0;  // of the real numbers
  double largest_lsb = 0;
  double snr_db = 0;  // 10 log10(sum of squares / sum of squared errors); infinite where there is no error
};

// A tensor of one source beside the integer reference's: inferences in which they differ.
struct Agreement {
  bool shown = false;        // the source shows the tensor when it is tapped
  std::size_t differs = 0;   // in tapped runs
  std::size_t untapped = 0;  // in runs without taps; of outputs only
};

struct TensorReport {
  std::string tensor;
  std::string layer;                // that produces the tensor; empty for an input
  std::string node;                 // that the layer lies on; empty where no source knows nodes
  std::optional<FloatError> error;  // none where the float graph lacks the tensor
  std::vector<Agreement> sources;   // by source
};

struct SourceReport {
  std::string name;
  std::optional<Difference>
      difference;  // the first: by inference, then tapped before not, by order of layers, by element
};

struct CompareReport {
  std::size_t inferences = 0;
  std::vector<TensorReport> tensors;  // all of the integer graph, in its order
  std::vector<SourceReport> sources;
  // Of the first source that differs.
  [[nodiscard]] const Difference* difference() const;
};

using CompareProgress = std::function<void(std::string_view step, std::size_t done, std::size_t total)>;

// inputs[i]: [batch, extents of integer_graph.inputs[i]...], of float32 or of that port's integers; the same batch for
// all. Tensors are matched by name. First every source answers all inferences without taps, as it is deployed; then it
// is tapped and shows its tensors, inference by inference; in the end it is not tapped, whatever happened. bad_input
// for other inputs (NaN too), for a source that shows a tensor in another type, and for a graph that is not of
// integers; a source's own errors, with its name. A float graph without values (there is none) makes no float errors.
// Runs all inferences: the report covers those behind a difference, too.
Result<CompareReport> compare(const kernels::Graph& float_graph, const kernels::Graph& integer_graph,
                              kernels::Families families, std::span<TensorSource* const> sources,
                              std::span<const Tensor> inputs, const CompareProgress& progress = {});

}  // namespace algean::partitioner
