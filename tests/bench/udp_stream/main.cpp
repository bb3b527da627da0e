// A one-way stream of full datagrams of a 1500-byte path, flow control on: one node's channel to another's over UDP
// loopback, against ZeroMQ's PUSH to PULL with messages of as many bytes. Nothing may be lost.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/router/channel.hpp"
#include "runtime/transport/poll.hpp"
#include "runtime/transport/udp.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/links/spinning_process.hpp"
#include "tests/bench/links/zeromq_stream.hpp"

namespace {

using namespace algean;

constexpr std::size_t datagram_bytes = 1472;                                    // and 28 of IP and UDP
constexpr std::size_t payload_bytes = datagram_bytes - 2 * wire::header_bytes;  // 1408, a multiple of 64
constexpr int datagrams_a_call = 20'000;
constexpr int datagrams_a_tensor = 64;
constexpr std::uint64_t epoch = 0x1234;

[[noreturn]] void stop_with(std::string_view why) {
  fmt::print(stderr, "udp_stream: {}\n", why);
  std::_Exit(1);
}

ChannelOptions options() {
  ChannelOptions result;
  result.max_datagram_bytes = datagram_bytes;
  result.probe_ns = 0;
  return result;
}

// One end: a channel, and what comes over it.
class End {
 public:
  End(std::unique_ptr<Transport> link, std::uint16_t kernel)
      : channel_(std::move(link), options(), counters_), buffer_(1 << 16) {
    wire::MessageHeader identity;
    identity.source_kernel = kernel;
    channel_.begin(epoch, identity, clock_.now_ns());
  }
  Channel& channel() { return channel_; }
  [[nodiscard]] std::int64_t now_ns() const { return clock_.now_ns(); }
  // Takes what has come; calls on_message for each data message.
  template <class OnMessage>
  void pump(OnMessage on_message) {
    const Received got = channel_.receive(buffer_);
    if (got.result == Transfer::done) {
      const auto bytes = std::span(buffer_).first(got.bytes);
      const std::int64_t now_ns = clock_.now_ns();
      for (std::size_t at = 0; at < bytes.size(); at += got.segment_bytes) {
        take(bytes.subspan(at, std::min(got.segment_bytes, bytes.size() - at)), now_ns, on_message);
      }
    } else if (got.result != Transfer::empty) {
      stop_with(to_text(got.result));
    }
    if (got.result == Transfer::empty || ++rounds_ % 16 == 0) channel_.on_time(clock_.now_ns());
  }

 private:
  template <class OnMessage>
  void take(std::span<const std::byte> bytes, std::int64_t now_ns, OnMessage on_message) {
    if (parse(bytes, datagram_) != wire::Drop::none) stop_with("a malformed datagram");
    if (channel_.accept(datagram_, now_ns) != wire::Drop::none) stop_with("a frame of another session");
    if (channel_.gaps() != 0) stop_with("a frame was lost");
    if (datagram_.type() != wire::FrameType::data) return;
    for (const wire::Message& message : datagram_.messages()) on_message(message);
  }

  SteadyClock clock_;
  ChannelCounters counters_;
  Channel channel_;
  std::vector<std::byte> buffer_;
  wire::Datagram datagram_;
  std::uint32_t rounds_ = 0;
};

void send_tensor(End& end, std::uint32_t id, std::span<const std::byte> bytes) {
  wire::MessageHeader common;
  common.inference_id = id;
  const std::array<wire::Shipment, 1> shipments{wire::Shipment{1, 0, 0, bytes}};
  if (const Transfer result = end.channel().send(common, shipments, end.now_ns()); result != Transfer::done) {
    stop_with(to_text(result));
  }
}

// Takes tensors, and answers each whose inference id is not 0 with 64 bytes.
[[noreturn]] void take(std::unique_ptr<Listener> listener) {
  std::vector<std::byte> first(1 << 16);
  Peer from;
  while (listener->receive(first, from).result != Transfer::done) {
  }
  End end(listener->connect(from).value(), 1);
  std::uint64_t received_bytes = 0;
  std::uint64_t expected_bytes = 0;
  while (true) {
    end.pump([&](const wire::Message& message) {
      received_bytes += message.payload.size();
      if ((message.header.flags & wire::flag_last) == 0) return;
      expected_bytes += message.header.tensor_offset + message.payload.size();
      if (received_bytes != expected_bytes) stop_with("bytes are missing");
      if (message.header.inference_id != 0) send_tensor(end, 1, std::span(first).first(64));
    });
  }
}

class Ours {
 public:
  Ours()
      : listener_(listen_udp({0x7f000001, 0}, udp()).value()),
        address_(listener_->address()),
        taker_(1, [&] { take(std::move(listener_)); }),
        dialler_(make_udp_dialler(udp()).value()),
        end_(dialler_->dial(address_).value(), 2),
        tensor_(payload_bytes * datagrams_a_tensor) {
    listener_.reset();
    taker_.resume();
    // The other end makes its link from a first datagram, which it does not look at.
    const std::array<std::byte, 64> hello{};
    end_.channel().link().send(hello);
  }
  bench::SpinningProcess& process() { return taker_; }
  void send(int datagrams) {
    bool answered = false;
    const auto on_message = [&](const wire::Message&) { answered = true; };
    for (int left = datagrams; left > 0;) {
      const int now = std::min(left, datagrams_a_tensor);
      left -= now;
      send_tensor(end_, left == 0 ? 1 : 0, std::span(tensor_).first(payload_bytes * static_cast<std::size_t>(now)));
      while (end_.channel().queued_bytes() > 0) end_.pump(on_message);
    }
    while (!answered) end_.pump(on_message);
  }

 private:
  static UdpOptions udp() {
    UdpOptions result;
    result.max_datagram_bytes = datagram_bytes;
    return result;
  }

  std::unique_ptr<Listener> listener_;
  std::string address_;
  bench::SpinningProcess taker_;
  std::unique_ptr<Dialler> dialler_;
  End end_;
  std::vector<std::byte> tensor_;
};

}  // namespace

int main() {
  constexpr auto name = "udp_stream_1400";
  if (usable_cores() < 2) {
    fmt::print("{{\"name\": \"{}\", \"skipped\": \"needs two cores\"}}\n", name);
    return 0;
  }
  Ours ours;
  bench::ZeromqStream zeromq(1);
  bench::pin_thread(0);
  const bench::Contestant algean{"algean", [&](int) {
                                   zeromq.process().suspend();
                                   ours.process().resume();
                                   ours.send(datagrams_a_call);
                                 }};
  const bench::Contestant peer{fmt::format("ZeroMQ PUSH/PULL over TCP, messages of {} bytes", payload_bytes), [&](int) {
                                 ours.process().suspend();
                                 zeromq.process().resume();
                                 zeromq.send(datagrams_a_call, payload_bytes);
                               }};
  const bench::Setting setting{.rounds = 7, .slices = 3, .samples = 1, .calls = 1};
  const auto times_ns = bench::measure_ns({algean, peer}, setting);
  const double bits = 8.0 * datagrams_a_call * static_cast<double>(payload_bytes);
  const double gbps = bits / bench::median(times_ns[0]);
  const double peer_gbps = bits / bench::median(times_ns[1]);
  const auto [smallest, largest] = std::ranges::minmax(times_ns[0]);
  bench::print({name, gbps, "Gb/s", peer.name, peer_gbps, gbps / peer_gbps, setting.rounds,
                (largest - smallest) / bench::median(times_ns[0])});
  return 0;
}
