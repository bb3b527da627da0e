#include "cluster/cli/traced_run.hpp"

#include "cluster/cli/build.hpp"
#include "cluster/deploy/survey.hpp"

namespace algean::cluster {
namespace {

constexpr std::int64_t agent_timeout_ns = 5'000'000'000;

}  // namespace

Result<> TracedRun::begin(const std::string& deployment) {
  ALGEAN_ASSIGN(deployment_, context_.states.read(deployment));
  ALGEAN_ASSIGN(layout_, read_layout(deployment_, context_.states));
  ALGEAN_ASSIGN(before_, look());
  client_.set_trace(true);
  return {};
}

Result<TimeReport> TracedRun::end(double mean_ns) {
  client_.set_trace(false);
  ALGEAN_ASSIGN(const Sums after, look());
  std::vector<NodeSums> nodes;
  for (std::size_t i = 0; i < after.nodes.size(); ++i) {
    nodes.push_back(difference(before_.nodes[i], after.nodes[i]));
  }
  std::map<std::string, TraceSum> to_client;
  for (const auto& [node, sum] : after.to_client) to_client[node] = difference(before_.to_client[node], sum);
  const MeanTimes times = mean_times(nodes, to_client, mean_ns);
  return TimeReport{longest_way(times.kernels, times.wires, layout_.hops), mean_ns, inferences_};
}

Result<TracedRun::Sums> TracedRun::look() const {
  Sums sums;
  const auto nodes = survey(deployment_, build_version, agent_timeout_ns, context_.clock);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].part) return failed("node {}: {}", deployment_.nodes[i].name, nodes[i].why);
    sums.nodes.push_back(sums_of(*nodes[i].part));
    sums.nodes.back().node = deployment_.nodes[i].name;
  }
  for (const NodeTrace& trace : client_.trace()) sums.to_client[trace.node] = {trace.frames, trace.wire_ns};
  return sums;
}

}  // namespace algean::cluster
