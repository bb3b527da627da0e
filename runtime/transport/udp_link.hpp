#pragma once

#include <memory>
#include <string>

#include "runtime/transport/socket.hpp"
#include "runtime/transport/udp.hpp"
#include "runtime/transport/watch.hpp"

namespace algean {

Result<Descriptor> make_udp_socket(const UdpOptions& options);
// Up to the largest datagram, from whoever sent it.
Received receive_udp(int fd, std::span<std::byte> into, SocketAddress& from);

// A connected socket, in the set of `watch` unless that is null. Receives one datagram at a time, which is 90 ns
// quicker where there is one, until some come in a row; from then on what the kernel merged.
class UdpLink final : public Transport {
 public:
  static Result<std::unique_ptr<Transport>> make(Descriptor socket, const SocketAddress& peer,
                                                 const UdpOptions& options, std::shared_ptr<Watch> watch);
  UdpLink(Descriptor socket, const SocketAddress& peer, const UdpOptions& options, std::shared_ptr<Watch> watch);
  UdpLink(const UdpLink&) = delete;
  UdpLink& operator=(const UdpLink&) = delete;
  ~UdpLink() override;

  Transfer send(std::span<const std::byte> datagram) override;
  Transfer send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                         std::size_t& sent_bytes) override;
  Received receive(std::span<std::byte> into) override;
  void wait(std::int64_t timeout_ns) override;
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return max_bytes_; }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return window_of(socket_); }
  [[nodiscard]] std::string peer() const override { return peer_.text(); }

 private:
  void find_mtu();
  Transfer send_batch(std::span<const std::byte> datagrams, std::size_t segment_bytes);

  Descriptor socket_;
  SocketAddress peer_;
  std::size_t most_bytes_;
  std::size_t max_bytes_ = least_datagram_bytes;
  bool sends_batches_;
  bool may_receive_batches_;
  bool receives_batches_ = false;
  unsigned in_a_row_ = 0;  // datagrams received without a pause, until receives_batches_
  std::shared_ptr<Watch> watch_;
};

}  // namespace algean
