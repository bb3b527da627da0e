#include "cluster/inspect/trace_sums.hpp"

#include <algorithm>

namespace algean::cluster {
namespace {

double mean_ns(const TraceSum& sum) {
  return sum.count == 0 ? 0 : static_cast<double>(sum.ns) / static_cast<double>(sum.count);
}

}  // namespace

TraceSum difference(const TraceSum& earlier, const TraceSum& later) {
  if (later.count < earlier.count || later.ns < earlier.ns) return {};
  return {later.count - earlier.count, later.ns - earlier.ns};
}

NodeSums sums_of(const control::PartStatus& part) {
  NodeSums sums;
  sums.node = part.name();
  for (const control::KernelStatus& kernel : part.kernels()) {
    sums.kernels.push_back({.id = static_cast<std::uint16_t>(kernel.kernel()),
                            .queue = {kernel.traced(), kernel.queue_ns()},
                            .compute = {kernel.traced(), kernel.compute_ns()}});
  }
  for (const control::LinkStatus& link : part.links()) sums.wires[link.peer()] = {link.traced(), link.wire_ns()};
  sums.wires[client_end] = {part.clients().traced(), part.clients().wire_ns()};
  return sums;
}

NodeSums difference(const NodeSums& earlier, const NodeSums& later) {
  NodeSums sums;
  sums.node = later.node;
  for (const NodeSums::Kernel& kernel : later.kernels) {
    const auto before = std::ranges::find(earlier.kernels, kernel.id, &NodeSums::Kernel::id);
    const NodeSums::Kernel none;
    const NodeSums::Kernel& from = before == earlier.kernels.end() ? none : *before;
    sums.kernels.push_back({kernel.id, difference(from.queue, kernel.queue), difference(from.compute, kernel.compute)});
  }
  for (const auto& [from, sum] : later.wires) {
    const auto before = earlier.wires.find(from);
    sums.wires[from] = difference(before == earlier.wires.end() ? TraceSum{} : before->second, sum);
  }
  return sums;
}

MeanTimes mean_times(std::span<const NodeSums> nodes, const std::map<std::string, TraceSum>& to_client,
                     double most_ns) {
  MeanTimes means;
  const auto add = [&](const std::string& from, const std::string& to, const TraceSum& sum) {
    if (sum.count > 0 && mean_ns(sum) <= most_ns) means.wires.push_back({from, to, mean_ns(sum)});
  };
  for (const NodeSums& node : nodes) {
    for (const NodeSums::Kernel& kernel : node.kernels) {
      means.kernels.push_back({kernel.id, node.node, mean_ns(kernel.queue), mean_ns(kernel.compute)});
    }
    for (const auto& [from, sum] : node.wires) add(from, node.node, sum);
  }
  for (const auto& [from, sum] : to_client) add(from, client_end, sum);
  return means;
}

}  // namespace algean::cluster
