// How a deployment does, asked of its nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/deploy/roll_call.hpp"

namespace algean::cluster {

// silent: its process may live, but does not answer. failed: its agent answers, its part has ended by an error.
enum class Condition : std::uint8_t { running, failed, silent, dead };

// "running", "failed", "not answering", "dead".
[[nodiscard]] std::string_view to_text(Condition condition);

struct NodeSurvey {
  Condition condition = Condition::dead;
  std::string why;          // it is not running
  std::uint32_t pid = 0;    // of its agent; 0: not known
  std::int64_t now_ns = 0;  // by the node's clock, when it answered
  std::optional<control::PartStatus> part;
};

// One a node, all asked at once and given timeout_ns.
std::vector<NodeSurvey> survey(const Deployment& deployment, const std::string& software, std::int64_t timeout_ns,
                               const Clock& clock);

// The worst of all nodes; running only where all are.
[[nodiscard]] Condition worst(const std::vector<NodeSurvey>& nodes);

// One direction of a link between two nodes.
struct LinkSurvey {
  std::string from, to;
  std::string state;         // "waiting", "up", "down"; "unknown" where `from` did not say
  std::int64_t rtt_ns = 0;   // there and back
  std::uint64_t frames = 0;  // sent by `from`
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;          // frames that `to` missed
  std::uint64_t queued_bytes = 0;  // that wait at `from` for credit now
  std::uint64_t queued_most_bytes = 0;
  std::int64_t blocked_ns = 0;  // time in which something did
  double frames_per_s = 0;      // between the two surveys
  double mb_per_s = 0;          // 10^6 bytes
};

// Links as the later of two surveys has them, with rates from their difference.
std::vector<LinkSurvey> links_of(const Deployment& deployment, const std::vector<NodeSurvey>& earlier,
                                 const std::vector<NodeSurvey>& later);

}  // namespace algean::cluster
