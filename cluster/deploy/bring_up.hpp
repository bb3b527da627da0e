// From a network cut into parts to a running, checked deployment, or to nothing at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/deploy/assembly.hpp"
#include "cluster/deploy/interrupts.hpp"
#include "cluster/deploy/self_check.hpp"
#include "cluster/deploy/shipment.hpp"
#include "cluster/deploy/state.hpp"
#include "kernels/graph/graph.hpp"
#include "runtime/base/clock.hpp"

namespace algean::cluster {

struct BringUp {
  std::string name;
  bool replace = false;
  std::vector<Shipment> parts;  // by node; their bundles are of this deployment
  // Writes what the parts were cut from into the state folder: plan.json and its graph.
  std::function<Result<>(const std::filesystem::path& folder)> save = [](const auto&) { return Result<>(); };
  std::filesystem::path program;      // this executable
  std::string software;               // its version
  std::vector<Inference> inferences;  // of the self-check
  std::int64_t deadline_ns = 0;       // by the clock, for all of it
  std::int64_t hello_timeout_ns = 5'000'000'000;
  std::int64_t link_timeout_ns = 10'000'000'000;
  std::function<void(std::string_view step)> progress = [](std::string_view) {};
  std::function<void(std::string_view)> warn = [](std::string_view) {};
};

// What became of one node, for people.
struct NodeView {
  std::uint32_t pid = 0;
  std::vector<std::string> layers;
  std::vector<LinkView> links;
};

struct Deployed {
  Deployment deployment;
  std::vector<NodeView> nodes;     // by node
  std::vector<LocalAgent> agents;  // that this process has started; they outlive it
};

// Stages the state folder, starts local agents, ships every part, connects and starts them, waits for every link,
// checks answers of the whole, commits, publishes the folder, and ends the deployment that it replaces. Whatever fails
// before that, an interrupt too, leaves neither process, part nor file, and a deployment to replace as it was.
Result<Deployed> bring_up(const BringUp& plan, const kernels::Graph& graph, kernels::Families families,
                          const StateRoot& states, const Clock& clock, const Interrupts& interrupts);

// Greets the agents that are there already, and starts nothing: the first that is not as it must be is the error.
Result<> greet_agents(const BringUp& plan, const Clock& clock, const Interrupts& interrupts);

}  // namespace algean::cluster
