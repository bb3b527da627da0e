#include "partitioner/target/target.hpp"

#include <algorithm>

namespace algean::partitioner {
namespace {

// The machine, whatever the port of its agent.
std::string machine(const TargetNode& node) {
  const std::string host = node.host.substr(0, node.host.rfind(':'));
  const bool here = node.is_local() || host == "tcp://localhost" || host.starts_with("tcp://127.");
  return here ? local_host : host;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

bool is_node_name(std::string_view name) {
  const auto fits = [](char c) { return is_word(c) || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= max_node_name_characters && is_word(name.front()) &&
         std::ranges::all_of(name, fits);
}

std::optional<std::size_t> Target::find(const std::string& name) const {
  const auto found = std::ranges::find(nodes, name, &TargetNode::name);
  if (found == nodes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - nodes.begin());
}

const LinkProperties& Target::link(std::size_t a, std::size_t b) const {
  const auto is_it = [&](const TargetLink& link) { return link.a == std::min(a, b) && link.b == std::max(a, b); };
  const auto found = std::ranges::find_if(links, is_it);
  return found == links.end() ? default_link : found->properties;
}

std::size_t Target::mtu(std::size_t a, std::size_t b) const {
  constexpr std::size_t within_host = 65535;
  constexpr std::size_t ethernet = 1500;
  const bool one_host = machine(nodes.at(a)) == machine(nodes.at(b));
  return link(a, b).mtu.value_or(one_host ? within_host : ethernet);
}

Target local_target() {
  Target target;
  target.nodes.emplace_back().name = "local";
  return target;
}

std::vector<double> speeds_gmacs(const Target& target, std::optional<double> measured) {
  std::vector<std::optional<double>> known;
  for (const TargetNode& node : target.nodes) {
    known.push_back(node.speed_gmacs ? node.speed_gmacs : node.is_local() ? measured : std::nullopt);
  }
  double lowest = 0;
  for (const auto& speed : known) {
    if (speed && (lowest == 0 || *speed < lowest)) lowest = *speed;
  }
  std::vector<double> result;
  for (const auto& speed : known) result.push_back(speed.value_or(lowest == 0 ? 1 : lowest));
  return result;
}

std::vector<unsigned> polling_threads(const std::vector<TargetNode>& nodes) {
  std::vector<unsigned> result;
  for (const TargetNode& node : nodes) {
    const std::string host = machine(node);
    const auto same = std::ranges::count_if(nodes, [&](const TargetNode& other) { return machine(other) == host; });
    result.push_back(static_cast<unsigned>(same) + (host == local_host ? 1U : 0U));
  }
  return result;
}

}  // namespace algean::partitioner
