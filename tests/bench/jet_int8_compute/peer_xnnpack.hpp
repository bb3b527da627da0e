// The same network as a chain of XNNPACK's int8 fully connected operators, run without a thread pool.
#pragma once

#include <xnnpack.h>

#include <deque>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::bench {

class XnnPack {
 public:
  // A graph of dense layers whose weights have the same scale in every channel: that is what these operators take.
  XnnPack(const kernels::Graph& graph, const Tensor& x);
  ~XnnPack();
  XnnPack(const XnnPack&) = delete;
  XnnPack& operator=(const XnnPack&) = delete;

  void run() {
    for (const xnn_operator_t layer : layers_) (void)xnn_run_operator(layer, nullptr);
  }
  [[nodiscard]] std::vector<std::int8_t> output() const;

 private:
  void add(const kernels::Graph& graph, const kernels::Layer& layer);

  std::vector<xnn_operator_t> layers_;
  std::deque<std::vector<std::int8_t>> activations_;  // with XNN_EXTRA_BYTES behind each
  std::size_t n_out_ = 0;
};

}  // namespace algean::bench
