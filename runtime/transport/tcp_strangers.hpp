#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "runtime/transport/tcp_stream.hpp"

namespace algean {

// Who connected to a listener and has no link.
class TcpStrangers {
 public:
  struct Stranger {
    std::unique_ptr<TcpStream> stream;
    std::string address;
    std::int64_t heard_ns = 0;
  };

  explicit TcpStrangers(const TcpOptions& options) : options_(options) {}

  // One more, maybe instead of the one that is silent for longest.
  void add(std::uint64_t id, Stranger stranger);
  void drop_oldest();
  // Closes those that were silent for too long.
  void expire(std::int64_t now_ns);
  Stranger* find(std::uint64_t id);
  // Null when it is gone.
  Stranger take(std::uint64_t id);
  // From any of them, in turn. Forgets who is gone.
  Received receive(std::span<std::byte> into, std::uint64_t& id, std::int64_t now_ns);

 private:
  TcpOptions options_;
  std::map<std::uint64_t, Stranger> strangers_;
  std::uint64_t last_ = 0;  // from whom receive() had something
};

}  // namespace algean
