#include <nlohmann/json.hpp>

#include "partitioner/plan/text.hpp"

namespace algean::partitioner {
namespace {

using Json = nlohmann::ordered_json;

Json json(const TargetNode& node) {
  Json result{{"name", node.name}, {"host", node.host}, {"listen", node.listen}, {"poll", node.poll}};
  if (!node.cores.empty()) result["cores"] = node.cores;
  result["speed_gmacs"] = node.speed_gmacs.value_or(0);
  return result;
}

Json json(const PlanLink& link) {
  return {{"a", link.a}, {"b", link.b}, {"transport", link.transport}, {"mtu", link.mtu}};
}

Json json(const PlanKernel& kernel) {
  return {{"id", kernel.id},         {"node", kernel.node},     {"work_macs", kernel.work_macs},
          {"layers", kernel.layers}, {"inputs", kernel.inputs}, {"outputs", kernel.outputs}};
}

Json json(const PlanEdge& edge) {
  Json to = Json::array();
  for (const Destination& destination : edge.to) {
    to.push_back({{"kernel", destination.kernel}, {"port", destination.port}});
  }
  return {
      {"tensor", edge.tensor}, {"bytes", edge.bytes}, {"from", edge.from}, {"port", edge.port}, {"to", std::move(to)}};
}

template <class T>
Json list(const std::vector<T>& items) {
  Json result = Json::array();
  for (const T& item : items) result.push_back(json(item));
  return result;
}

}  // namespace

std::string to_text(const Plan& plan) {
  const PlanLimits& limits = plan.limits;
  const Json document{
      {"version", plan_version},
      {"name", plan.name},
      {"graph", {{"file", plan.graph.file}, {"bytes", plan.graph.bytes}, {"sha256", plan.graph.sha256}}},
      {"nodes", list(plan.nodes)},
      {"links", list(plan.links)},
      {"limits",
       {{"inference_deadline_ms", limits.inference_deadline_ms},
        {"deploy_deadline_s", limits.deploy_deadline_s},
        {"max_clients", limits.max_clients},
        {"max_in_flight", limits.max_in_flight}}},
      {"home", plan.home},
      {"client_nodes", plan.client_nodes},
      {"inputs", plan.inputs},
      {"outputs", plan.outputs},
      {"kernels", list(plan.kernels)},
      {"edges", list(plan.edges)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace algean::partitioner
