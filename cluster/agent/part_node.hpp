// The node that runs a part: runtime/node with a thread of its own, and what it is configured from.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "cluster/agent/compilation.hpp"
#include "cluster/agent/configure.hpp"
#include "cluster/agent/tap_store.hpp"
#include "cluster/control/message.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/transport.hpp"

namespace algean::cluster {

struct PartNodeOptions {
  std::string software;
  std::function<void(std::string_view)> log;  // from any thread
  std::function<void()> wake;                 // the node's thread has ended by itself
};

class PartNode final : private RunObserver {
 public:
  // The engines, in the order of the bundle's kernels, and the clock outlive it. bad_input where an address is missing
  // or the bundle cannot be served.
  static Result<std::unique_ptr<PartNode>> make(const Bundle& bundle, std::uint64_t epoch, const Engines& engines,
                                                const NodeAddresses& addresses, std::unique_ptr<Listener> listener,
                                                PartNodeOptions options, const Clock& clock);
  PartNode(const PartNode&) = delete;
  PartNode& operator=(const PartNode&) = delete;
  ~PartNode() override;

  // Starts the thread, on the bundle's cores. Once.
  void start();
  // Whether the thread has ended without stop(), and why.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const std::string& error() const { return error_; }  // only when it has ended

  // From the next runs on, these engines run, which outlive it, and what they keep is stored; null: the original ones.
  void tap(const Engines* tapped);
  // Whose tensors are stored; see TapStore.
  void want_taps(std::optional<std::uint16_t> slot) { taps_.want(slot); }
  bool drop_taps(std::optional<std::uint16_t> slot) { return taps_.drop(slot); }
  [[nodiscard]] const TapStore& taps() const { return taps_; }
  // Kernels that have something to keep.
  [[nodiscard]] std::size_t tapped_kernels() const;

  // Counts, links and kernels.
  void report(control::PartStatus& status) const;

 private:
  PartNode(Bundle bundle, const Engines& engines, PartNodeOptions options)
      : bundle_(std::move(bundle)), engines_(&engines), options_(std::move(options)) {}
  void run();
  void use(const Engines& engines);
  void on_run(std::uint16_t kernel, std::uint16_t client_slot, std::uint32_t inference_id) noexcept override;

  Bundle bundle_;
  const Engines* engines_;
  PartNodeOptions options_;
  std::atomic<const Engines*> tapped_ = nullptr;
  TapStore taps_;
  std::unique_ptr<Node> node_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> ended_ = false;
  std::string error_;
  std::thread thread_;
};

}  // namespace algean::cluster
