// The peer: two connected, non-blocking UDP sockets of loopback, and nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace algean::bench {

class RawLink {
 public:
  RawLink();
  RawLink(const RawLink&) = delete;
  RawLink& operator=(const RawLink&) = delete;
  ~RawLink();

  // Sends every datagram back, for ever.
  [[noreturn]] void echo() const;
  // Sends and spins until a datagram is back.
  void round_trip(std::span<const std::byte> datagram, std::span<std::byte> into) const;

 private:
  std::array<int, 2> sockets_;  // of the asking side, of the echoing side
};

}  // namespace algean::bench
