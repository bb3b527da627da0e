// deployment.json: written whole by deploy, read strictly by everybody.
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "cluster/deploy/state.hpp"
#include "runtime/document/document.hpp"

namespace algean::cluster {
namespace {

using Json = nlohmann::ordered_json;

constexpr int record_version = 2;
constexpr std::size_t epoch_digits = 16;

Result<std::string> text_of(const Element& map, std::string_view key) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return value.string();
}

Result<std::int64_t> number_of(const Element& map, std::string_view key, std::int64_t lowest, std::int64_t highest) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return value.integer(lowest, highest);
}

Result<std::uint64_t> epoch_of(const Element& root) {
  ALGEAN_ASSIGN(const Element value, root.at("epoch"));
  ALGEAN_ASSIGN(const std::string text, value.string());
  std::uint64_t epoch = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, epoch, 16);
  if (text.size() != epoch_digits || stop != end || error != std::errc()) {
    return value.wrong("must be 16 hexadecimal digits");
  }
  return epoch;
}

Result<DeployedNode> node_of(const Element& map) {
  ALGEAN_TRY(map.check_keys({"name", "host", "control", "data", "pid", "started"}));
  DeployedNode node;
  ALGEAN_ASSIGN(node.name, text_of(map, "name"));
  ALGEAN_ASSIGN(node.host, text_of(map, "host"));
  ALGEAN_ASSIGN(node.control, text_of(map, "control"));
  ALGEAN_ASSIGN(node.data, text_of(map, "data"));
  if (!node.is_local()) {
    if (const auto pid = map.find("pid")) return pid->wrong("is only for nodes whose `host` is local");
    return node;
  }
  ALGEAN_ASSIGN(const std::int64_t pid, number_of(map, "pid", 1, std::numeric_limits<pid_t>::max()));
  ALGEAN_ASSIGN(const std::int64_t started, number_of(map, "started", 1, std::numeric_limits<std::int64_t>::max()));
  node.process = ProcessId{static_cast<pid_t>(pid), static_cast<std::uint64_t>(started)};
  return node;
}

}  // namespace

std::string to_text(const Deployment& deployment) {
  Json nodes = Json::array();
  for (const DeployedNode& node : deployment.nodes) {
    Json entry{{"name", node.name}, {"host", node.host}, {"control", node.control}, {"data", node.data}};
    if (node.process) {
      entry["pid"] = node.process->pid;
      entry["started"] = node.process->started_ticks;
    }
    nodes.push_back(std::move(entry));
  }
  const Json document{{"version", record_version},     {"name", deployment.name},
                      {"address", deployment.address}, {"epoch", fmt::format("{:016x}", deployment.epoch)},
                      {"network", deployment.network}, {"nodes", std::move(nodes)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Deployment> parse_deployment(const std::string& text, const std::string& where) {
  ALGEAN_ASSIGN(const Document document, Document::parse(text, where));
  const Element root = document.root();
  ALGEAN_TRY(number_of(root, "version", record_version, record_version));
  ALGEAN_TRY(root.check_keys({"version", "name", "address", "epoch", "network", "nodes"}));
  Deployment deployment;
  ALGEAN_ASSIGN(deployment.name, text_of(root, "name"));
  ALGEAN_ASSIGN(deployment.address, text_of(root, "address"));
  ALGEAN_ASSIGN(deployment.epoch, epoch_of(root));
  ALGEAN_ASSIGN(deployment.network, text_of(root, "network"));
  ALGEAN_ASSIGN(const Element nodes, root.at("nodes"));
  ALGEAN_ASSIGN(const auto list, nodes.list());
  if (list.empty()) return nodes.wrong("must have at least one node");
  for (const Element& each : list) {
    ALGEAN_ASSIGN(DeployedNode node, node_of(each));
    for (const DeployedNode& other : deployment.nodes) {
      if (other.name == node.name) return each.wrong(fmt::format("has the name of another: {}", node.name));
    }
    deployment.nodes.push_back(std::move(node));
  }
  return deployment;
}

}  // namespace algean::cluster
