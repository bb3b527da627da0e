#include <algorithm>
#include <map>

#include "kernels/graph/extract.hpp"
#include "partitioner/plan/plan.hpp"
#include "partitioner/plan/wiring.hpp"
#include "runtime/engine/description.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::ValueId;

constexpr std::uint16_t most_clients = 64;
constexpr std::uint16_t most_in_flight = 16;
constexpr std::size_t max_kernels = 0xffff;

class Maker {
 public:
  Maker(const Graph& graph, kernels::Families families, const Target& target, const std::vector<double>& speeds_gmacs,
        const std::vector<std::size_t>& nodes)
      : graph_(graph), families_(families), target_(target), speeds_gmacs_(speeds_gmacs), nodes_(nodes) {}

  Result<Plan> run() {
    plan_.name = graph_.name;
    for (const kernels::GraphPort& port : graph_.inputs) plan_.inputs.push_back(port.name);
    for (const kernels::GraphPort& port : graph_.outputs) plan_.outputs.push_back(port.name);
    ALGEAN_TRY(group());
    number_nodes();
    find_ports();
    for (const PlanKernel& kernel : plan_.kernels) {
      if (std::max(kernel.inputs.size(), kernel.outputs.size()) <= max_ports) continue;
      return bad_input("node `{}`: a kernel has {} inputs and {} outputs, at most {} each can be numbered",
                       plan_.nodes[kernel.node].name, kernel.inputs.size(), kernel.outputs.size(), max_ports);
    }
    ALGEAN_TRY(check_ports("input", graph_.ports(graph_.inputs)));
    ALGEAN_TRY(check_ports("output", graph_.ports(graph_.outputs)));
    plan_.edges = edges_of(plan_.kernels, graph_);
    plan_.home = home_of(plan_).value_or(0);
    plan_.client_nodes = client_nodes_of(plan_);
    for (const auto& [a, b] : linked(plan_)) {
      plan_.links.push_back({a, b, target_.link(used_[a], used_[b]).transport, target_.mtu(used_[a], used_[b])});
    }
    ALGEAN_TRY(choose_limits());
    ALGEAN_TRY(verify(plan_, graph_));
    return std::move(plan_);
  }

 private:
  // Layers into kernels; kernels' nodes are still those of the target.
  Result<> group();
  void number_nodes();
  void find_ports();
  void pass_on();
  Result<> choose_limits();

  const Graph& graph_;
  kernels::Families families_;
  const Target& target_;
  const std::vector<double>& speeds_gmacs_;
  const std::vector<std::size_t>& nodes_;
  Plan plan_;
  std::vector<std::size_t> used_;                    // nodes of the target, by node of the plan
  std::vector<std::optional<std::size_t>> makers_;   // kernel (index) that makes each value
  std::vector<std::set<ValueId>> inputs_, outputs_;  // of each kernel
  std::vector<std::vector<std::size_t>> layers_;     // of each kernel
};

Result<> Maker::group() {
  const std::vector<bool> live = kernels::live_layers(graph_);
  std::vector<std::optional<std::size_t>> producers(graph_.values.size());
  std::vector<std::size_t> stages(graph_.layers.size(), 0);
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> groups;  // layers by (stage, node)
  for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
    if (!live[i]) continue;
    for (const ValueId id : graph_.layers[i].inputs) {
      if (!producers[id]) continue;
      const std::size_t before = *producers[id];
      stages[i] = std::max(stages[i], stages[before] + (nodes_[before] == nodes_[i] ? 0U : 1U));
    }
    for (const ValueId id : graph_.layers[i].outputs) producers[id] = i;
    groups[{stages[i], nodes_[i]}].push_back(i);
  }
  if (groups.empty()) groups[{0, 0}] = {};  // every output is an input passed on
  if (groups.size() > max_kernels) return bad_input("{} kernels, at most {}", groups.size(), max_kernels);
  for (auto& [where, layers] : groups) {
    PlanKernel& kernel = plan_.kernels.emplace_back();
    kernel.id = static_cast<std::uint16_t>(plan_.kernels.size());
    kernel.node = static_cast<std::uint16_t>(where.second);
    for (const std::size_t i : layers) {
      const kernels::Layer& layer = graph_.layers[i];
      kernel.layers.push_back(layer.spec.name);
      kernel.work_macs += kernels::find_family(families_, layer.spec.operation)
                              ->work(layer.spec, graph_.types(layer.inputs), graph_.types(layer.outputs));
    }
    layers_.push_back(std::move(layers));
  }
  return {};
}

