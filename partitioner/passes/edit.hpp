// What several passes do to graphs.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// Who makes and who reads each value of a verified graph, kept true through the edits of a pass: a look-up does not
// walk the graph. A pass changes the graph's wiring through this only, and calls finish() last.
class Wires {
 public:
  explicit Wires(kernels::Graph& graph);

  // Index into graph.layers of the layer that produces a value; none for a graph input.
  [[nodiscard]] std::optional<std::size_t> producer(kernels::ValueId value) const { return wires_[value].producer; }
  // Indices of the layers that read a value.
  [[nodiscard]] const std::set<std::size_t>& readers(kernels::ValueId value) const { return wires_[value].readers; }
  // The one layer that reads a value which is no graph output; none if there are more readers, or another use.
  [[nodiscard]] std::optional<std::size_t> sole_reader(kernels::ValueId value) const;
  [[nodiscard]] bool is_input(kernels::ValueId value) const { return wires_[value].is_input; }
  [[nodiscard]] bool is_output(kernels::ValueId value) const { return !wires_[value].output_ports.empty(); }
  [[nodiscard]] bool is_erased(std::size_t layer) const { return erased_[layer]; }

  // Whoever reads `from` (layers and output ports) reads `to`.
  void rewire(kernels::ValueId from, kernels::ValueId to);
  // The layer reads `from` as its input-th input.
  void read(std::size_t layer, std::size_t input, kernels::ValueId from);
  // The layer produces `to`, which no other layer does, in place of its one output.
  void produce(std::size_t layer, kernels::ValueId to);
  // The layer reads and produces nothing any more; finish() takes it out. Indices stay until then.
  void erase(std::size_t layer);
  // Takes out what was erased, and values that nothing uses then. The Wires are of no use after this.
  void finish();

 private:
  struct Wire {
    std::optional<std::size_t> producer;
    std::set<std::size_t> readers;
    std::vector<std::size_t> output_ports;  // indices into graph.outputs
    bool is_input = false;
  };

  kernels::Graph& graph_;
  std::vector<Wire> wires_;  // of each value
  std::vector<bool> erased_;
};

// True when the layer computes in float32: a float pass has no business with others.
[[nodiscard]] bool is_float(const kernels::Graph& graph, const kernels::Layer& layer);

}  // namespace algean::partitioner
