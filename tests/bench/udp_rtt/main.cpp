// A request and its reply through client, router and transport, against a raw connected UDP socket pair that carries
// datagrams of as many bytes, and against ZeroMQ; spin against spin, blocking against blocking.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "runtime/client/client.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/udp.hpp"
#include "runtime/wire/fields.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/links/raw_link.hpp"
#include "tests/bench/links/spinning_process.hpp"
#include "tests/bench/links/zeromq_link.hpp"

namespace {

using namespace algean;

constexpr std::int64_t timeout_ns = 10'000'000'000;

// Gives back what it gets.
class Copy final : public Engine {
 public:
  explicit Copy(std::size_t bytes) : bytes_(bytes) {
    const TensorType type{ElementType::int8(), Shape::make({static_cast<std::int64_t>(bytes)}).value()};
    inputs_.push_back({"x", type, ExternalForm::integer});
    outputs_.push_back({"y", type, ExternalForm::integer});
  }
  [[nodiscard]] std::span<const Port> inputs() const override { return inputs_; }
  [[nodiscard]] std::span<const Port> outputs() const override { return outputs_; }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept override {
    std::memcpy(outputs[0], inputs[0], bytes_);
  }

 private:
  std::size_t bytes_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
};

// A node that copies, in a process on core 1, and its client here.
class Ours {
 public:
  Ours(std::size_t bytes, Poll poll)
      : engine_(bytes),
        listener_(listen_udp().value()),
        address_(listener_->address()),
        node_(1, [&] { serve(poll); }),
        x_(bytes, std::byte{3}),
        y_(bytes) {
    listener_.reset();
    node_.resume();
    ClientOptions options;
    options.poll = poll;
    client_ = Client::connect(address_, options).value();
    round_trip();
    if (x_ != y_) std::abort();
  }
  bench::SpinningProcess& process() { return node_; }
  void round_trip() {
    const std::array<std::span<const std::byte>, 1> inputs{x_};
    const std::array<std::span<std::byte>, 1> outputs{y_};
    if (const auto done = client_->infer_into(inputs, outputs, timeout_ns); !done) {
      fmt::print(stderr, "udp_rtt: {}\n", done.error().message);
      std::_Exit(1);
    }
  }

 private:
  void serve(Poll poll) {
    const SteadyClock clock;
    NodeOptions options;
    options.poll = poll;
    Node::make(single_node(engine_, "bench", "1"), std::move(listener_), options, clock).value()->run();
  }

  Copy engine_;
  std::unique_ptr<Listener> listener_;
  std::string address_;
  bench::SpinningProcess node_;
  std::vector<std::byte> x_;
  std::vector<std::byte> y_;
  std::unique_ptr<Client> client_;
};

// Takes turns with another process on core 1.
template <class Once>
bench::Contestant contestant(std::string name, bench::SpinningProcess& own, bench::SpinningProcess& other, Once once) {
  return {std::move(name), [&own, &other, once](int calls) {
            other.suspend();
            own.resume();
            for (int i = 0; i < calls; ++i) once();
          }};
}

void against_raw(const std::string& name, std::size_t payload_bytes) {
  const bench::RawLink raw;
  bench::SpinningProcess echo(1, [&] { raw.echo(); });
  Ours ours(payload_bytes, Poll::spin);
  const std::vector<std::byte> datagram(2 * wire::header_bytes + payload_bytes);
  std::vector<std::byte> back(datagram.size());
  bench::print(bench::compare(name, "us", contestant("algean", ours.process(), echo, [&] { ours.round_trip(); }),
                              {contestant(fmt::format("raw connected spin-UDP round trip of {} bytes", datagram.size()),
                                          echo, ours.process(), [&] { raw.round_trip(datagram, back); })}));
}

void against_zeromq(const std::string& name, Poll poll, bench::Wait wait, const std::string& peer) {
  constexpr std::size_t payload_bytes = 64;
  bench::ZeromqEcho zeromq(1, wait);
  Ours ours(payload_bytes, poll);
  const std::vector<std::byte> message(payload_bytes);
  std::vector<std::byte> back(payload_bytes);
  bench::print(
      bench::compare(name, "us", contestant("algean", ours.process(), zeromq.process(), [&] { ours.round_trip(); }),
                     {contestant(peer, zeromq.process(), ours.process(), [&] { zeromq.round_trip(message, back); })}));
}

}  // namespace

int main() {
  if (usable_cores() < 2) {
    for (const auto* name : {"udp_rtt_64", "udp_rtt_1400", "udp_rtt_64_vs_zeromq", "udp_rtt_64_blocking"}) {
      fmt::print("{{\"name\": \"{}\", \"skipped\": \"needs two cores\"}}\n", name);
    }
    return 0;
  }
  bench::pin_thread(0);
  against_raw("udp_rtt_64", 64);
  against_raw("udp_rtt_1400", 1400);
  against_zeromq("udp_rtt_64_vs_zeromq", Poll::spin, bench::Wait::spin, "ZeroMQ REQ/REP over TCP, ZMQ_DONTWAIT");
  against_zeromq("udp_rtt_64_blocking", Poll::block, bench::Wait::block, "ZeroMQ REQ/REP over TCP, blocking");
  return 0;
}
