// The same network as a chain of oneDNN primitives: u8 x s8, relu and the block's addition as post-operations of the
// convolution before it, the layouts that oneDNN chooses, all made outside the timing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::bench {

class OneDnnNetwork {
 public:
  // A graph as resnet50() makes them. `x`: int8.
  OneDnnNetwork(const kernels::Graph& graph, const Tensor& x);
  ~OneDnnNetwork();
  OneDnnNetwork(const OneDnnNetwork&) = delete;
  OneDnnNetwork& operator=(const OneDnnNetwork&) = delete;

  void run();
  // The last run's output.
  [[nodiscard]] std::vector<std::int8_t> output() const;
  // Names of the first and of a middle layer's implementation.
  [[nodiscard]] std::string implementation() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace algean::bench
