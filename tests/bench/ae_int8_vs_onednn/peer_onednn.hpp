// The same network as a chain of oneDNN primitives: u8 x s8 -> u8, relu as a post-operation, weights in the layout that
// oneDNN chooses, all made outside the timing.
#pragma once

#include <memory>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::bench {

class OneDnn {
 public:
  enum class Kind : std::uint8_t { inner_product, matmul };
  // A graph of dense layers as networks.hpp makes them: zero point -128 between layers, so that unsigned bytes have
  // zero point 0.
  OneDnn(const kernels::Graph& graph, Kind kind, const Tensor& x);
  ~OneDnn();
  OneDnn(const OneDnn&) = delete;
  OneDnn& operator=(const OneDnn&) = delete;

  void run();
  // The last run's output as our integers.
  [[nodiscard]] std::vector<std::int8_t> output() const;
  // Name of the first layer's implementation.
  [[nodiscard]] std::string implementation() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace algean::bench
