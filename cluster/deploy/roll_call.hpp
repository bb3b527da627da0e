// One question to several agents at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "cluster/control/client.hpp"
#include "cluster/deploy/state.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

using Question = std::function<control::Request(std::size_t index)>;

// Asks all of them, then waits for each: as long as the slowest, at most timeout_ns.
std::vector<Result<control::Reply>> ask_all(std::span<const std::unique_ptr<ControlClient>> agents,
                                            const Question& question, std::int64_t timeout_ns);

// The same of the nodes of a deployment, by connections of their own.
std::vector<Result<control::Reply>> ask_nodes(std::span<const DeployedNode> nodes, const ControlClientOptions& options,
                                              const Question& question, std::int64_t timeout_ns, const Clock& clock);

[[nodiscard]] control::PartId part_id(const std::string& deployment, std::uint64_t epoch, std::size_t node);

}  // namespace algean::cluster
