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
#include "runtime/transport/schemes.hpp"

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
  std::function<std::unique_ptr<Dialler>()> dialler;
  std::function<std::unique_ptr<Listener>(const std::string& name)> listen;  // one more
};
inline Net loopback_net(std::size_t mtu) {
  auto network = std::make_shared<LoopbackNetwork>(LoopbackOptions{mtu, 4096});
  return {network->listen(), [network] { return network->dialler(); },
          [network](const std::string& name) { return network->listen(name); }};
}
inline Net udp_net(std::size_t mtu) {
  UdpOptions options;
  options.max_datagram_bytes = mtu;
  const auto listen = [options](const std::string&) { return listen_udp({0x7f000001, 0}, options).value(); };
  return {listen(""), [options] { return make_udp_dialler(options).value(); }, listen};
}

inline Net tcp_net(std::size_t mtu) {
  TransportOptions options;
  options.tcp.max_datagram_bytes = mtu;
  const auto listen = [options](const std::string&) { return algean::listen("tcp://127.0.0.1:0", options).value(); };
  return {listen(""), [options] { return make_dialler(options).value(); }, listen};
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
using Loses = std::function<bool(std::size_t)>;
class LossyTransport final : public Transport {
 public:
  LossyTransport(std::unique_ptr<Transport> link, Loses loses) : link_(std::move(link)), loses_(std::move(loses)) {}
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
  Loses loses_;
  std::size_t sent_ = 0;
};

// Of lossy links; each counts its own datagrams.
class LossyDialler final : public Dialler {
 public:
  LossyDialler(std::unique_ptr<Dialler> dialler, Loses loses)
      : dialler_(std::move(dialler)), loses_(std::move(loses)) {}
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    ALGEAN_ASSIGN(auto link, dialler_->dial(address));
    return std::make_unique<LossyTransport>(std::move(link), loses_);
  }
  void wait(std::int64_t timeout_ns) override { dialler_->wait(timeout_ns); }
  void wake() noexcept override { dialler_->wake(); }

 private:
  std::unique_ptr<Dialler> dialler_;
  Loses loses_;
};

}  // namespace algean::testing_support
