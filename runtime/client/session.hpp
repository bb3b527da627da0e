// A client's session with all nodes of a deployment that take its inputs or give its outputs: attach, inferences as
// tensors in wire form, deadlines. No names, no element types.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/base/random.hpp"
#include "runtime/client/client.hpp"
#include "runtime/client/in_flight.hpp"
#include "runtime/client/node_link.hpp"
#include "runtime/engine/description.hpp"
#include "runtime/transport/transport.hpp"
#include "runtime/wire/datagram.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

// Threads that poll on this host, for Poll::automatic: as configured, or as the deployment describes where its entry is
// here.
[[nodiscard]] unsigned threads_that_poll(const std::string& entry, unsigned own, unsigned described);

class Session {
 public:
  // `entry`: the address of the node that gives out slots.
  Session(std::unique_ptr<Dialler> dialler, std::string entry, const ClientOptions& options, const Clock& clock);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();  // detaches

  // First of all; once.
  Result<> attach();
  [[nodiscard]] const Description& description() const { return description_; }
  [[nodiscard]] const std::string& address() const { return entry_; }
  [[nodiscard]] std::uint16_t slot() const { return slot_; }
  [[nodiscard]] std::size_t max_in_flight() const;

  // Sends inputs in wire form, by port; their sizes are the ports'. Attaches again if the session was lost.
  Result<std::uint32_t> submit(std::span<const std::span<const std::byte>> inputs, std::int64_t timeout_ns);
  // Whether await() will return at once. Takes what has come, without waiting.
  bool ready(std::uint32_t id);
  // The outputs, valid until release(). On an error the inference is released already.
  Result<const wire::Assembly*> await(std::uint32_t id);
  void release(std::uint32_t id) { in_flight_.end(id); }
  // "node a at 127.0.0.1:4000", which gives that output.
  [[nodiscard]] std::string giver(std::size_t output) const {
    const std::size_t node = description_.output_nodes[output];
    return node < links_.size() ? links_[node]->where() : fmt::format("node {}", description_.nodes[node].name);
  }

  void set_trace(bool on) { traces_ = on; }
  [[nodiscard]] const std::vector<NodeTrace>& trace() const { return trace_; }

 private:
  enum class State : std::uint8_t { lost, attaching, attached };
  enum class Which : std::uint8_t { all, likely };
  // An input's way to a node.
  struct Leg {
    std::uint8_t input;
    std::uint8_t port;
    std::uint16_t kernel;
  };

  // session_attach.cpp
  Result<Description> connect(std::int64_t deadline_ns);
  Result<Description> connect_home(std::uint64_t epoch, std::int64_t deadline_ns);
  Result<> connect_others(const Description& description, std::uint64_t epoch, std::int64_t deadline_ns);
  Result<> dial(const std::string& name, const std::string& address);
  // Attaches to links_ from the `first` on, which have begun.
  Result<> exchange(std::size_t first, std::int64_t deadline_ns);
  Result<> attach_again(std::int64_t deadline_ns);
  Result<> ensure_session(std::int64_t deadline_ns);
  Result<> allocate();
  void place();
  void leave();

  // session_frames.cpp
  // Takes what links brought, once each. Which::likely leaves out, mostly, nodes that give no output. Whether there
  // was anything.
  bool pump(Which which);
  bool take(NodeLink& node, std::size_t index);
  void on_frame(NodeLink& node, std::size_t index);
  void on_output(NodeLink& node, std::size_t index, const wire::Message& message);
  void on_error(NodeLink& node, const wire::Message& message, bool is_new);
  void on_trace(std::size_t index, const wire::MessageHeader& header);
  void on_refused(NodeLink& node);
  // Fails everything that waits; the next submit() attaches anew.
  void lose(NodeLink& node, std::string_view why);

  // Takes datagrams until enough() or none is there, but never more than it may between two looks at the clock.
  template <class Enough>
  void pump_some(Enough enough) {
    for (int i = 0; i < rounds_a_look && !enough() && pump(Which::all); ++i) {
    }
  }
  // Waits a little after pump() found nothing; reads the clock now and then. Whether the deadline has passed.
  bool rest(std::int64_t deadline_ns);
  // Reads the clock and does what time brings to every link; a node that does not live is found here. When to come
  // again.
  std::int64_t look_after_links();
  Transfer send_inputs(std::span<const std::span<const std::byte>> inputs, Inference& inference, NodeLink*& node);
  Transfer send_to(NodeLink& node, const wire::MessageHeader& common, std::int64_t deadline_ns);
  [[nodiscard]] Error too_late(const Inference& inference) const;
  [[nodiscard]] NodeLink& home() const { return *links_.front(); }

  static constexpr int rounds_a_look = 256;  // a node that never falls silent must not keep us from the clock

  std::unique_ptr<Dialler> dialler_;
  std::string entry_;
  ClientOptions options_;
  const Clock& clock_;
  Random random_;
  Idle idle_;
  std::vector<std::byte> buffer_;
  wire::Datagram datagram_;
  Description description_;
  InFlight in_flight_;

  State state_ = State::lost;
  std::vector<std::unique_ptr<NodeLink>> links_;  // by the description's nodes
  std::vector<std::vector<Leg>> legs_;            // by node
  std::vector<char> gives_output_;                // by node
  std::vector<wire::Shipment> shipments_;
  std::uint16_t slot_ = wire::any_slot;
  std::int64_t attach_begin_ns_ = 0;
  std::int64_t now_ns_ = 0;       // when the clock was last read
  std::int64_t looked_ns_ = 0;    // when look_after_links() last did
  std::int64_t awaited_ns_ = 0;   // when await() last looked and found outputs
  bool look_everywhere_ = false;  // in the next pump()
  std::uint32_t polls_ = 0;
  std::uint32_t empty_polls_ = 0;
  std::uint32_t busy_polls_ = 0;
  bool traces_ = false;
  std::vector<NodeTrace> trace_;  // by node
};

}  // namespace algean
