// Runs of one network over the same inputs: float reference, integer reference, and the compiled program twice: with
// every tensor tapped, and as it is deployed, where tensors that are done with give their memory to others.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "kernels/program/instruction_set.hpp"

namespace algean::partitioner {

// An element of a tensor that the program computed otherwise than the integer reference.
struct Difference {
  std::size_t inference = 0;
  std::string tensor;  // followed by " (program without taps)" where the program differs only when nothing is tapped
  std::string layer;   // that produces the tensor; empty for an input
  std::size_t element = 0;
  std::int64_t expected = 0;  // of the integer reference
  std::int64_t got = 0;       // of the program
};

// How far the integers of a tensor lie from the float reference, over all inferences. Not a failure.
struct TensorReport {
  std::string tensor;
  std::string layer;         // that produces the tensor; empty for an input
  double largest_error = 0;  // of the real numbers
  double largest_error_lsb = 0;
  double snr_db = 0;  // 10 log10(sum of squares / sum of squared errors); infinite where there is no error
};

struct CompareReport {
  std::size_t inferences = 0;
  std::vector<TensorReport> tensors;     // in the order of the integer graph, those that the float graph has too
  std::optional<Difference> difference;  // the first: by inference, then by order of layers, then by element
};

using CompareProgress = std::function<void(std::size_t done, std::size_t total)>;

// inputs[i]: [batch, extents of integer_graph.inputs[i]...], of float32 or of that port's integers; the same batch for
// all. `program_graph` is compiled for `instructions`; it is the integer graph itself but for a test or a graph from
// elsewhere. Tensors are matched by name. bad_input for other inputs (NaN too), or a program_graph that lacks a tensor
// of the integer graph or has it in another type. A float graph without values (there is none) makes no reports. Runs
// all inferences: the reports cover those behind a difference, too.
Result<CompareReport> compare(const kernels::Graph& float_graph, const kernels::Graph& integer_graph,
                              const kernels::Graph& program_graph, kernels::Families families,
                              std::span<const Tensor> inputs, const CompareProgress& progress = {},
                              kernels::InstructionSet instructions = kernels::best_instruction_set());

}  // namespace algean::partitioner
