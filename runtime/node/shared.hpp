// What the parts of a node share.
#pragma once

#include <atomic>

#include "runtime/node/node.hpp"

namespace algean {

struct NodeShared {
  NodeConfig config;
  NodeOptions options;
  const Clock& clock;
  std::int64_t now_ns;  // read now and then
  NodeCounters counters;
  std::atomic<RunObserver*> observer = nullptr;

  [[nodiscard]] bool is_home() const { return !config.home_peer; }
  void log(std::string_view text) const {
    if (options.log) options.log(text);
  }
  // "NAME: ", for the texts of errors.
  [[nodiscard]] std::string prefix() const { return config.name.empty() ? std::string() : config.name + ": "; }
};

// Whether such a node can be made; what its kernels are is looked at later.
Result<> check(const NodeConfig& config, const NodeOptions& options);

}  // namespace algean
