// Serves one engine to many clients over a listener. See runtime/wire/FORMAT.md for what travels.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/clock.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/node/counts.hpp"
#include "runtime/transport/poll.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

struct NodeOptions {
  std::string deployment;  // name that clients are told
  std::string version;     // of this software, likewise
  Poll poll = Poll::automatic;
  unsigned polling_threads = 2;                     // on this host, clients included: for Poll::automatic
  std::uint16_t max_clients = 64;                   // at once, 1 to 65535
  std::uint16_t max_in_flight = 16;                 // inferences of one client; fewer where inputs are large
  std::int64_t idle_timeout_ns = 60'000'000'000;    // silence after which a client's slot is freed
  std::int64_t partial_timeout_ns = 5'000'000'000;  // after which an inference whose inputs do not come is given up
  std::int64_t probe_ns = 1'000'000'000;            // silence after which a client is asked whether it lives
  std::function<void(std::string_view)> log;        // clients that come and go, from the node's thread
};

// A single thread: run() polls the clients' links, computes each inference when its last input is here, and answers.
// Nothing is allocated between a client's attach and its leaving, but for error texts.
class Node {
 public:
  // The engine and the clock outlive the node. bad_input for ports that cannot be served.
  static Result<std::unique_ptr<Node>> make(Engine& engine, std::unique_ptr<Listener> listener, NodeOptions options,
                                            const Clock& clock);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  // Serves until stop(), then tells the clients.
  void run();
  // Ends run(), also one that has not begun. Safe from any thread; over UDP from a signal handler, too.
  void stop() noexcept;
  // One round over everything that has come, without waiting: whether there was anything. For loops of one's own.
  bool step();

  [[nodiscard]] std::string address() const;
  // Any thread may ask.
  [[nodiscard]] NodeCounts counts() const;

 private:
  class Impl;
  explicit Node(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace algean
