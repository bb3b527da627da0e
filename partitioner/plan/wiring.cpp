#include "partitioner/plan/wiring.hpp"

#include <algorithm>

#include "runtime/wire/elements.hpp"

namespace algean::partitioner {
namespace {

// Where each value is wanted: input ports of kernels.
std::unordered_map<std::string, std::vector<Destination>> readers_of(const std::vector<PlanKernel>& kernels) {
  std::unordered_map<std::string, std::vector<Destination>> readers;
  for (const PlanKernel& kernel : kernels) {
    for (std::size_t port = 0; port < kernel.inputs.size(); ++port) {
      readers[kernel.inputs[port]].push_back({kernel.id, static_cast<std::uint8_t>(port)});
    }
  }
  return readers;
}

}  // namespace

ValueIds value_ids(const kernels::Graph& graph) {
  ValueIds ids;
  for (kernels::ValueId id = 0; id < graph.values.size(); ++id) ids.emplace(graph.values[id].name, id);
  return ids;
}

std::vector<PlanEdge> edges_of(const std::vector<PlanKernel>& kernels, const kernels::Graph& graph) {
  const ValueIds ids = value_ids(graph);
  const auto readers = readers_of(kernels);
  std::vector<PlanEdge> edges;
  std::set<std::string_view> external;
  const auto add = [&](const std::string& tensor, std::uint16_t from, std::size_t port) -> PlanEdge& {
    const std::size_t bytes = wire::wire_bytes(graph.values[ids.at(tensor)].type);
    edges.push_back({tensor, bytes, from, static_cast<std::uint8_t>(port), {}});
    return edges.back();
  };
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const std::string& tensor = graph.values[graph.inputs[i].value].name;
    external.insert(tensor);
    PlanEdge& edge = add(tensor, client_kernel, i);
    if (const auto found = readers.find(tensor); found != readers.end()) edge.to = found->second;
  }
  for (const PlanKernel& kernel : kernels) {
    for (std::size_t port = 0; port < kernel.outputs.size(); ++port) {
      const std::string& tensor = kernel.outputs[port];
      PlanEdge& edge = add(tensor, kernel.id, port);
      // Who takes an input of the deployment gets it from the client, also where a kernel passes it on to the client.
      const auto found = external.contains(tensor) ? readers.end() : readers.find(tensor);
      if (found != readers.end()) edge.to = found->second;
      for (std::size_t output = 0; output < graph.outputs.size(); ++output) {
        if (graph.outputs[output].value != ids.at(tensor)) continue;
        edge.to.push_back({client_kernel, static_cast<std::uint8_t>(output)});
      }
    }
  }
  return edges;
}

std::set<std::pair<std::uint16_t, std::uint16_t>> linked(const Plan& plan) {
  std::set<std::pair<std::uint16_t, std::uint16_t>> pairs;
  const auto link = [&](std::uint16_t a, std::uint16_t b) {
    if (a != b) pairs.insert(std::minmax(a, b));
  };
  for (const PlanEdge& edge : plan.edges) {
    for (const Destination& to : edge.to) {
      if (edge.from == client_kernel || to.kernel == client_kernel) continue;
      link(plan.kernels[edge.from - 1U].node, plan.kernels[to.kernel - 1U].node);
    }
  }
  for (std::size_t node = 0; node < plan.nodes.size(); ++node) link(plan.home, static_cast<std::uint16_t>(node));
  return pairs;
}

std::optional<std::uint16_t> home_of(const Plan& plan) {
  for (const PlanEdge& edge : plan.edges) {
    if (edge.from == client_kernel && !edge.to.empty()) return plan.kernels[edge.to.front().kernel - 1U].node;
  }
  return std::nullopt;
}

std::vector<std::uint16_t> client_nodes_of(const Plan& plan) {
  std::set<std::uint16_t> nodes;
  for (const PlanEdge& edge : plan.edges) {
    for (const Destination& to : edge.to) {
      if (edge.from == client_kernel) nodes.insert(plan.kernels[to.kernel - 1U].node);
      if (to.kernel == client_kernel) nodes.insert(plan.kernels[edge.from - 1U].node);
    }
  }
  nodes.erase(plan.home);
  std::vector<std::uint16_t> result = {plan.home};
  result.insert(result.end(), nodes.begin(), nodes.end());
  return result;
}

std::size_t input_bytes(const Plan& plan, const kernels::Graph& graph, const ValueIds& ids, std::size_t node) {
  std::size_t bytes = 0;
  for (const PlanKernel& kernel : plan.kernels) {
    if (kernel.node != node) continue;
    for (const std::string& tensor : kernel.inputs) bytes += graph.values[ids.at(tensor)].type.bytes();
  }
  return bytes;
}

}  // namespace algean::partitioner
