// A client's session with a node: attach, inferences as tensors in wire form, deadlines. No names, no element types.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/base/random.hpp"
#include "runtime/client/client.hpp"
#include "runtime/engine/description.hpp"
#include "runtime/router/flow.hpp"
#include "runtime/transport/transport.hpp"
#include "runtime/wire/datagram.hpp"
#include "runtime/wire/replay_window.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

class NodeSession {
 public:
  NodeSession(std::unique_ptr<Transport> link, const ClientOptions& options, const Clock& clock);
  NodeSession(const NodeSession&) = delete;
  NodeSession& operator=(const NodeSession&) = delete;
  ~NodeSession();  // detaches

  // First of all; once.
  Result<> attach();
  [[nodiscard]] const Description& description() const { return description_; }
  [[nodiscard]] std::string address() const { return link_->peer(); }
  [[nodiscard]] std::size_t max_in_flight() const { return pending_.size(); }
  // Inferences that may be in flight without a risk that their datagrams overflow a receiver's queue, at least 1.
  [[nodiscard]] std::size_t safe_in_flight() const;

  // Sends inputs in wire form, by port; their sizes are the ports'. Attaches again if the session was lost.
  Result<std::uint32_t> submit(std::span<const std::span<const std::byte>> inputs, std::int64_t timeout_ns);
  // The outputs, valid until release(). On an error the inference is released already.
  Result<const wire::Assembly*> await(std::uint32_t inference_id);
  void release(std::uint32_t inference_id);

 private:
  enum class State : std::uint8_t { unused, waiting, done, failed };
  struct Pending {
    explicit Pending(std::span<const std::size_t> output_bytes) : outputs(output_bytes) {}
    wire::Assembly outputs;
    State state = State::unused;
    std::uint32_t inference_id = 0;
    std::int64_t deadline_ns = 0;
    std::int64_t timeout_ns = 0;
    std::optional<Error> error;
  };

  void begin_attach();
  Result<Description> exchange_attach(std::int64_t deadline_ns);
  [[nodiscard]] bool description_is_whole() const { return description_parts_ && description_parts_->complete(); }
  Result<> attach_again(std::int64_t deadline_ns);
  Result<> allocate();
  Result<> ensure_session(std::int64_t now_ns, std::int64_t deadline_ns);

  // One datagram, if there is one. Whether there was.
  bool pump();
  // Takes datagrams until enough() or none is there, but never more than it may between two looks at the clock.
  template <class Enough>
  void pump_some(Enough enough);
  void on_frame();
  void on_description(const wire::Message& message);
  void on_output(const wire::Message& message);
  void on_error(const wire::Message& message);
  void lose_session(std::string_view why);
  // Waits a little after pump() found nothing; reads the clock now and then. Whether the deadline has passed.
  bool rest(std::int64_t deadline_ns);

  Transfer send_signal(wire::FrameType type);
  Transfer send_inputs(std::span<const std::span<const std::byte>> inputs, const Pending& pending);
  wire::FrameHeader frame(wire::FrameType type);
  Pending* find(std::uint32_t inference_id);
  [[nodiscard]] bool anything_waits() const;
  [[nodiscard]] Error error(ErrorKind kind, std::string_view what) const;

  std::unique_ptr<Transport> link_;
  ClientOptions options_;
  const Clock& clock_;
  Random random_;
  Idle idle_;
  std::vector<std::byte> buffer_;
  std::vector<std::byte> storage_;
  wire::Datagram datagram_;
  Description description_;
  std::vector<Pending> pending_;
  std::vector<wire::Shipment> shipments_;

  bool attached_ = false;
  std::uint64_t epoch_ = 0;
  std::uint16_t slot_ = 0;
  wire::ReplayWindow window_;
  std::uint32_t next_sequence_ = 0;
  std::uint32_t position_ = 0;
  flow::Receiver receiver_{0};
  std::uint32_t last_inference_ = 0;
  std::uint32_t empty_polls_ = 0;
  std::uint32_t busy_polls_ = 0;
  bool heard_ = false;          // since the clock was last read
  std::int64_t heard_ns_ = 0;   // about when a frame came last
  std::int64_t probed_ns_ = 0;  // when the node was last asked for a sign of life

  // While attaching.
  int refusals_ = 0;
  std::optional<Error> attach_error_;
  std::vector<std::size_t> description_bytes_{0};
  std::optional<wire::Assembly> description_parts_;
};

}  // namespace algean
