// What the conformance suites of transports share: networks of every kind, and how a test sends and receives.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/transport/faulty.hpp"
#include "runtime/transport/loopback.hpp"
#include "runtime/transport/schemes.hpp"

namespace algean::conformance {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t small_mtu = 2000;

inline const SteadyClock steady_clock;

using Bytes = std::vector<std::byte>;

// A network with one listener, and clients' dialler.
struct Network {
  Network(std::function<std::unique_ptr<Listener>()> listen_more, std::unique_ptr<Dialler> clients,
          std::string dialled_by = "")
      : listen(std::move(listen_more)),
        listener(listen()),
        scheme(std::move(dialled_by)),
        address(address_of(*listener)),
        dialler(std::move(clients)) {}
  std::function<std::unique_ptr<Listener>()> listen;  // one more listener, at an address of its own
  std::unique_ptr<Listener> listener;
  std::string scheme;  // in front of addresses
  std::string address;
  std::unique_ptr<Dialler> dialler;

  [[nodiscard]] std::string address_of(const Listener& other) const { return scheme + other.address(); }
  [[nodiscard]] std::unique_ptr<Transport> connect() const { return dialler->dial(address).value(); }
};
struct Kind {
  std::string name;
  std::function<Network()> make;
  bool listeners_meet = true;  // two that dial each other have one link
  friend void PrintTo(const Kind& kind, std::ostream* to) { *to << kind.name; }
};

inline Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + seed);
  return bytes;
}

class TransportSuite : public testing::TestWithParam<Kind> {
 protected:
  // Receives within a second, or fails. Waits by `waiter`, of which `end` is one.
  template <class End, class Waiter>
  Bytes expect_datagram(End& end, Waiter& waiter) {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + second_ns;
    while (rest_.empty() && clock.now_ns() < deadline_ns) {
      const Received got = take(end);
      if (got.result == Transfer::done) {
        rest_ = std::span(buffer_).first(got.bytes);
        segment_bytes_ = got.segment_bytes;
      } else {
        waiter.wait(deadline_ns - clock.now_ns());
      }
    }
    if (rest_.empty()) {
      ADD_FAILURE() << "no datagram within a second";
      return {};
    }
    const auto datagram = next_datagram(rest_, segment_bytes_);
    return {datagram.begin(), datagram.end()};
  }
  template <class End>
  Bytes expect_datagram(End& end) {
    return expect_datagram(end, end);
  }
  // Sends within a second, or fails: a link that was just dialled may not be ready.
  static void send(Transport& link, const Bytes& bytes) {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + second_ns;
    Transfer result = Transfer::empty;
    while ((result = link.send(bytes)) == Transfer::empty && clock.now_ns() < deadline_ns) {
      link.wait(deadline_ns - clock.now_ns());
    }
    EXPECT_EQ(result, Transfer::done) << to_text(result);
  }
  // What receive() has other than `empty`, within the patience; else `empty`.
  template <class End>
  Received take_soon(End& end, std::int64_t patience_ns = second_ns) {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + patience_ns;
    Received got = take(end);
    while (got.result == Transfer::empty && clock.now_ns() < deadline_ns) {
      end.wait(deadline_ns - clock.now_ns());
      got = take(end);
    }
    return got;
  }
  Received take(Transport& link) { return link.receive(std::span(buffer_).first(space_)); }
  Received take(Listener& listener) { return listener.receive(std::span(buffer_).first(space_), from_); }
  Bytes::iterator at(std::size_t bytes) { return buffer_.begin() + static_cast<std::ptrdiff_t>(bytes); }

  // A client and the listener's link to it.
  struct Pair {
    std::unique_ptr<Transport> client;
    std::unique_ptr<Transport> link;
  };
  Pair attach() {
    Pair pair;
    pair.client = network_.connect();
    send(*pair.client, pattern(10, 0));
    EXPECT_EQ(expect_datagram(*network_.listener), pattern(10, 0));
    auto link = network_.listener->connect(from_);
    EXPECT_TRUE(link) << link.error().message;
    pair.link = std::move(*link);
    return pair;
  }

  Network network_ = GetParam().make();
  Bytes buffer_ = Bytes(receive_buffer_bytes);
  std::size_t space_ = receive_buffer_bytes;  // that take() uses of the buffer
  std::span<const std::byte> rest_;           // what came together with the datagram before
  std::size_t segment_bytes_ = 0;
  Peer from_;
};

inline Network make_loopback() {
  const auto network = std::make_shared<LoopbackNetwork>(LoopbackOptions{small_mtu, 256});
  return {[network, n = 0]() mutable { return network->listen(fmt::format("node{}", n++)); }, network->dialler()};
}

inline Network make_udp(bool segmentation_offload) {
  UdpOptions options;
  options.max_datagram_bytes = small_mtu;
  options.segmentation_offload = segmentation_offload;
  return {[options] { return listen_udp({0x7f000001, 0}, options).value(); }, make_udp_dialler(options).value()};
}

inline Network make_tcp() {
  TcpOptions options;
  options.max_datagram_bytes = small_mtu;
  return {[options] { return listen_tcp({0x7f000001, 0}, options, steady_clock).value(); },
          make_tcp_dialler(options).value()};
}

// Listeners for both schemes, and clients who dial by `scheme`.
inline Network make_joined(const std::string& scheme) {
  TransportOptions options;
  options.udp.max_datagram_bytes = options.tcp.max_datagram_bytes = small_mtu;
  return {[options] { return listen("udp+tcp://127.0.0.1:0", options).value(); }, make_dialler(options).value(),
          scheme};
}

// Every transport.
inline std::vector<Kind> every_kind() {
  return {Kind{"loopback", make_loopback},
          Kind{"udp", [] { return make_udp(true); }},
          Kind{"udp_one_by_one", [] { return make_udp(false); }},
          Kind{"tcp", make_tcp, false},
          Kind{"joined", [] { return make_joined(""); }},
          Kind{"joined_by_tcp", [] { return make_joined("tcp://"); }, false}};
}

// A network with faults in what comes to its listeners and to its clients.
inline Network with_faults(const Network& inner, std::unique_ptr<Dialler> clients, const FaultOptions& options,
                           FaultCounts& counts, const Clock& clock = steady_clock) {
  return {[listen = inner.listen, options, &counts, &clock] { return make_faulty(listen(), options, clock, counts); },
          make_faulty(std::move(clients), options, clock, counts), inner.scheme};
}

inline std::vector<Kind> behind(const std::string& fault, const FaultOptions& options) {
  static FaultCounts counts;
  std::vector<Kind> kinds = every_kind();
  for (Kind& kind : kinds) {
    kind.name += "_" + fault;
    kind.make = [make = kind.make, options] {
      Network inner = make();
      return with_faults(inner, std::move(inner.dialler), options, counts);
    };
  }
  return kinds;
}

inline std::string name_of(const testing::TestParamInfo<Kind>& kind) { return kind.param.name; }

}  // namespace algean::conformance
