#include "partitioner/plan/text.hpp"
#include "runtime/base/file.hpp"
#include "runtime/document/fields.hpp"

namespace algean::partitioner {
namespace {

constexpr std::int64_t highest_16 = 0xffff;

using document::list;
using document::number;
using document::text;

// Of a layer or tensor: the model's own, whatever it holds.
Result<std::string> name(const Element& element) { return element.string(); }

Result<> read_graph_name(const Element& root, PlanGraph& graph) {
  ALGEAN_ASSIGN(const Element value, root.at("graph"));
  ALGEAN_TRY(value.check_keys({"file", "bytes", "sha256"}));
  ALGEAN_ASSIGN(graph.file, text(value, "file"));
  if (graph.file.find('/') != std::string::npos || graph.file == "." || graph.file == "..") {
    ALGEAN_ASSIGN(const Element file, value.at("file"));
    return file.wrong("must be a plain file name: the graph lies beside the plan");
  }
  ALGEAN_ASSIGN(graph.bytes, number<std::uint64_t>(value, "bytes", 1, static_cast<std::int64_t>(max_file_bytes)));
  ALGEAN_ASSIGN(graph.sha256, text(value, "sha256"));
  return {};
}

Result<double> positive(const Element& map, std::string_view key, bool or_zero) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  ALGEAN_ASSIGN(const double result, value.number());
  if (result > 0 || (or_zero && result == 0)) return result;
  return value.wrong(or_zero ? "must not be negative" : "must be above 0");
}

Result<TargetNode> node(const Element& value) {
  ALGEAN_TRY(value.check_keys({"name", "host", "listen", "poll", "cores", "speed_gmacs"}));
  TargetNode result;
  ALGEAN_ASSIGN(result.name, text(value, "name"));
  ALGEAN_ASSIGN(result.host, text(value, "host"));
  ALGEAN_ASSIGN(result.listen, text(value, "listen"));
  ALGEAN_ASSIGN(const Element poll, value.at("poll"));
  ALGEAN_TRY(poll.one_of({"auto", "spin", "yield", "block"}));
  ALGEAN_ASSIGN(result.poll, poll.string());
  if (value.find("cores")) {
    ALGEAN_ASSIGN(result.cores, text(value, "cores"));
  }
  ALGEAN_ASSIGN(result.speed_gmacs, positive(value, "speed_gmacs", false));
  return result;
}

Result<PlanLink> link(const Element& value) {
  ALGEAN_TRY(value.check_keys({"a", "b", "transport", "mtu"}));
  PlanLink result;
  ALGEAN_ASSIGN(result.a, number<std::uint16_t>(value, "a", 0, highest_16));
  ALGEAN_ASSIGN(result.b, number<std::uint16_t>(value, "b", 0, highest_16));
  ALGEAN_ASSIGN(result.transport, text(value, "transport"));
  ALGEAN_ASSIGN(result.mtu, number<std::size_t>(value, "mtu", lowest_mtu, highest_mtu));
  return result;
}

Result<> read_limits(const Element& root, PlanLimits& limits) {
  constexpr std::int64_t day_s = 86'400;
  ALGEAN_ASSIGN(const Element value, root.at("limits"));
  ALGEAN_TRY(value.check_keys({"inference_deadline_ms", "deploy_deadline_s", "max_clients", "max_in_flight"}));
  ALGEAN_ASSIGN(limits.inference_deadline_ms,
                number<std::int64_t>(value, "inference_deadline_ms", 1, highest_deadline_ms));
  ALGEAN_ASSIGN(limits.deploy_deadline_s, number<std::int64_t>(value, "deploy_deadline_s", 1, day_s));
  ALGEAN_ASSIGN(limits.max_clients, number<std::uint16_t>(value, "max_clients", 1, highest_client_slot));
  ALGEAN_ASSIGN(limits.max_in_flight, number<std::uint16_t>(value, "max_in_flight", 1, highest_16));
  return {};
}

Result<PlanKernel> kernel(const Element& value) {
  ALGEAN_TRY(value.check_keys({"id", "node", "work_macs", "layers", "inputs", "outputs"}));
  PlanKernel result;
  ALGEAN_ASSIGN(result.id, number<std::uint16_t>(value, "id", 1, highest_16));
  ALGEAN_ASSIGN(result.node, number<std::uint16_t>(value, "node", 0, highest_16));
  ALGEAN_ASSIGN(result.work_macs, positive(value, "work_macs", true));
  ALGEAN_ASSIGN(result.layers, list(value, "layers", name));
  ALGEAN_ASSIGN(result.inputs, list(value, "inputs", name));
  ALGEAN_ASSIGN(result.outputs, list(value, "outputs", name));
  return result;
}

Result<Destination> destination(const Element& value) {
  ALGEAN_TRY(value.check_keys({"kernel", "port"}));
  Destination result;
  ALGEAN_ASSIGN(result.kernel, number<std::uint16_t>(value, "kernel", 0, highest_16));
  ALGEAN_ASSIGN(result.port, number<std::uint8_t>(value, "port", 0, highest_port));
  return result;
}

Result<PlanEdge> edge(const Element& value) {
  ALGEAN_TRY(value.check_keys({"tensor", "bytes", "from", "port", "to"}));
  PlanEdge result;
  ALGEAN_ASSIGN(const Element tensor, value.at("tensor"));
  ALGEAN_ASSIGN(result.tensor, name(tensor));
  ALGEAN_ASSIGN(result.bytes, number<std::size_t>(value, "bytes", 1, static_cast<std::int64_t>(max_file_bytes)));
  ALGEAN_ASSIGN(result.from, number<std::uint16_t>(value, "from", 0, highest_16));
  ALGEAN_ASSIGN(result.port, number<std::uint8_t>(value, "port", 0, highest_port));
  ALGEAN_ASSIGN(result.to, list(value, "to", destination));
  return result;
}

}  // namespace

Result<Plan> parse_plan(std::string_view text_of_file, const std::string& where) {
  ALGEAN_ASSIGN(const Document document, Document::parse(text_of_file, where));
  const Element root = document.root();
  // A file of a later version is named as such, not by its first key that is unknown here.
  ALGEAN_TRY(number<int>(root, "version", plan_version, plan_version));
  ALGEAN_TRY(root.check_keys({"version", "name", "graph", "nodes", "links", "limits", "home", "client_nodes", "inputs",
                              "outputs", "kernels", "edges"}));
  const auto index = [](const Element& element) { return number<std::uint16_t>(element, 0, highest_16); };
  Plan plan;
  ALGEAN_ASSIGN(plan.name, text(root, "name"));
  ALGEAN_TRY(read_graph_name(root, plan.graph));
  ALGEAN_ASSIGN(plan.nodes, list(root, "nodes", node));
  ALGEAN_ASSIGN(plan.links, list(root, "links", link));
  ALGEAN_TRY(read_limits(root, plan.limits));
  ALGEAN_ASSIGN(plan.home, number<std::uint16_t>(root, "home", 0, highest_16));
  ALGEAN_ASSIGN(plan.client_nodes, list(root, "client_nodes", index));
  ALGEAN_ASSIGN(plan.inputs, list(root, "inputs", name));
  ALGEAN_ASSIGN(plan.outputs, list(root, "outputs", name));
  ALGEAN_ASSIGN(plan.kernels, list(root, "kernels", kernel));
  ALGEAN_ASSIGN(plan.edges, list(root, "edges", edge));
  return plan;
}

}  // namespace algean::partitioner
