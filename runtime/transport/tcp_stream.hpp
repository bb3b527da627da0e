#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/transport/socket.hpp"
#include "runtime/transport/tcp.hpp"
#include "runtime/transport/watch.hpp"

namespace algean {

// Datagrams over one connection. Buffers at most two of them that came, and the rest of one that was sent in part.
class TcpStream {
 public:
  // To that address, maybe not yet connected.
  static Result<std::unique_ptr<TcpStream>> dial(const SocketAddress& to, const TcpOptions& options,
                                                 const std::shared_ptr<Watch>& watch);
  // One that was accepted.
  static Result<std::unique_ptr<TcpStream>> adopt(Descriptor socket, const TcpOptions& options,
                                                  const std::shared_ptr<Watch>& watch);
  TcpStream(Descriptor socket, const TcpOptions& options, std::shared_ptr<Watch> watch, bool connecting);
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() { close(); }

  // As Transport's. Once refused, always refused, but receive() says so only once.
  Transfer send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes, std::size_t& sent_bytes);
  Received receive(std::span<std::byte> into);
  void wait(std::int64_t timeout_ns) const;
  [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }
  [[nodiscard]] std::size_t window_bytes() const { return window_; }

 private:
  static constexpr std::size_t length_bytes = 4;

  // Whether it is connected by now.
  bool connected();
  void flush();
  Transfer send_some(std::span<const std::byte> datagrams, std::size_t segment_bytes, std::size_t& sent_bytes);
  // The first datagram of the buffer, if it is whole.
  Received take(std::span<std::byte> into);
  // Whether bytes came.
  bool read();
  [[nodiscard]] std::span<const std::byte> unread() const;
  [[nodiscard]] bool has_whole() const;
  void update_watch();
  void close();

  Descriptor socket_;
  std::size_t most_bytes_;
  std::size_t window_;
  std::shared_ptr<Watch> watch_;
  bool connecting_;
  bool refusal_told_ = false;
  bool watches_room_;  // as the watch has it
  bool keeps_ = false;
  std::vector<std::byte> out_;  // the rest of a datagram
  std::size_t out_begin_ = 0;
  std::vector<std::byte> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
};

}  // namespace algean
