// Layers in hardware against the reference. A bench holds layers that have nothing to do with each other, each with
// inputs and outputs of its own, in one top: Verilator builds once for many configurations.
//
//   LayerBench bench("dense", library());
//   bench.add(layer, inputs, outputs, {.folding = {4, 2}});   // a float layer, quantised here
//   bench.build();
//   for (const Pattern& pattern : patterns) bench.check(pattern);
//   bench.check_cycles();
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/circuit/project.hpp"
#include "tests/rtl/harness/simulation.hpp"

namespace algean::rtl {

class LayerBench {
 public:
  // Its project lies in the build folder's rtl/NAME.
  LayerBench(std::string name, kernels::Families families);

  // A float layer between tensors of the given integer types: quantise() of its family makes it an integer one.
  void add(const kernels::LayerSpec& layer, const std::vector<TensorType>& inputs,
           const std::vector<TensorType>& outputs, const kernels::LayerHardware& hardware);
  // A layer of integers as it is.
  void add_integer(const kernels::LayerSpec& layer, const std::vector<TensorType>& inputs,
                   const std::vector<TensorType>& outputs, const kernels::LayerHardware& hardware);
  // What its family would choose from; empty (and a failure) where it refuses.
  [[nodiscard]] std::vector<kernels::Folding> foldings(const kernels::LayerSpec& integer_layer,
                                                       const std::vector<TensorType>& inputs,
                                                       const std::vector<TensorType>& outputs,
                                                       const kernels::HardwareOptions& options = {}) const;

  // Writes the project and has it built; random inputs of so many inferences, over the whole range of their types, and
  // what the reference answers. A failure of the test where anything goes wrong; then check() does nothing.
  void build(const BuildOptions& options = {}, std::int64_t inferences = 6);
  // Runs it: every output equals the reference, no rule of streams is broken.
  void check(const Pattern& pattern);
  // Source never idle, sink always ready: every layer's interval and latency are what its family says.
  // `options`: those of build(); `tolerance`: how far the latency may be off, as a part of it.
  void check_cycles(const BuildOptions& options = {}, double tolerance = 0);

  [[nodiscard]] const kernels::Design& design() const { return design_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::string name_;
  kernels::Families families_;
  kernels::Graph graph_;
  std::vector<kernels::LayerHardware> hardware_;
  kernels::Design design_;
  std::filesystem::path folder_;
  bool built_ = false;
};

// A random tensor of an integer type: every value of the type, the extremes more often.
Tensor random_integers(const TensorType& type, std::uint64_t seed);
// Inferences of a graph with its reference's answers.
kernels::Vectors random_vectors(const kernels::Graph& graph, kernels::Families families, std::int64_t inferences,
                                std::uint64_t seed = 1);

}  // namespace algean::rtl
