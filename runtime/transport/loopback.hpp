// An in-process network of one listener and its clients: the null transport, for tests and for a node in the same
// process.
#pragma once

#include <cstddef>
#include <memory>

#include "runtime/transport/transport.hpp"

namespace algean {

struct LoopbackOptions {
  std::size_t max_datagram_bytes = 65507;
  std::size_t queue_datagrams = 256;  // that a receiver may leave unread; further ones get Transfer::empty
};

// Threads may use its listener and links at once (each one by one thread), and may destroy them in any order.
class LoopbackNetwork {
 public:
  explicit LoopbackNetwork(const LoopbackOptions& options = {});
  // The listener; one at a time.
  std::unique_ptr<Listener> listen();
  // A new client's link to the listener, whether one is there yet or not.
  std::unique_ptr<Transport> connect();

 private:
  struct Hub;
  class Client;
  class Link;
  class Door;
  std::shared_ptr<Hub> hub_;
};

}  // namespace algean
