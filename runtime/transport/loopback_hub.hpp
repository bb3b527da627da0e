// What all ends of a loopback network share.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/transport/loopback.hpp"

namespace algean {

// A bounded queue of datagrams; storage is kept and used again.
class Mailbox {
 public:
  Transfer put(std::span<const std::byte> datagram, std::uint64_t from, std::size_t most);
  Received take(std::span<std::byte> into, std::uint64_t& from);
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  struct Slot {
    std::uint64_t from = 0;
    std::vector<std::byte> bytes;
  };
  std::vector<Slot> slots_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

// Ports, as UDP has them: a listener and its links have one, a client's link has one of its own. Every function may be
// called from any thread. An `owner` is a dialler or listener, which waits for its ports.
class LoopbackHub {
 public:
  using Id = std::uint64_t;

  explicit LoopbackHub(const LoopbackOptions& options) : options_(options) {}

  [[nodiscard]] const LoopbackOptions& options() const { return options_; }
  Id new_id();
  // The port that belongs to a name, whether somebody listens there or not.
  Id port_of(const std::string& name);
  void open_door(Id port, Id owner);
  void close_door(Id port);
  // A link of `port`, which is made where there is none.
  void add_link(Id port, Id peer, Id owner);
  void remove_link(Id port, Id peer);

  // To the receiver's link, else to its door, else refused.
  Transfer send(Id from, Id to, std::span<const std::byte> datagram);
  Received take_from_link(Id port, Id peer, std::span<std::byte> into);
  Received take_from_door(Id port, std::span<std::byte> into, Id& from);

  void wait_for_link(Id port, Id peer, std::int64_t timeout_ns);
  void wait_for_owner(Id owner, std::int64_t timeout_ns);
  void wake(Id owner) noexcept;
  void forget(Id owner);

 private:
  struct Port {
    Id owner = 0;
    std::optional<Mailbox> door;
    std::map<Id, Mailbox> links;  // by peer
    [[nodiscard]] bool has_something() const;
  };
  template <class Ready>
  void wait(std::int64_t timeout_ns, Ready ready);
  Mailbox* link(Id port, Id peer);
  void drop_if_unused(Id port);

  const LoopbackOptions options_;
  std::mutex lock_;  // of what follows
  std::condition_variable changed_;
  std::map<std::string, Id> names_;
  std::map<Id, Port> ports_;
  std::map<Id, bool> woken_;  // by owner
  Id last_id_ = 0;
};

}  // namespace algean
