// An in-process network of listeners and their clients: the null transport, for tests and for nodes in one process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "runtime/transport/transport.hpp"

namespace algean {

struct LoopbackOptions {
  std::size_t max_datagram_bytes = 65507;
  std::size_t queue_datagrams = 256;  // that a receiver may leave unread; further ones get Transfer::empty
};

class LoopbackHub;

// Addresses are "loopback://NAME". Threads may use its ends at once (each one by one thread), and may destroy them in
// any order, also after the network.
class LoopbackNetwork {
 public:
  explicit LoopbackNetwork(const LoopbackOptions& options = {});
  // A listener of that name; one of a name at a time.
  std::unique_ptr<Listener> listen(const std::string& name = "node");
  std::unique_ptr<Dialler> dialler();
  // A client's link, alone, whether its listener is there yet or not.
  std::unique_ptr<Transport> connect(const std::string& name = "node");

 private:
  std::shared_ptr<LoopbackHub> hub_;
};

}  // namespace algean
