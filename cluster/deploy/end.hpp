// How deployments end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/deploy/process.hpp"
#include "cluster/deploy/state.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

struct EndOptions {
  std::string software;
  std::int64_t grace_ns = 5'000'000'000;          // between SIGTERM and SIGKILL of local agents
  std::int64_t agent_timeout_ns = 5'000'000'000;  // for other agents' answers
};

struct NodeEnding {
  std::string name;
  Result<Ending> ending;  // error: it may run on
};

// Ends every node of a deployment, all at once: local agents by signals, parts on other agents by their control
// address. Touches no file.
std::vector<NodeEnding> end_nodes(const Deployment& deployment, const EndOptions& options, const Clock& clock);

struct TakenDown {
  std::vector<NodeEnding> nodes;
  bool removed = false;  // its folder; it stays where a node may run on, unless `force`

  // "stopped"; "was dead" where all nodes were; "killed" where one had to be.
  [[nodiscard]] std::string_view how() const;
  // What may run on, and why; empty where nothing does.
  [[nodiscard]] std::string problems() const;
};

// Ends a deployment's nodes, then removes its folder.
Result<TakenDown> take_down(const Deployment& deployment, const StateRoot& states, const EndOptions& options,
                            bool force, const Clock& clock);

// Removes what deploys left that were killed half-way, and ends what they left running. Errors are of no use to anybody
// then: what does not answer by now ends by its lease, or is gone.
void clear_abandoned(const StateRoot& states, const EndOptions& options, const Clock& clock);

}  // namespace algean::cluster
