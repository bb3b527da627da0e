#include "tests/e2e/clusters.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace algean::e2e {
namespace {

// Inode -> local port of the sockets of one table of /proc/net; of TCP only those that listen.
std::map<std::string, int> sockets(const std::string& protocol) {
  std::map<std::string, int> found;
  std::ifstream table("/proc/net/" + protocol);
  std::string line;
  std::getline(table, line);  // titles
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
    const bool listens = state == "0A";
    if (protocol.starts_with("tcp") && !listens) continue;
    found[inode] = std::stoi(local.substr(local.rfind(':') + 1), nullptr, 16);
  }
  return found;
}

std::map<std::string, int> all_sockets() {
  std::map<std::string, int> all;
  for (const std::string protocol : {"udp", "udp6", "tcp", "tcp6"}) all.merge(sockets(protocol));
  return all;
}

}  // namespace

std::string write_cluster(const Place& place, const std::vector<ClusterNode>& nodes, const std::string& limits,
                          const std::string& file) {
  std::ofstream stream(place.path(file));
  stream << "version: 1\nname: test\nnodes:\n";
  for (const ClusterNode& node : nodes) {
    stream << "  - {name: " << node.name << ", kind: cpu, poll: block, speed_gmacs: 1" << node.more << "}\n";
  }
  if (!limits.empty()) stream << "limits: " << limits << "\n";
  return place.path(file);
}

std::string local_cluster(const Place& place, const std::vector<std::string>& names) {
  std::vector<ClusterNode> nodes;
  for (const std::string& name : names) nodes.push_back({name, ""});
  return write_cluster(place, nodes);
}

std::string write_net(const Place& place, const std::vector<std::pair<std::string, std::string>>& pins,
                      const std::string& file) {
  nlohmann::json net{{"version", 1}, {"name", "small"}, {"model", {{"file", "small.graph"}}}};
  for (const auto& [layer, node] : pins) net["layers"][layer] = {{"node", node}};
  std::ofstream(place.path(file)) << net.dump(2) << "\n";
  return place.path(file);
}

HandAgent::HandAgent(const Place& place, std::vector<std::string> more) {
  std::vector<std::string> words{"node", "--listen", "tcp://127.0.0.1:*"};
  words.insert(words.end(), more.begin(), more.end());
  process_ = place.start(words);
  EXPECT_TRUE(process_->prints("\n")) << "its address";
  address_ = process_->out().substr(0, process_->out().find('\n'));
}

std::set<int> ports_of(const std::vector<pid_t>& processes) {
  const auto all = all_sockets();
  std::set<int> ports;
  std::error_code ignored;
  for (const pid_t pid : processes) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", ignored)) {
      const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();  // "socket:[123]"
      if (!target.starts_with("socket:[")) continue;
      const auto found = all.find(target.substr(8, target.size() - 9));
      if (found != all.end()) ports.insert(found->second);
    }
  }
  return ports;
}

std::set<int> ports_in_use(const std::set<int>& ports) {
  std::set<int> used;
  for (const auto& [inode, port] : all_sockets()) {
    if (ports.contains(port)) used.insert(port);
  }
  return used;
}

bool is_in_state(pid_t pid, char state) {
  return eventually([&] {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto bracket = line.rfind(") ");
    return bracket != std::string::npos && line[bracket + 2] == state;
  });
}

}  // namespace algean::e2e
