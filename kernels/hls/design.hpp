// A network in HLS C++: stages a layer, and what joins them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/family/hls.hpp"
#include "kernels/graph/graph.hpp"

namespace algean::kernels {

struct HlsDesignLayer {
  std::size_t layer = 0;  // of the graph
  std::string name;       // "conv1": an identifier, no other layer's
  Folding folding;
  HlsLayer stages;
};

// A call in the whole network's function: of a layer, or of a kernel that joins layers.
struct HlsCall {
  std::optional<std::size_t> layer;  // of HlsDesign::layers
  HlsStage stage;                    // where it is no layer; its streams are the network's
  std::vector<std::size_t> inputs, outputs;
};

// A stream of the network, and how many beats its FIFO has.
struct HlsLink {
  HlsStream stream;
  std::int64_t depth = 2;
};

struct HlsDesign {
  std::string name;                    // of the graph
  std::vector<HlsDesignLayer> layers;  // in the graph's order
  std::vector<HlsLink> links;
  std::vector<HlsCall> calls;       // each after those that write what it reads
  std::vector<std::size_t> inputs;  // links, for each of the graph's ports
  std::vector<std::size_t> outputs;
};

// For each layer the cheapest folding with which it takes at most that many cycles an inference (0: the smallest there
// is), or that many a row of its output where it has a reuse factor, by the layer's name. `graph` is one that verify()
// accepted. bad_input names a layer that has no HLS, and why.
Result<std::vector<Folding>> choose_hls_foldings(const Graph& graph, Families families, std::int64_t interval_cycles,
                                                 const std::map<std::string, std::int64_t>& reuse_factors = {});

// The network with a folding a layer. bad_input also for one that its layer cannot have.
Result<HlsDesign> make_hls_design(const Graph& graph, Families families, std::span<const Folding> foldings);

}  // namespace algean::kernels
