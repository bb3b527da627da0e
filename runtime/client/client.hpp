// Asks a running deployment: named tensors in, named tensors out. The one header that an external program needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/tensor/tensor.hpp"
#include "runtime/transport/poll.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

struct ClientOptions {
  std::filesystem::path
      state_folder;  // where deployments lie; empty: $XDG_STATE_HOME/algean, else ~/.local/state/algean
  Poll poll = Poll::automatic;
  unsigned polling_threads = 2;  // on this host, the node's included: for Poll::automatic
  std::int64_t attach_timeout_ns = 5'000'000'000;
  std::int64_t probe_ns = 50'000'000;            // silence after which a waiting client asks whether a node lives
  std::int64_t node_timeout_ns = 2'000'000'000;  // silence after which a node that was asked counts as lost
  std::size_t max_datagram_bytes = 65507;        // upper bound beside the path's MTU
  std::size_t max_in_flight = 64;                // upper bound beside the deployment's
  std::uint64_t seed = 0;                        // of session epochs and inference ids; 0: the system's random numbers
  bool trace = false;                            // as Client::set_trace()
};

// A tensor of one inference, without a batch axis. An empty name stands for the only input.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// An inference in flight.
struct Ticket {
  std::uint32_t inference_id = 0;
  bool operator==(const Ticket&) const = default;
};

// What traced replies of a node took to come here, by the nodes' time stamps.
struct NodeTrace {
  std::string node;
  std::string address;
  std::uint64_t frames = 0;
  std::int64_t wire_ns = 0;  // all frames together
};

// A session with a deployment: with every node that takes inputs or gives outputs. Not thread-safe: one thread uses a
// client; several clients may run side by side. Every wait ends at its deadline with an error that names the node and
// the inference. When a node is lost, all that is in flight fails at once, and the next submit attaches anew.
class Client {
 public:
  // A deployment's name, or the address of its node that gives out slots: "HOST:PORT", "udp://HOST:PORT" or
  // "tcp://HOST:PORT".
  static Result<std::unique_ptr<Client>> connect(const std::string& name_or_address, const ClientOptions& options = {});
  // Over links of one's own; the clock outlives the client.
  static Result<std::unique_ptr<Client>> attach(std::unique_ptr<Dialler> dialler, const std::string& address,
                                                const ClientOptions& options, const Clock& clock);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  [[nodiscard]] std::span<const Port> inputs() const;
  [[nodiscard]] std::span<const Port> outputs() const;
  [[nodiscard]] const std::string& deployment() const;
  [[nodiscard]] const std::string& node_version() const;
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::size_t max_in_flight() const;
  // What the nodes know this client by, until it attaches anew.
  [[nodiscard]] std::uint16_t slot() const;

  // Sends one inference. Every input once, in any order: float32 where the port's form is float32 (quantised here; NaN
  // is refused), else the port's own integers. The answer must come within timeout_ns. What nodes do not take yet waits
  // here, and goes while this client waits for anything.
  Result<Ticket> submit(std::span<const NamedTensor> inputs, std::int64_t timeout_ns);
  // Its outputs, in the order of outputs(). Tickets may be awaited in any order; each once.
  Result<std::vector<NamedTensor>> await(Ticket ticket);
  Result<std::vector<NamedTensor>> infer(std::span<const NamedTensor> inputs, std::int64_t timeout_ns);
  // Whether await() will return at once. Takes what has come, and does not wait.
  bool ready(Ticket ticket);
  // Gives a ticket up; its answer is dropped when it comes.
  void forget(Ticket ticket);

  // A loop over the leading batch axis that every input has (and every output gets), with several inferences in flight.
  // timeout_ns is for each inference, from its sending.
  using Progress = std::function<void(std::size_t done, std::size_t total)>;
  Result<std::vector<NamedTensor>> infer_batch(std::span<const NamedTensor> inputs, std::int64_t timeout_ns,
                                               const Progress& progress = {});

  // One inference on the ports' own elements as they lie in memory, in the order of the ports; sizes are the ports'.
  // Allocates nothing unless it fails.
  Result<> infer_into(std::span<const std::span<const std::byte>> inputs, std::span<const std::span<std::byte>> outputs,
                      std::int64_t timeout_ns);
  // Of the last inference that was sent, by whichever of these; {0} before.
  [[nodiscard]] Ticket last_ticket() const;

  // From the next submit on, nodes are asked to trace: they stamp what they send, and sum up where time goes.
  void set_trace(bool on);
  // Sums since attaching, by node, home first.
  [[nodiscard]] std::vector<NodeTrace> trace() const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace algean
