#include "partitioner/plan/text.hpp"
#include "runtime/base/file.hpp"
#include "runtime/document/document.hpp"

namespace algean::partitioner {
namespace {

constexpr std::int64_t highest_16 = 0xffff;

Result<std::string> text(const Element& map, std::string_view key) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return value.string();
}

template <std::integral T>
Result<T> number(const Element& value, std::int64_t lowest, std::int64_t highest) {
  ALGEAN_ASSIGN(const std::int64_t result, value.integer(lowest, highest));
  return static_cast<T>(result);
}
template <std::integral T>
Result<T> number(const Element& map, std::string_view key, std::int64_t lowest, std::int64_t highest) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return number<T>(value, lowest, highest);
}

template <class T, class Read>
Result<> list(const Element& map, std::string_view key, std::vector<T>& to, const Read& read) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  ALGEAN_ASSIGN(const auto elements, value.list());
  for (const Element& element : elements) {
    ALGEAN_ASSIGN(T item, read(element));
    to.push_back(std::move(item));
  }
  return {};
}

Result<std::string> string(const Element& element) { return element.string(); }

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
  ALGEAN_TRY(list(value, "layers", result.layers, string));
  ALGEAN_TRY(list(value, "inputs", result.inputs, string));
  ALGEAN_TRY(list(value, "outputs", result.outputs, string));
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
  ALGEAN_ASSIGN(result.tensor, text(value, "tensor"));
  ALGEAN_ASSIGN(result.bytes, number<std::size_t>(value, "bytes", 1, static_cast<std::int64_t>(max_file_bytes)));
  ALGEAN_ASSIGN(result.from, number<std::uint16_t>(value, "from", 0, highest_16));
  ALGEAN_ASSIGN(result.port, number<std::uint8_t>(value, "port", 0, highest_port));
  ALGEAN_TRY(list(value, "to", result.to, destination));
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
  ALGEAN_TRY(list(root, "nodes", plan.nodes, node));
  ALGEAN_TRY(list(root, "links", plan.links, link));
  ALGEAN_TRY(read_limits(root, plan.limits));
  ALGEAN_ASSIGN(plan.home, number<std::uint16_t>(root, "home", 0, highest_16));
  ALGEAN_TRY(list(root, "client_nodes", plan.client_nodes, index));
  ALGEAN_TRY(list(root, "inputs", plan.inputs, string));
  ALGEAN_TRY(list(root, "outputs", plan.outputs, string));
  ALGEAN_TRY(list(root, "kernels", plan.kernels, kernel));
  ALGEAN_TRY(list(root, "edges", plan.edges, edge));
  return plan;
}

}  // namespace algean::partitioner
