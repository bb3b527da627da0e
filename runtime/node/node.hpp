// A node of a deployment: runs its kernels for many clients, together with other nodes. See runtime/wire/FORMAT.md for
// what travels.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/bundle/bundle.hpp"
#include "runtime/engine/description.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/node/counts.hpp"
#include "runtime/transport/poll.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

// A part of the network that runs here. The engine outlives the node.
struct NodeKernel {
  std::uint16_t id = wire::node_kernel;
  Engine* engine = nullptr;
  std::vector<std::vector<Destination>> routes;  // by output port; kernel 0, port i: the client's output i
};

// Another node that this one is linked with.
struct NodePeer {
  std::string name;
  std::vector<std::uint16_t> kernels;
  std::string address;  // where it listens; may be empty where it dials
  bool dial = false;    // this node dials; else it waits for the other
  std::size_t mtu = 0;  // of the path, IP and UDP headers included; 0: what the link finds
};

struct NodeConfig {
  std::string name;         // begins the texts of errors, where it is not empty
  std::uint64_t epoch = 0;  // of the sessions between nodes; not 0 where there are peers
  std::vector<NodeKernel> kernels;
  std::vector<NodePeer> peers;
  std::optional<std::size_t> home_peer;  // none: this node is home
  // What clients are told. max_in_flight is the same on all nodes; idle_timeout_ms, receive_window_bytes and
  // polling_threads are filled in.
  Description description;
};

// A deployment of one kernel on one node; as many inferences in flight as 64 MB of inputs hold, at most 16.
NodeConfig single_node(Engine& engine, std::string deployment, std::string version);

struct NodeOptions {
  Poll poll = Poll::automatic;
  unsigned polling_threads = 2;                     // on this host, clients included: for Poll::automatic
  std::uint16_t max_clients = 64;                   // at once, 1 to 65535; the same on all nodes
  std::int64_t idle_timeout_ns = 60'000'000'000;    // silence after which a client's slot is freed
  std::int64_t partial_timeout_ns = 5'000'000'000;  // after which an inference whose inputs do not come is given up
  std::int64_t probe_ns = 1'000'000'000;            // silence after which a client is asked whether it lives
  std::int64_t link_timeout_ns = 2'000'000'000;     // silence of another node after which it counts as lost
  std::size_t max_queued_bytes = std::size_t{64} << 20;      // for one client that does not take what it is sent
  std::size_t max_peer_queued_bytes = std::size_t{1} << 30;  // for another node: what a plan lets be under way there
  std::function<void(std::string_view)> log;  // clients and links that come and go, from the node's thread
};

// Is told of every run, from the node's thread, before the results are sent.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_run(std::uint16_t kernel, std::uint16_t client_slot, std::uint32_t inference_id) noexcept = 0;
};

// A single thread: run() polls the links of clients and nodes in turn, runs a kernel when its last input is here, and
// sends what it made. Nothing waits inside it. Nothing is allocated for an inference once as many were under way at
// once, but for what waits for credit, and error texts.
//
// Memory is bounded: inputs under way, per kernel, by max_clients * max_in_flight inferences, made when they are first
// needed and freed when a client's slot is unused for idle_timeout_ns; what waits for credit, by max_queued_bytes a
// client and max_peer_queued_bytes a node (or one inference, if that is larger).
class Node {
 public:
  // The engines and the clock outlive the node. bad_input for what cannot be served, and for a plan that does not fit
  // together; failed when a peer's address cannot be dialled.
  static Result<std::unique_ptr<Node>> make(NodeConfig config, std::unique_ptr<Listener> listener, NodeOptions options,
                                            const Clock& clock);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  // Serves until stop(), then tells clients and nodes.
  void run();
  // Ends run(), also one that has not begun. Safe from any thread; over UDP from a signal handler, too.
  void stop() noexcept;
  // One round over everything that has come, without waiting: whether there was anything. For loops of one's own.
  bool step();

  [[nodiscard]] std::string address() const;
  // Any thread may ask, or do, what follows.
  [[nodiscard]] NodeCounts counts() const;
  [[nodiscard]] std::vector<LinkStatus> links() const;  // with other nodes, in the order of NodeConfig::peers
  [[nodiscard]] LinkStatus clients() const;             // the links with all clients together
  [[nodiscard]] std::vector<KernelStatus> kernels() const;
  // From the next run on; null: none. The observer must live until the node's thread has ended.
  void observe(RunObserver* observer) noexcept;
  // From the kernel's next run on. bad_input for a kernel that is not here, or other ports. Both engines live until the
  // node's thread has ended.
  Result<> use(std::uint16_t kernel, Engine& engine);

 private:
  class Impl;
  explicit Node(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace algean
