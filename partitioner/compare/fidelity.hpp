#pragma once

#include <unordered_map>

#include "partitioner/compare/compare.hpp"

namespace algean::partitioner {

// Gathers how far the integer graph's tensors lie from the float graph's of the same names.
class Fidelity {
 public:
  // The graphs outlive it.
  Fidelity(const kernels::Graph& float_graph, const kernels::Graph& integer_graph);

  // One inference: a tensor of the float graph, then the integer graph's tensors.
  void expect(kernels::ValueId float_value, const Tensor& tensor);
  void add(kernels::ValueId integer_value, const Tensor& tensor);
  // None for a tensor that the float graph lacks.
  [[nodiscard]] std::optional<FloatError> error(kernels::ValueId integer_value) const;

 private:
  struct Sums {
    std::optional<kernels::ValueId> float_value;
    double largest_error = 0;
    double signal = 0;
    double noise = 0;
  };

  const kernels::Graph& graph_;
  std::vector<Sums> sums_;        // by value of the integer graph
  std::vector<Tensor> expected_;  // by value of the float graph, of the current inference
};

}  // namespace algean::partitioner
