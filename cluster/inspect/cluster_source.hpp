// A running deployment as a source of tensors: its answers through a client, its insides through the agents' taps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/deploy/state.hpp"
#include "cluster/inspect/layout.hpp"
#include "partitioner/compare/source.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/client/client.hpp"

namespace algean::cluster {

// What came of one inference.
struct Answer {
  std::optional<std::uint16_t> slot;  // by which nodes know who asked; none before the first
  std::uint32_t inference = 0;
  std::vector<Tensor> outputs;  // integers, in the deployment's order
};
using Ask = std::function<Result<Answer>(std::span<const Tensor> inputs)>;

// Through a client, which outlives it; each inference has timeout_ns.
Ask ask_through(Client& client, std::int64_t timeout_ns);

struct ClusterSourceOptions {
  std::string software;                     // version of ours
  std::int64_t timeout_ns = 5'000'000'000;  // for agents' answers
  int interrupt_fd = -1;                    // ends waits for agents when it is readable, but for untapping; not owned
};

// Taps are on from tap(true) on until tap(false), or until it goes: agents that answer then no longer keep tensors.
// Other clients are served meanwhile. The clock outlives it. Errors name node and address.
std::unique_ptr<partitioner::TensorSource> make_cluster_source(Deployment deployment, Layout layout, Ask ask,
                                                               ClusterSourceOptions options, const Clock& clock);

}  // namespace algean::cluster
