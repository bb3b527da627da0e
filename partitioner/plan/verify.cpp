#include <algorithm>
#include <map>

#include "kernels/graph/extract.hpp"
#include "partitioner/plan/plan.hpp"
#include "partitioner/plan/wiring.hpp"
#include "runtime/base/printable.hpp"
#include "runtime/engine/description.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

class Verifier {
 public:
  Verifier(const Plan& plan, const Graph& graph) : plan_(plan), graph_(graph), ids_(value_ids(graph)) {}

  Result<> run() {
    ALGEAN_TRY(nodes());
    ALGEAN_TRY(kernels());
    ALGEAN_TRY(layers());
    for (const PlanKernel& kernel : plan_.kernels) {
      auto good = reads(kernel);
      if (good) good = gives(kernel);
      if (!good) return std::unexpected(good.error().within(fmt::format("kernel {}", kernel.id)));
    }
    ALGEAN_TRY(fed());
    ALGEAN_TRY(acyclic());
    ALGEAN_TRY(external());
    ALGEAN_TRY(links());
    return limits();
  }

 private:
  Result<> nodes() const;
  Result<> kernels() const;
  Result<> ports(const std::vector<std::string>& tensors, std::string_view what) const;
  Result<> layers();
  Result<> reads(const PlanKernel& kernel) const;
  Result<> gives(const PlanKernel& kernel) const;
  Result<> fed();
  Result<> acyclic() const;
  Result<> external() const;
  Result<> links() const;
  Result<> limits() const;

  [[nodiscard]] bool is_input(ValueId id) const {
    return std::ranges::find(graph_.inputs, id, &kernels::GraphPort::value) != graph_.inputs.end();
  }
  // The kernel that computes a value, none for an input of the deployment and for what no output needs.
  [[nodiscard]] std::optional<std::uint16_t> maker(ValueId id) const {
    const auto found = makers_.find(id);
    return found == makers_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] const std::string& name(ValueId id) const { return graph_.values[id].name; }
  static bool holds(const std::vector<std::string>& list, const std::string& text) {
    return std::ranges::find(list, text) != list.end();
  }

  const Plan& plan_;
  const Graph& graph_;
  ValueIds ids_;
  std::map<std::size_t, std::uint16_t> kernel_of_;  // by index of a layer
  std::map<ValueId, std::uint16_t> makers_;
  std::map<std::string, std::uint16_t> givers_;  // kernel that has a tensor among its outputs
};

Result<> Verifier::nodes() const {
  const std::size_t count = plan_.nodes.size();
  if (count == 0 || count > 0xffff) return bad_input("nodes: {}, must be 1 to 65535", count);
  std::set<std::string_view> names;
  for (const TargetNode& node : plan_.nodes) {
    if (!is_node_name(node.name) || !names.insert(node.name).second) {
      return bad_input("nodes: '{}' is no name, or that of two", printable(node.name));
    }
    if (!node.speed_gmacs || !(*node.speed_gmacs > 0)) return bad_input("node '{}': its speed is unknown", node.name);
  }
  return {};
}

Result<> Verifier::ports(const std::vector<std::string>& tensors, std::string_view what) const {
  if (tensors.empty()) return bad_input("it has no {}", what);
  if (tensors.size() > max_ports) return bad_input("{} {}s, at most {}", tensors.size(), what, max_ports);
  std::set<std::string_view> names;
  for (const std::string& tensor : tensors) {
    if (!ids_.contains(tensor)) return bad_input("{} '{}' is no tensor of the network", what, tensor);
    if (!names.insert(tensor).second) return bad_input("{} '{}' is there twice", what, tensor);
  }
  return {};
}

Result<> Verifier::kernels() const {
  if (plan_.kernels.empty() || plan_.kernels.size() > 0xffff) {
    return bad_input("kernels: {}, must be 1 to 65535", plan_.kernels.size());
  }
  std::set<std::size_t> used;
  for (std::size_t i = 0; i < plan_.kernels.size(); ++i) {
    const PlanKernel& kernel = plan_.kernels[i];
    if (kernel.id != i + 1) return bad_input("kernels[{}]: its id is {}, must be {}", i, kernel.id, i + 1);
    auto good = ports(kernel.inputs, "input");
    if (good) good = ports(kernel.outputs, "output");
    if (good && kernel.node >= plan_.nodes.size()) good = bad_input("node {} does not exist", kernel.node);
    if (!good) return std::unexpected(good.error().within(fmt::format("kernel {}", kernel.id)));
    used.insert(kernel.node);
  }
  for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
    if (!used.contains(node)) return bad_input("node '{}' has no kernel", plan_.nodes[node].name);
  }
  return {};
}

