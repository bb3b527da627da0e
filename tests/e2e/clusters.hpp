// Clusters of several nodes on this host, and what the kernel says of their sockets.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/harness.hpp"

namespace algean::e2e {

// A line of cluster.yaml: {name, kind: cpu, poll: block, ...}.
struct ClusterNode {
  std::string name;
  std::string more;  // ", host: \"tcp://127.0.0.1:4000\""
};

// Writes cluster.yaml into the place, with `limits` ("{deploy_deadline_s: 5}") where it is not empty; its path.
std::string write_cluster(const Place& place, const std::vector<ClusterNode>& nodes, const std::string& limits = "",
                          const std::string& file = "cluster.yaml");
// Local nodes of these names.
std::string local_cluster(const Place& place, const std::vector<std::string>& names);

// A net.json around small_net()'s graph, with a pin for each layer that has one; its path. pins: {"dense_1", "b"}.
std::string write_net(const Place& place, const std::vector<std::pair<std::string, std::string>>& pins,
                      const std::string& file = "net.json");

// `algean node`, started as a user would by hand.
class HandAgent {
 public:
  explicit HandAgent(const Place& place, std::vector<std::string> more = {});
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] Running& process() { return *process_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

 private:
  std::unique_ptr<Running> process_;
  std::string address_;
};

// Local ports of all UDP sockets and listening TCP sockets of these processes: /proc/PID/fd and /proc/net.
std::set<int> ports_of(const std::vector<pid_t>& processes);
// Those of the ports that some process of this network namespace has open.
std::set<int> ports_in_use(const std::set<int>& ports);

// Waits until the process is in the state that /proc calls so: 'T' is stopped.
bool is_in_state(pid_t pid, char state);

}  // namespace algean::e2e
