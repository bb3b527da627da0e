// A network in hardware: a netlist a layer, and one that joins them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kernels/family/hardware.hpp"
#include "kernels/graph/graph.hpp"

namespace algean::kernels {

// How one layer is to be built.
struct LayerHardware {
  Folding folding;
  HardwareOptions options;
};

// A layer's modules, printed as one module of its own.
struct DesignLayer {
  std::string layer;   // of the graph
  std::string module;  // "layer_conv1_3fa2": of its modules and their parameters
  Folding folding;
  Cycles cycles;
  Netlist netlist;
};

// An external tensor: stream `stream` of the top.
struct DesignPort {
  std::string name;  // the graph's
  TensorType type;
  std::size_t stream = 0;
};

struct Design {
  std::string name;                 // of the graph
  std::vector<DesignLayer> layers;  // in the graph's order
  // Instances are layers (module is that of a DesignLayer, no parameters) and what connects them (of the library, with
  // parameters). A stream without a reader is always ready.
  Netlist top;
  std::vector<std::optional<std::size_t>> layer_of;  // for each instance of the top, its layer
  std::vector<DesignPort> inputs;
  std::vector<DesignPort> outputs;
  // Cycles from one inference to the next, source never idle and sink always ready: of the slowest layer or stream.
  std::int64_t interval = 0;
  // No inference takes longer from its first beat in to its last one out, and most take half of it: tensors are taken
  // to come at the network's pace even where they come at once.
  std::int64_t longest = 0;
};

// How a tensor of that type travels, in beats of one element. bad_input where streams cannot carry it: floats, unsigned
// integers, or more elements than a shape may have.
[[nodiscard]] Result<Stream> stream_of(const TensorType& type);

// Load ports of the design, by the name of what is behind each ("conv1.weights"), in order.
[[nodiscard]] std::vector<std::string> loaders(const Design& design);

}  // namespace algean::kernels