// Nodes of the plan are those of the target that have a kernel.
void Maker::number_nodes() {
  std::map<std::size_t, std::uint16_t> numbers;
  for (const PlanKernel& kernel : plan_.kernels) numbers[kernel.node] = 0;
  for (auto& [node, number] : numbers) {
    number = static_cast<std::uint16_t>(used_.size());
    used_.push_back(node);
    plan_.nodes.push_back(target_.nodes.at(node));
    plan_.nodes.back().speed_gmacs = speeds_gmacs_.at(node);
  }
  for (PlanKernel& kernel : plan_.kernels) kernel.node = numbers[kernel.node];
}

void Maker::find_ports() {
  makers_.resize(graph_.values.size());
  inputs_.resize(layers_.size());
  outputs_.resize(layers_.size());
  for (std::size_t kernel = 0; kernel < layers_.size(); ++kernel) {
    for (const std::size_t layer : layers_[kernel]) {
      for (const ValueId id : graph_.layers[layer].outputs) makers_[id] = kernel;
    }
  }
  for (std::size_t kernel = 0; kernel < layers_.size(); ++kernel) {
    for (const std::size_t layer : layers_[kernel]) {
      for (const ValueId id : graph_.layers[layer].inputs) {
        if (makers_[id] == kernel) continue;
        inputs_[kernel].insert(id);
        if (makers_[id]) outputs_[*makers_[id]].insert(id);
      }
    }
  }
  pass_on();
  for (std::size_t kernel = 0; kernel < layers_.size(); ++kernel) {
    for (const ValueId id : inputs_[kernel]) plan_.kernels[kernel].inputs.push_back(graph_.values[id].name);
    for (const ValueId id : outputs_[kernel]) plan_.kernels[kernel].outputs.push_back(graph_.values[id].name);
  }
}

// Outputs of the deployment, which may be inputs of it; and inputs that nobody reads, which somebody must take.
void Maker::pass_on() {
  const auto taker = [&](ValueId id) {
    const auto found = std::ranges::find_if(inputs_, [&](const auto& inputs) { return inputs.contains(id); });
    return found == inputs_.end() ? std::size_t{0} : static_cast<std::size_t>(found - inputs_.begin());
  };
  for (const kernels::GraphPort& port : graph_.inputs) inputs_[taker(port.value)].insert(port.value);
  for (const kernels::GraphPort& port : graph_.outputs) {
    outputs_[makers_[port.value].value_or(taker(port.value))].insert(port.value);
  }
}

Result<> Maker::choose_limits() {
  const Limits& wanted = target_.limits;
  const ValueIds ids = value_ids(graph_);
  std::uint16_t clients = wanted.max_clients.value_or(most_clients);
  std::uint16_t in_flight = wanted.max_in_flight.value_or(most_in_flight);
  const auto at_most = [](std::uint16_t count, std::size_t fitting) {
    return static_cast<std::uint16_t>(std::max<std::size_t>(1, std::min<std::size_t>(count, fitting)));
  };
  for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
    const std::size_t bytes = std::max<std::size_t>(1, input_bytes(plan_, graph_, ids, node));
    if (!wanted.max_clients) clients = at_most(clients, max_partial_bytes / (bytes * in_flight));
    if (!wanted.max_in_flight) in_flight = at_most(in_flight, max_partial_bytes / (bytes * clients));
  }
  plan_.limits = {wanted.inference_deadline_ms, wanted.deploy_deadline_s, clients, in_flight};
  return {};
}

}  // namespace

Result<Plan> make_plan(const Graph& graph, kernels::Families families, const Target& target,
                       const std::vector<double>& speeds_gmacs, const std::vector<std::size_t>& nodes_of_layers) {
  ALGEAN_INVARIANT(nodes_of_layers.size() == graph.layers.size());
  return Maker(graph, families, target, speeds_gmacs, nodes_of_layers).run();
}

kernels::Graph kernel_graph(const Graph& graph, const PlanKernel& kernel) {
  const ValueIds ids = value_ids(graph);
  const auto find = [&](const std::vector<std::string>& tensors) {
    std::vector<ValueId> result;
    for (const std::string& tensor : tensors) result.push_back(ids.at(tensor));
    return result;
  };
  std::set<std::string_view> names(kernel.layers.begin(), kernel.layers.end());
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (names.contains(graph.layers[i].spec.name)) layers.push_back(i);
  }
  return kernels::extract(graph, fmt::format("{}.{}", graph.name, kernel.id), layers, find(kernel.inputs),
                          find(kernel.outputs));
}

std::size_t bytes_out(const Plan& plan, std::size_t node) {
  std::size_t bytes = 0;
  for (const PlanEdge& edge : plan.edges) {
    if (edge.from == client_kernel || plan.kernels[edge.from - 1U].node != node) continue;
    for (const Destination& to : edge.to) {
      const bool stays = to.kernel != client_kernel && plan.kernels[to.kernel - 1U].node == node;
      if (!stays) bytes += edge.bytes;
    }
  }
  return bytes;
}

}  // namespace algean::partitioner
