#include "runtime/node/node.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

#include "runtime/engine/description.hpp"
#include "runtime/node/client_slot.hpp"
#include "runtime/node/compute.hpp"
#include "runtime/node/frame_sender.hpp"
#include "runtime/wire/datagram.hpp"

namespace algean {
namespace {

using wire::Drop;
using wire::ErrorCode;
using wire::FrameType;

constexpr std::size_t assembly_bytes_a_client = std::size_t{64} << 20;
constexpr std::uint32_t rounds_a_listen = 64;  // with clients attached, the listener is polled this rarely
constexpr std::uint32_t rounds_a_clock_reading = 256;
constexpr std::int64_t longest_sleep_ns = 10'000'000'000;  // without clients; stop() and datagrams end it
constexpr std::int64_t sleep_with_clients_ns = 100'000'000;

std::uint16_t in_flight_that_fit(const NodeOptions& options, std::span<const std::size_t> input_bytes) {
  std::size_t bytes = 1;
  for (const std::size_t one : input_bytes) bytes += one;
  return static_cast<std::uint16_t>(std::clamp<std::size_t>(assembly_bytes_a_client / bytes, 1, options.max_in_flight));
}

}  // namespace

class Node::Impl {
 public:
  Impl(Engine& engine, std::unique_ptr<Listener> listener, NodeOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        engine_(engine),
        listener_(std::move(listener)),
        compute_(engine),
        slots_(options_.max_clients),
        buffer_(wire::max_datagram_bytes + 1),
        now_ns_(clock.now_ns()) {
    active_.reserve(slots_.size());
    options_.max_in_flight = in_flight_that_fit(options_, compute_.input_bytes());
  }

  void run() {
    Idle idle(options_.poll, options_.polling_threads, usable_cores(), clock_);
    bool rested = true;
    while (!stop_.load(std::memory_order_relaxed)) {
      if (round(rested)) {
        idle.work();
        rested = false;
        continue;
      }
      const Idle::Step step = idle.next();
      if (step == Idle::Step::yield) ::sched_yield();
      if (step == Idle::Step::block) listener_->wait(active_.empty() ? longest_sleep_ns : sleep_with_clients_ns);
      rested = step != Idle::Step::again;
      if (step == Idle::Step::block) tick();
    }
    for (ClientSlot* slot : active_) sender_.signal(*slot, FrameType::detach);
  }
  void stop() noexcept {
    stop_ = true;
    listener_->wake();
  }
  bool step() {
    tick();
    return round(true);
  }
  [[nodiscard]] std::string address() const { return listener_->address(); }
  [[nodiscard]] NodeCounts counts() const {
    NodeCounts counts{datagrams_.value(),
                      inferences_.value(),
                      attached_.value(),
                      freed_.value(),
                      errors_.value(),
                      lost_replies_.value(),
                      {}};
    for (std::size_t i = 0; i < wire::drop_count; ++i) counts.dropped[i] = dropped_[i].value();
    return counts;
  }

 private:
  // At most one datagram of each link, and of the listener if it is its turn. Whether there was one.
  bool round(bool listen) {
    bool any = false;
    for (std::size_t i = 0; i < active_.size(); ++i) {
      ClientSlot& slot = *active_[i];
      const Received got = slot.link->receive(buffer_);
      if (got.result == Transfer::empty) continue;
      any = true;
      if (got.result == Transfer::refused) slot.gone = true;
      if (got.result == Transfer::oversized) drop(Drop::oversized);
      if (got.result == Transfer::done) on_datagram(slot, std::span(buffer_).first(got.bytes));
      if (slot.gone) free_slot(i--, "is gone");
    }
    if (listen || active_.empty() || rounds_ % rounds_a_listen == 0) any |= hear_listener();
    if (++rounds_ % rounds_a_clock_reading == 0) tick();
    return any;
  }

  bool hear_listener() {
    Peer from;
    const Received got = listener_->receive(buffer_, from);
    if (got.result == Transfer::empty || got.result == Transfer::failed || got.result == Transfer::refused)
      return false;
    if (got.result == Transfer::oversized) {
      drop(Drop::oversized);
      return true;
    }
    const auto bytes = std::span(buffer_).first(got.bytes);
    const auto known = std::ranges::find_if(active_, [&](const ClientSlot* slot) { return slot->peer == from; });
    if (known == active_.end()) {
      on_stranger(from, bytes);
      return true;
    }
    on_datagram(**known, bytes);
    if ((*known)->gone) free_slot(static_cast<std::size_t>(known - active_.begin()), "is gone");
    return true;
  }

  void on_stranger(const Peer& from, std::span<const std::byte> bytes) {
    datagrams_.add();
    if (const Drop cause = parse(bytes, datagram_); cause != Drop::none) return drop(cause);
    const std::uint64_t epoch = datagram_.frame.epoch;
    if (datagram_.type() == FrameType::attach) return attach(from, epoch);
    drop(Drop::foreign_epoch);
    // Answers are no longer than such a frame's own, but for the text; never to an answer.
    if (datagram_.type() != FrameType::data && datagram_.type() != FrameType::ping) return;
    errors_.add();
    sender_.error(*listener_, from, epoch, datagram_.messages().front().header.inference_id, ErrorCode::no_session,
                  "the node restarted, or freed this client after long silence");
  }

  void attach(const Peer& from, std::uint64_t epoch) {
    if (epoch == 0) return drop(Drop::foreign_epoch);
    const auto unused = std::ranges::find_if(slots_, [](const auto& slot) { return slot == nullptr; });
    if (unused == slots_.end()) {
      return refuse_attach(from, epoch, ErrorCode::clients_full,
                           fmt::format("all {} client slots are taken", slots_.size()));
    }
    auto link = listener_->connect(from);
    if (!link) return refuse_attach(from, epoch, ErrorCode::internal, link.error().message);
    const auto index = static_cast<std::uint16_t>(unused - slots_.begin());
    try {
      *unused = std::make_unique<ClientSlot>(index, from, std::move(*link), epoch, options_.max_in_flight,
                                             compute_.input_bytes());
    } catch (const std::bad_alloc&) {
      return refuse_attach(from, epoch, ErrorCode::clients_full, "no memory for another client");
    }
    ClientSlot& slot = **unused;
    slot.heard_ns = slot.probed_ns = now_ns_ = clock_.now_ns();
    active_.push_back(&slot);
    attached_.add();
    log(slot, "attached");
    describe(slot);
  }

  void refuse_attach(const Peer& from, std::uint64_t epoch, ErrorCode code, std::string_view why) {
    errors_.add();
    if (options_.log) options_.log(fmt::format("a client was refused: {}", why));
    sender_.error(*listener_, from, epoch, 0, code, why);
  }

  void describe(ClientSlot& slot) {
    Description description = describe_one_node(options_.deployment, options_.version, engine_);
    description.max_in_flight = options_.max_in_flight;
    description.idle_timeout_ms = static_cast<std::uint32_t>(options_.idle_timeout_ns / 1'000'000);
    description.receive_window_bytes = static_cast<std::uint32_t>(slot.link->receive_window_bytes());
    sent(slot, sender_.description(slot, encode(description)));
  }

  void on_datagram(ClientSlot& slot, std::span<const std::byte> bytes) {
    datagrams_.add();
    if (const Drop cause = parse(bytes, datagram_); cause != Drop::none) return drop(cause);
    const FrameType type = datagram_.type();
    if (datagram_.frame.epoch != slot.epoch) return on_foreign(slot, type);
    slot.heard_ns = now_ns_;
    if (type == FrameType::attach) return describe(slot);
    if (!slot.window.accept(datagram_.frame.sequence)) return drop(Drop::replayed);
    switch (type) {
      case FrameType::data:
        for (const wire::Message& message : datagram_.messages()) on_message(slot, message);
        return;
      case FrameType::ping:
        return sent(slot, sender_.signal(slot, FrameType::pong, datagram_.messages().front().payload));
      case FrameType::detach:
        slot.gone = true;
        return;
      case FrameType::pong:
      case FrameType::credit:
        return;
      default:
        return drop(Drop::unexpected_type);
    }
  }

  // A client that restarted at the same address attaches with another epoch. One such frame may be another client's
  // that strayed to this link while it was made; the second cannot be.
  void on_foreign(ClientSlot& slot, FrameType type) {
    const std::uint64_t epoch = datagram_.frame.epoch;
    if (type != FrameType::attach || epoch == 0 || slot.foreign_attach_epoch != epoch) {
      if (type == FrameType::attach) slot.foreign_attach_epoch = epoch;
      return drop(Drop::foreign_epoch);
    }
    slot.gone = true;  // its third attach finds the listener
  }

  void on_message(ClientSlot& slot, const wire::Message& message) {
    const wire::MessageHeader& header = message.header;
    const std::uint32_t id = header.inference_id;
    if (slot.failed(id)) return;
    if (header.client_slot != slot.index) {
      return fail(slot, id, ErrorCode::no_session, "client slot {} is not yours: {}", header.client_slot, slot.index);
    }
    if (header.destination_kernel != wire::node_kernel) {
      return fail(slot, id, ErrorCode::wrong_kernel, "kernel {} is not here, but {}", header.destination_kernel,
                  wire::node_kernel);
    }
    if (header.weight_bank != 0) {
      return fail(slot, id, ErrorCode::unknown_bank, "weight bank {}: there is only 0", header.weight_bank);
    }
    Partial* partial = slot.partial(id, now_ns_);
    if (partial == nullptr) {
      return fail(slot, id, ErrorCode::too_many_in_flight, "at most {} inferences at once", options_.max_in_flight);
    }
    if ((header.flags & wire::flag_reset) != 0) return slot.forget(*partial);
    const wire::Piece piece = partial->assembly.add(header, message.payload);
    if (piece == wire::Piece::duplicate) return drop(Drop::duplicate);
    if (piece != wire::Piece::accepted) return on_bad_piece(slot, *partial, header, piece);
    if (partial->assembly.complete()) compute(slot, *partial);
  }

  void on_bad_piece(ClientSlot& slot, Partial& partial, const wire::MessageHeader& header, wire::Piece piece) {
    slot.forget(partial);
    if (piece == wire::Piece::unknown_port) {
      return fail(slot, header.inference_id, ErrorCode::unknown_port, "port {}: there are {} inputs",
                  header.destination_port, engine_.inputs().size());
    }
    const ErrorCode code = piece == wire::Piece::overlap ? ErrorCode::overlap : ErrorCode::bad_length;
    fail(slot, header.inference_id, code, "input \"{}\", {} bytes at {} of {}: {}",
         engine_.inputs()[header.destination_port].name, header.payload_length, header.tensor_offset,
         compute_.input_bytes()[header.destination_port], to_text(piece));
  }

  void compute(ClientSlot& slot, Partial& partial) {
    const std::uint32_t id = partial.inference_id;
    const auto wrong = compute_.run(partial.assembly);
    slot.forget(partial);
    if (wrong) return fail(slot, id, ErrorCode::bad_element, "{}", *wrong);
    inferences_.add();
    sent(slot, sender_.tensors(slot, id, compute_.outputs()));
  }

  template <class... Args>
  void fail(ClientSlot& slot, std::uint32_t id, ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
    slot.fail(id);
    errors_.add();
    sent(slot, sender_.error(slot, id, code, fmt::format(text, std::forward<Args>(args)...)));
  }

  void sent(ClientSlot& slot, Transfer result) {
    if (result == Transfer::done) return;
    lost_replies_.add();
    if (result == Transfer::refused) slot.gone = true;
  }

  // What time brings: inferences whose inputs never came, clients that fell silent.
  void tick() {
    now_ns_ = clock_.now_ns();
    for (std::size_t i = 0; i < active_.size(); ++i) {
      ClientSlot& slot = *active_[i];
      for (Partial& partial : slot.partials()) {
        if (partial.used && now_ns_ - partial.since_ns >= options_.partial_timeout_ns) give_up(slot, partial);
      }
      if (now_ns_ - slot.heard_ns >= options_.probe_ns && now_ns_ - slot.probed_ns >= options_.probe_ns) {
        slot.probed_ns = now_ns_;
        sent(slot, sender_.signal(slot, FrameType::ping));
      }
      if (slot.gone) {
        free_slot(i--, "is gone");
      } else if (now_ns_ - slot.heard_ns >= options_.idle_timeout_ns) {
        free_slot(i--, "fell silent");
      }
    }
  }

  void give_up(ClientSlot& slot, Partial& partial) {
    const auto missing = partial.assembly.missing();
    const std::uint32_t id = partial.inference_id;
    slot.forget(partial);
    fail(slot, id, ErrorCode::incomplete, "input \"{}\" lacks byte {} of {}", engine_.inputs()[missing.port].name,
         missing.byte, missing.of);
  }

  void free_slot(std::size_t at, std::string_view why) {
    ClientSlot& slot = *active_[at];
    freed_.add();
    log(slot, why);
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(at));
    slots_[slot.index].reset();
  }

