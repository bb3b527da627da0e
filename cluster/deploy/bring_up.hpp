// From a graph to a running, checked deployment, or to nothing at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/deploy/interrupts.hpp"
#include "cluster/deploy/node_process.hpp"
#include "cluster/deploy/self_check.hpp"
#include "cluster/deploy/state.hpp"
#include "kernels/graph/graph.hpp"
#include "runtime/base/clock.hpp"

namespace algean::cluster {

struct BringUp {
  std::string name;
  bool replace = false;
  std::string listen = "127.0.0.1:0";
  std::string poll = "auto";
  std::string cores;                  // of the node; empty: all
  std::filesystem::path program;      // this executable
  std::vector<Inference> inferences;  // of the self-check
  std::int64_t deadline_ns = 0;       // by the clock, for all of it
  std::function<void(std::string_view step)> progress = [](std::string_view) {};
};

struct Deployed {
  Deployment deployment;
  NodeProcess node;  // ends with this, unless released
};

// Stages the state folder, starts the node, waits until it is ready, checks its answers, publishes the folder, and ends
// the deployment that it replaces. Whatever fails on the way, an interrupt too, leaves neither process nor file, and a
// replaced deployment as it was.
Result<Deployed> bring_up(const BringUp& plan, const kernels::Graph& graph, kernels::Families families,
                          const StateRoot& states, const Clock& clock, const Interrupts& interrupts);

// Words of the hidden command that is a node process; its graph is `graph`.
std::vector<std::string> serve_arguments(const BringUp& plan, const std::filesystem::path& graph);

}  // namespace algean::cluster