// Each live layer in one kernel, no other anywhere.
Result<> Verifier::layers() {
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < graph_.layers.size(); ++i) known.emplace(graph_.layers[i].spec.name, i);
  const std::vector<bool> live = kernels::live_layers(graph_);
  for (const PlanKernel& kernel : plan_.kernels) {
    for (const std::string& layer : kernel.layers) {
      const auto found = known.find(layer);
      if (found == known.end()) return bad_input("kernel {}: '{}' is no layer of the network", kernel.id, layer);
      if (!live[found->second]) return bad_input("kernel {}: no output needs layer '{}'", kernel.id, layer);
      const auto [place, is_new] = kernel_of_.emplace(found->second, kernel.id);
      if (!is_new) return bad_input("layer '{}' is in kernel {} and in kernel {}", layer, place->second, kernel.id);
    }
  }
  for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
    const Layer& layer = graph_.layers[i];
    if (!live[i]) continue;
    const auto place = kernel_of_.find(i);
    if (place == kernel_of_.end()) return bad_input("layer '{}' is in no kernel", layer.spec.name);
    for (const ValueId id : layer.outputs) makers_.emplace(id, place->second);
  }
  return {};
}

// What the kernel's layers read, it makes or takes; what it takes is read or passed on.
Result<> Verifier::reads(const PlanKernel& kernel) const {
  std::set<std::string_view> read;
  for (const auto& [layer, place] : kernel_of_) {
    if (place != kernel.id) continue;
    for (const ValueId id : graph_.layers[layer].inputs) {
      read.insert(name(id));
      if (maker(id) == kernel.id || holds(kernel.inputs, name(id))) continue;
      return bad_input("layer '{}' reads '{}', which is no input of the kernel", graph_.layers[layer].spec.name,
                       name(id));
    }
  }
  for (const std::string& tensor : kernel.inputs) {
    const ValueId id = ids_.at(tensor);
    if (maker(id) == kernel.id) return bad_input("input '{}' is made by the kernel itself", tensor);
    if (read.contains(tensor) || is_input(id)) continue;
    return bad_input("input '{}' is read by none of its layers", tensor);
  }
  return {};
}

// What others need of what the kernel makes, it gives out; what it gives out, it has and somebody needs.
Result<> Verifier::gives(const PlanKernel& kernel) const {
  std::set<std::string_view> needed;
  for (const auto& [layer, place] : kernel_of_) {
    for (const ValueId id : graph_.layers[layer].inputs) {
      if (place != kernel.id && maker(id) == kernel.id) needed.insert(name(id));
    }
  }
  for (const kernels::GraphPort& port : graph_.outputs) {
    const bool may_pass_on = is_input(port.value) && holds(kernel.inputs, name(port.value));
    const bool passes_on = may_pass_on && holds(kernel.outputs, name(port.value));
    if (passes_on || maker(port.value) == kernel.id) needed.insert(name(port.value));
  }
  for (const std::string_view tensor : needed) {
    if (!holds(kernel.outputs, std::string(tensor))) {
      return bad_input("'{}' is needed elsewhere, but is no output of the kernel", tensor);
    }
  }
  for (const std::string& tensor : kernel.outputs) {
    if (needed.contains(tensor)) continue;
    return bad_input("output '{}' is not made by it, or needed by nobody", tensor);
  }
  return {};
}

// Every tensor has one source.
Result<> Verifier::fed() {
  for (const PlanKernel& kernel : plan_.kernels) {
    for (const std::string& tensor : kernel.outputs) {
      const auto [giver, is_new] = givers_.emplace(tensor, kernel.id);
      if (!is_new) return bad_input("tensor '{}' is given out by kernels {} and {}", tensor, giver->second, kernel.id);
    }
  }
  std::set<std::string_view> taken;
  for (const PlanKernel& kernel : plan_.kernels) {
    for (const std::string& tensor : kernel.inputs) {
      taken.insert(tensor);
      if (is_input(ids_.at(tensor)) || givers_.contains(tensor)) continue;
      return bad_input("kernel {}: no kernel gives out its input '{}'", kernel.id, tensor);
    }
  }
  for (const kernels::GraphPort& port : graph_.inputs) {
    if (!taken.contains(name(port.value))) return bad_input("no kernel takes the input '{}'", port.name);
  }
  for (const kernels::GraphPort& port : graph_.outputs) {
    if (!givers_.contains(name(port.value))) return bad_input("no kernel gives out the output '{}'", port.name);
  }
  return {};
}

