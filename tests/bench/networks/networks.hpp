// The networks of the compute benches.
#pragma once

#include <array>

#include "kernels/graph/graph.hpp"
#include "runtime/engine/engine.hpp"

namespace algean::bench {

// examples/01_autoencoder (276-276-184-92x7-184-276-276), trained, imported and quantised as its net.json says.
kernels::Graph autoencoder();
// The first input of that example's test set, quantised.
Tensor autoencoder_input(const kernels::Graph& graph);
// 16-64-32-32-5 of seeded weights, relu but for the last layer.
kernels::Graph jet_tagger();
// A seeded input of a graph with one int8 input.
Tensor random_input(const kernels::Graph& graph);

// Stops the program with both numbers unless the peer's integers are ours but for a last bit that was rounded
// otherwise: at most 2 apart, at most 1 on average (each layer may pass on a difference of the layer before).
void expect_close(const char* name, const Tensor& ours, std::span<const std::int8_t> peers);

// Repeated runs of an engine with one input and one output.
class Call {
 public:
  Call(Engine& engine, Tensor x) : engine_(engine), x_(std::move(x)), y_(engine.outputs()[0].type) {}
  void run() { engine_.run(inputs_, outputs_); }
  [[nodiscard]] const Tensor& output() const { return y_; }

 private:
  Engine& engine_;
  Tensor x_, y_;
  std::array<const std::byte*, 1> inputs_{x_.bytes().data()};
  std::array<std::byte*, 1> outputs_{y_.bytes().data()};
};

}  // namespace algean::bench
