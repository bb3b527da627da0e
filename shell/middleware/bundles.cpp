#include <algorithm>

#include "kernels/graph/text.hpp"
#include "shell/middleware/middleware.hpp"

namespace algean::shell {
namespace {

using kernels::Graph;
using partitioner::Plan;
using partitioner::PlanEdge;
using partitioner::PlanKernel;
using partitioner::PlanLink;

const std::vector<Destination>& destinations(const Plan& plan, std::uint16_t from, std::size_t port) {
  const auto is_it = [&](const PlanEdge& edge) { return edge.from == from && edge.port == port; };
  return std::ranges::find_if(plan.edges, is_it)->to;
}

std::uint16_t maker_of_output(const Plan& plan, std::size_t output) {
  const Destination client{client_kernel, static_cast<std::uint8_t>(output)};
  const auto leads_there = [&](const PlanEdge& edge) { return std::ranges::find(edge.to, client) != edge.to.end(); };
  return std::ranges::find_if(plan.edges, leads_there)->from;
}

// What every node is told alike.
Bundle common(const Plan& plan, const Graph& graph, const std::string& deployment) {
  Bundle bundle;
  bundle.deployment = deployment;
  bundle.network = plan.name;
  bundle.home = plan.home;
  bundle.max_clients = plan.limits.max_clients;
  bundle.max_in_flight = plan.limits.max_in_flight;
  bundle.inference_deadline_ms = plan.limits.inference_deadline_ms;
  const auto inputs = graph.ports(graph.inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    bundle.inputs.push_back({inputs[i], destinations(plan, client_kernel, i)});
  }
  const auto outputs = graph.ports(graph.outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) bundle.outputs.push_back({outputs[i], maker_of_output(plan, i)});
  for (const std::uint16_t node : plan.client_nodes) bundle.client_nodes.push_back({node, plan.nodes[node].name});
  for (const PlanKernel& kernel : plan.kernels) bundle.places.push_back({kernel.id, kernel.node});
  return bundle;
}

std::vector<std::uint16_t> kernels_on(const Plan& plan, std::uint16_t node) {
  std::vector<std::uint16_t> result;
  for (const PlanKernel& kernel : plan.kernels) {
    if (kernel.node == node) result.push_back(kernel.id);
  }
  return result;
}

std::vector<BundlePeer> peers_of(const Plan& plan, std::uint16_t node) {
  std::vector<BundlePeer> peers;
  for (const PlanLink& link : plan.links) {
    if (link.a != node && link.b != node) continue;
    const std::uint16_t other = link.a == node ? link.b : link.a;
    peers.push_back({other, plan.nodes[other].name, kernels_on(plan, other), link.transport, link.mtu});
  }
  return peers;
}

// The values that a kernel's layers make.
std::vector<std::string> taps_of(const Graph& part) {
  std::vector<std::string> taps;
  for (const kernels::Layer& layer : part.layers) {
    for (const kernels::ValueId id : layer.outputs) taps.push_back(part.values[id].name);
  }
  return taps;
}

void add_kernel(NodeBundle& to, const Plan& plan, const Graph& graph, const PlanKernel& kernel, bool taps) {
  const Graph part = partitioner::kernel_graph(graph, kernel);
  to.files.push_back(kernels::serialise(part));
  BundleKernel& entry = to.bundle.kernels.emplace_back();
  entry.id = kernel.id;
  entry.file = fmt::format("kernel{}.graph", kernel.id);
  entry.sha256 = sha256_hex(to.files.back());
  entry.bytes = to.files.back().size();
  entry.layers = kernel.layers;
  if (taps) entry.taps = taps_of(part);
  for (std::size_t port = 0; port < kernel.outputs.size(); ++port) {
    entry.routes.push_back(destinations(plan, kernel.id, port));
  }
}

}  // namespace

Result<std::vector<NodeBundle>> make_bundles(const Plan& plan, const Graph& graph, const std::string& deployment,
                                             const BundleOptions& options) {
  const std::vector<unsigned> polling = partitioner::polling_threads(plan.nodes);
  const Bundle shared = common(plan, graph, deployment);
  const bool over_tcp = !plan.links.empty() && plan.links.front().transport == "tcp";
  std::vector<NodeBundle> result;
  for (std::size_t index = 0; index < plan.nodes.size(); ++index) {
    const auto node = static_cast<std::uint16_t>(index);
    const partitioner::TargetNode& from = plan.nodes[node];
    NodeBundle& made = result.emplace_back(NodeBundle{shared, {}});
    Bundle& bundle = made.bundle;
    bundle.node = node;
    bundle.name = from.name;
    bundle.listen = (over_tcp ? "tcp://" : "") + from.listen;
    bundle.poll = from.poll;
    bundle.cores = from.cores;
    bundle.polling_threads = polling[node];
    bundle.peers = peers_of(plan, node);
    for (const PlanKernel& kernel : plan.kernels) {
      if (kernel.node == node) add_kernel(made, plan, graph, kernel, options.taps);
    }
    const std::string where = fmt::format("{}/{}", from.name, bundle_file);
    ALGEAN_ASSIGN(const Bundle again, parse_bundle(to_text(bundle), where));
    if (again != bundle) return bad_input("{}: JSON cannot carry all names of layers and tensors", where);
  }
  return result;
}

}  // namespace algean::shell