// Kernels can be run one after the other. Then each is convex: a path that left one and came back would be a cycle.
Result<> Verifier::acyclic() const {
  std::vector<std::set<std::uint16_t>> behind(plan_.kernels.size() + 1);
  std::vector<std::size_t> waiting(plan_.kernels.size() + 1, 0);  // kernels that must run before
  for (const PlanKernel& kernel : plan_.kernels) {
    for (const std::string& tensor : kernel.inputs) {
      if (is_input(ids_.at(tensor))) continue;
      if (behind[givers_.at(tensor)].insert(kernel.id).second) ++waiting[kernel.id];
    }
  }
  std::vector<std::uint16_t> ready;
  for (const PlanKernel& kernel : plan_.kernels) {
    if (waiting[kernel.id] == 0) ready.push_back(kernel.id);
  }
  std::size_t done = 0;
  for (; done < ready.size(); ++done) {
    for (const std::uint16_t next : behind[ready[done]]) {
      if (--waiting[next] == 0) ready.push_back(next);
    }
  }
  if (done == plan_.kernels.size()) return {};
  const auto stuck = std::ranges::find_if(plan_.kernels, [&](const auto& kernel) { return waiting[kernel.id] > 0; });
  return bad_input("kernel {} waits for its own outputs: kernels form a cycle", stuck->id);
}

Result<> Verifier::external() const {
  const auto names = [](const std::vector<kernels::GraphPort>& ports) {
    std::vector<std::string> result;
    for (const kernels::GraphPort& port : ports) result.push_back(port.name);
    return result;
  };
  if (plan_.inputs != names(graph_.inputs)) return bad_input("inputs: they are not those of the network");
  if (plan_.outputs != names(graph_.outputs)) return bad_input("outputs: they are not those of the network");
  ALGEAN_TRY(check_ports("input", graph_.ports(graph_.inputs)));
  ALGEAN_TRY(check_ports("output", graph_.ports(graph_.outputs)));
  const std::vector<PlanEdge> edges = edges_of(plan_.kernels, graph_);
  if (edges != plan_.edges) {
    const auto differs = std::ranges::mismatch(edges, plan_.edges).in1;
    const auto i = static_cast<std::size_t>(differs - edges.begin());
    return bad_input("edges[{}]: not what follows from kernels and network{}", i,
                     i < edges.size() ? fmt::format(" for tensor '{}'", edges[i].tensor) : "");
  }
  if (plan_.home != home_of(plan_)) return bad_input("home: must be the node that takes the first input");
  if (plan_.client_nodes != client_nodes_of(plan_)) {
    return bad_input("client_nodes: must be home, then the other nodes that take inputs or give outputs");
  }
  return {};
}

Result<> Verifier::links() const {
  std::vector<std::pair<std::uint16_t, std::uint16_t>> pairs;
  for (std::size_t i = 0; i < plan_.links.size(); ++i) {
    const PlanLink& link = plan_.links[i];
    pairs.emplace_back(link.a, link.b);
    if (link.transport != "udp" && link.transport != "tcp") {
      return bad_input("links[{}]: '{}' is no transport", i, link.transport);
    }
    if (link.transport != plan_.links[0].transport) return bad_input("links[{}]: a second transport", i);
    if (link.mtu < lowest_mtu || link.mtu > highest_mtu) return bad_input("links[{}]: mtu {}", i, link.mtu);
  }
  if (std::ranges::equal(pairs, linked(plan_))) return {};
  return bad_input("links: they are not those between nodes that exchange tensors, and with home");
}

Result<> Verifier::limits() const {
  const PlanLimits& limits = plan_.limits;
  const auto in_range = [](std::int64_t value, std::int64_t highest) { return value >= 1 && value <= highest; };
  if (!in_range(limits.inference_deadline_ms, highest_deadline_ms) || !in_range(limits.deploy_deadline_s, 86'400)) {
    return bad_input("limits: deadlines of {} ms and {} s", limits.inference_deadline_ms, limits.deploy_deadline_s);
  }
  if (limits.max_clients < 1 || limits.max_clients > highest_client_slot || limits.max_in_flight < 1) {
    return bad_input("limits: {} clients, {} in flight", limits.max_clients, limits.max_in_flight);
  }
  const std::size_t most = std::size_t{limits.max_clients} * limits.max_in_flight;
  for (std::size_t node = 0; node < plan_.nodes.size(); ++node) {
    const std::size_t bytes = input_bytes(plan_, graph_, ids_, node);
    if (bytes <= max_partial_bytes / most) continue;
    return bad_input(
        "node '{}': {} clients with {} inferences in flight would hold {} bytes each of its kernels' inputs, together "
        "more than {}",
        plan_.nodes[node].name, limits.max_clients, limits.max_in_flight, bytes, max_partial_bytes);
  }
  return {};
}

}  // namespace

Result<> verify(const Plan& plan, const Graph& graph) {
  if (plan.name.empty()) return bad_input("plan: it has no name");
  if (auto good = Verifier(plan, graph).run(); !good) return std::unexpected(good.error().within("plan"));
  return {};
}

}  // namespace algean::partitioner
