#include "cluster/cli/planning.hpp"

#include <algorithm>

#include "cluster/cli/loading.hpp"
#include "cluster/inventory/inventory.hpp"
#include "kernels/program/speed.hpp"
#include "partitioner/problem/problem.hpp"
#include "partitioner/search/search.hpp"

namespace algean::cluster {
namespace {

using partitioner::Plan;
using partitioner::PlanKernel;
using partitioner::Target;
using partitioner::TargetNode;

// Speeds matter where there is a choice or a rate to reach.
std::vector<double> speeds_of(const Target& target, bool has_rate, Context& context) {
  const auto is_open = [](const TargetNode& node) { return node.is_local() && !node.speed_gmacs; };
  std::optional<double> measured;
  if ((target.nodes.size() > 1 || has_rate) && std::ranges::any_of(target.nodes, is_open)) {
    measured = kernels::measure_speed_gmacs(context.families, context.clock);
  }
  return partitioner::speeds_gmacs(target, measured);
}

struct NodeSummary {
  std::vector<std::string> layers;
  double work_macs = 0;
  double time_us = 0;
};

std::vector<NodeSummary> summaries(const Plan& plan) {
  std::vector<NodeSummary> result(plan.nodes.size());
  for (const PlanKernel& kernel : plan.kernels) {
    NodeSummary& node = result[kernel.node];
    node.layers.insert(node.layers.end(), kernel.layers.begin(), kernel.layers.end());
    node.work_macs += kernel.work_macs;
    node.time_us += kernel.work_macs / plan.nodes[kernel.node].speed_gmacs.value_or(1) * 1e-3;
  }
  return result;
}

// Where the node is found: the address that is known before it runs.
std::string address(const TargetNode& node) { return node.is_local() ? node.listen : node.host + " " + node.listen; }

std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.size() > most && i == most - 2) {
      text += ", ... " + std::to_string(names.size() - most + 1) + " more ...";
      i = names.size() - 2;
      continue;
    }
    text += (text.empty() ? "" : ", ") + names[i];
  }
  return text.empty() ? "-" : text;
}

}  // namespace

void add_cluster_and_net(Command& command, std::vector<std::string>& files) {
  command.option("NET", files, "[CLUSTER] NET: a cluster.yaml, which may be left out, and the network",
                 {.required = true});
}

Result<Planned> plan_net(const std::vector<std::string>& files, Context& context,
                         const std::optional<Target>& target_given) {
  if (files.empty() || files.size() > 2) return bad_input("{} files; give [CLUSTER] NET", files.size());
  Inventory inventory = local_inventory();
  if (files.size() == 2) {
    ALGEAN_ASSIGN(inventory, read_inventory(files.front()));
  }
  const Target& target = target_given ? *target_given : inventory.target;
  Planned planned;
  ALGEAN_ASSIGN(planned.loaded, load_net(files.back(), context));
  if (planned.loaded.plan) {
    if (files.size() == 2) {
      return bad_input("{}: a plan has its cluster in it; leave {} out", files.back(), files.front());
    }
    planned.plan = *planned.loaded.plan;
    return planned;
  }
  const kernels::Graph& graph = planned.loaded.runnable();
  const auto& net = planned.loaded.net;
  const auto rate = net ? partitioner::wanted_rate(net->target) : std::nullopt;
  auto problem = partitioner::make_problem(graph, context.families, speeds_of(target, rate.has_value(), context));
  problem.inferences_per_s = rate;
  if (net) {
    const kernels::Graph& named = planned.loaded.has_float() ? planned.loaded.imported : graph;
    ALGEAN_ASSIGN(problem.pins, partitioner::follow_pins(net->layers, named, graph, target));
  }
  ALGEAN_ASSIGN(const auto assignment, partitioner::greedy(problem));
  ALGEAN_ASSIGN(planned.plan,
                partitioner::make_plan(graph, context.families, target, problem.speeds_gmacs, assignment.nodes));
  for (const TargetNode& node : target.nodes) {
    const auto used = std::ranges::find(planned.plan.nodes, node.name, &TargetNode::name);
    if (used == planned.plan.nodes.end()) planned.unused.push_back(node.name);
  }
  return planned;
}

Table plan_table(const Plan& plan) {
  Table table(
      {{"node"}, {"kernels", true}, {"layers"}, {"MACs", true}, {"us", true}, {"bytes out", true}, {"address"}});
  const auto nodes = summaries(plan);
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    const auto kernels = std::ranges::count(plan.kernels, node, &PlanKernel::node);
    table.add({plan.nodes[node].name, std::to_string(kernels), names_text(nodes[node].layers),
               fmt::format("{:.0f}", nodes[node].work_macs), fmt::format("{:.2f}", nodes[node].time_us),
               std::to_string(partitioner::bytes_out(plan, node)), address(plan.nodes[node])});
  }
  return table;
}

Json plan_json(const Plan& plan) {
  Json list = Json::array();
  const auto nodes = summaries(plan);
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    Json kernels = Json::array();
    for (const PlanKernel& kernel : plan.kernels) {
      if (kernel.node == node) kernels.push_back(kernel.id);
    }
    list.push_back({{"name", plan.nodes[node].name},
                    {"host", plan.nodes[node].host},
                    {"listen", plan.nodes[node].listen},
                    {"kernels", std::move(kernels)},
                    {"layers", nodes[node].layers},
                    {"work_macs", nodes[node].work_macs},
                    {"speed_gmacs", plan.nodes[node].speed_gmacs.value_or(0)},
                    {"bytes_out", partitioner::bytes_out(plan, node)}});
  }
  return list;
}

}  // namespace algean::cluster
