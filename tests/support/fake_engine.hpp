// Engines and a node around them, for tests of the node and the client.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/engine/engine.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/loopback.hpp"
#include "runtime/transport/udp.hpp"

namespace algean::testing_support {

class FakeEngine final : public Engine {
 public:
  using Work = std::function<void(std::span<const std::byte* const>, std::span<std::byte* const>)>;
  FakeEngine(std::vector<Port> inputs, std::vector<Port> outputs, Work work)
      : inputs_(std::move(inputs)), outputs_(std::move(outputs)), work_(std::move(work)) {}
  [[nodiscard]] std::span<const Port> inputs() const override { return inputs_; }
  [[nodiscard]] std::span<const Port> outputs() const override { return outputs_; }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept override {
    work_(inputs, outputs);
  }

 private:
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  Work work_;
};

inline ElementType image_type() { return ElementType::int8(Quantisation::per_tensor(0.25, -3)); }

// Inputs "image" int8[n] (the user's float32) and "key" int20[3]; outputs "mirror" (image reversed) and "key"
// (unchanged).
inline FakeEngine mirror_engine(std::int64_t n) {
  const TensorType image{image_type(), Shape({n})};
  const TensorType key{ElementType::integer(20, true), Shape({3})};
  return {{{"image", image, ExternalForm::float32}, {"key", key, ExternalForm::integer}},
          {{"mirror", image, ExternalForm::float32}, {"key", key, ExternalForm::integer}},
          [n](auto inputs, auto outputs) {
            std::reverse_copy(inputs[0], inputs[0] + n, outputs[0]);
            std::memcpy(outputs[1], inputs[1], 12);
          }};
}

// A network with a listener, of either kind; datagrams of at most `mtu` bytes.
struct Net {
  std::unique_ptr<Listener> listener;
  std::function<std::unique_ptr<Transport>()> connect;
};
inline Net loopback_net(std::size_t mtu) {
  auto network = std::make_shared<LoopbackNetwork>(LoopbackOptions{mtu, 4096});
  return {network->listen(), [network] { return network->connect(); }};
}
inline Net udp_net(std::size_t mtu) {
  UdpOptions options;
  options.max_datagram_bytes = mtu;
  auto listener = listen_udp({0x7f000001, 0}, options).value();
  const auto address = UdpAddress::parse(listener->address()).value();
  return {std::move(listener), [address, options] { return connect_udp(address, options).value(); }};
}

// A node that serves in a thread of its own, blocking.
class Served {
 public:
  Served(Engine& engine, std::unique_ptr<Listener> listener, NodeOptions options = {})
      : Served(single_node(engine, "d", "v"), std::move(listener), std::move(options)) {}
  Served(NodeConfig config, std::unique_ptr<Listener> listener, NodeOptions options = {}) {
    options.poll = Poll::block;
    node_ = Node::make(std::move(config), std::move(listener), std::move(options), clock_).value();
    thread_ = std::jthread([this] { node_->run(); });
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served() { stop(); }
  void stop() {
    node_->stop();
    if (thread_.joinable()) thread_.join();
  }
  Node& node() { return *node_; }

 private:
  SteadyClock clock_;
  std::unique_ptr<Node> node_;
  std::jthread thread_;
};

// Loses what `loses(n)` says of the n-th datagram sent, from 0.
class LossyTransport final : public Transport {
 public:
  LossyTransport(std::unique_ptr<Transport> link, std::function<bool(std::size_t)> loses)
      : link_(std::move(link)), loses_(std::move(loses)) {}
  Transfer send(std::span<const std::byte> datagram) override {
    return loses_(sent_++) ? Transfer::done : link_->send(datagram);
  }
  Received receive(std::span<std::byte> into) override { return link_->receive(into); }
  void wait(std::int64_t timeout_ns) override { link_->wait(timeout_ns); }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return link_->max_datagram_bytes(); }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return link_->receive_window_bytes(); }
  [[nodiscard]] std::string peer() const override { return link_->peer(); }

 private:
  std::unique_ptr<Transport> link_;
  std::function<bool(std::size_t)> loses_;
  std::size_t sent_ = 0;
};

}  // namespace algean::testing_support