  void log(const ClientSlot& slot, std::string_view what) {
    if (options_.log) options_.log(fmt::format("client {} at {} {}", slot.index, slot.link->peer(), what));
  }
  void drop(Drop cause) { dropped_[static_cast<std::size_t>(cause)].add(); }

  NodeOptions options_;
  const Clock& clock_;
  Engine& engine_;
  std::unique_ptr<Listener> listener_;
  Compute compute_;
  FrameSender sender_;
  std::vector<std::unique_ptr<ClientSlot>> slots_;  // by index; null: unused. Gone before the listener.
  std::vector<ClientSlot*> active_;                 // those in use, in order of attaching
  std::vector<std::byte> buffer_;
  wire::Datagram datagram_;
  std::int64_t now_ns_;
  std::uint32_t rounds_ = 0;
  std::atomic<bool> stop_ = false;

  Counter datagrams_;
  Counter inferences_;
  Counter attached_;
  Counter freed_;
  Counter errors_;
  Counter lost_replies_;
  std::array<Counter, wire::drop_count> dropped_;
};

Result<std::unique_ptr<Node>> Node::make(Engine& engine, std::unique_ptr<Listener> listener, NodeOptions options,
                                         const Clock& clock) {
  ALGEAN_TRY(check_ports("input", engine.inputs()));
  ALGEAN_TRY(check_ports("output", engine.outputs()));
  if (options.max_clients == 0 || options.max_in_flight == 0) {
    return bad_input("a node needs at least one client slot and one inference in flight");
  }
  return std::unique_ptr<Node>(
      new Node(std::make_unique<Impl>(engine, std::move(listener), std::move(options), clock)));
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() = default;
void Node::run() { impl_->run(); }
void Node::stop() noexcept { impl_->stop(); }
bool Node::step() { return impl_->step(); }
std::string Node::address() const { return impl_->address(); }
NodeCounts Node::counts() const { return impl_->counts(); }

}  // namespace algean
