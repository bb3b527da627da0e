#include "runtime/node/node.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>

#include "runtime/node/client_slots.hpp"
#include "runtime/node/dispatch.hpp"
#include "runtime/node/kernels.hpp"
#include "runtime/node/peer_links.hpp"
#include "runtime/wire/datagram.hpp"

namespace algean {
namespace {

using wire::Drop;
using wire::ErrorCode;
using wire::FrameType;

constexpr std::uint32_t rounds_a_listen = 64;  // while there are links, the listener is polled this rarely
constexpr std::uint32_t work_a_clock_reading = 256;
constexpr std::uint32_t work_of_a_datagram = 16;           // that of a round without any is 1
constexpr std::int64_t longest_sleep_ns = 10'000'000'000;  // stop() and datagrams end it

bool is_something(const Received& got) {
  return got.result == Transfer::done || got.result == Transfer::oversized || got.result == Transfer::refused;
}

}  // namespace

class Node::Impl {
 public:
  Impl(NodeConfig config, std::unique_ptr<Listener> listener, NodeOptions options, const Clock& clock)
      : shared_{std::move(config), std::move(options), clock, clock.now_ns(), {}, nullptr},
        listener_(std::move(listener)),
        slots_(shared_, *listener_),
        links_(shared_, *listener_),
        dispatch_(shared_, slots_, links_),
        buffer_(receive_buffer_bytes) {
    links_.on_down([this](std::size_t peer, std::string_view why) { dispatch_.lose_node(peer, why); });
  }

  Result<> prepare() {
    ALGEAN_ASSIGN(kernels_, Kernels::make(shared_, dispatch_, slots_, links_));
    return links_.dial();
  }

  void run() {
    Idle idle(shared_.options.poll, shared_.options.polling_threads, usable_cores(), shared_.clock);
    bool rested = true;
    tick();
    while (!stop_.load(std::memory_order_relaxed)) {
      if (round(rested)) {
        idle.work();
        rested = false;
        continue;
      }
      const Idle::Step step = idle.next();
      if (step == Idle::Step::yield) ::sched_yield();
      if (step == Idle::Step::block) {
        tick();
        listener_->wait(std::min(next_ns_ - shared_.now_ns, longest_sleep_ns));
      }
      rested = step != Idle::Step::again;
    }
    for (ClientSlot* slot : slots_.active()) slot->channel.signal(FrameType::detach);
    for (std::size_t peer = 0; peer < links_.size(); ++peer) {
      if (links_[peer].channel) links_[peer].channel->signal(FrameType::detach);
    }
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
  [[nodiscard]] NodeCounts counts() const { return shared_.counters.counts(); }
  [[nodiscard]] std::vector<LinkStatus> links() const { return links_.status(); }
  [[nodiscard]] LinkStatus clients() const {
    return {"clients", LinkState::up, -1, 0, slots_.counters().counts(), slots_.wire.times()};
  }
  [[nodiscard]] std::vector<KernelStatus> kernels() const { return kernels_->status(); }
  void observe(RunObserver* observer) noexcept { shared_.observer.store(observer, std::memory_order_release); }
  Result<> use(std::uint16_t kernel, Engine& engine) { return kernels_->use(kernel, engine); }

 private:
  // At most one datagram, or batch of them, of each link, and of the listener if it is its turn. Whether there was one.
  bool round(bool listen) {
    bool any = false;
    for (std::size_t i = 0; i < slots_.active().size(); ++i) {
      ClientSlot& slot = *slots_.active()[i];
      any |= hear(slot.channel, [&] { on_client(slot); });
      if (slot.channel.refused()) slot.gone = true;
      if (slot.gone) free_slot(i--, "is gone");
    }
    for (std::size_t peer = 0; peer < links_.size(); ++peer) {
      PeerLink& link = links_[peer];
      if (!link.channel) continue;
      any |= hear(*link.channel, [&] { on_peer(link); });
      if (link.channel->refused()) links_.go_down(link, "nobody answers there: connection refused");
    }
    const bool linked = !slots_.active().empty() && links_.all_up();
    if (listen || !linked || rounds_ % rounds_a_listen == 0) any |= hear_listener();
    ++rounds_;
    work_ += any ? work_of_a_datagram : 1;
    if (work_ >= work_a_clock_reading) tick();
    return any;
  }

  // Takes what a link has now, and calls `handle` for each datagram that parses, in datagram_.
  template <class Handle>
  bool hear(Channel& channel, Handle handle) {
    const Received got = channel.receive(buffer_);
    take_apart(got, handle);
    return is_something(got);
  }
  template <class Handle>
  void take_apart(const Received& got, Handle handle) {
    if (got.result == Transfer::oversized) shared_.counters.drop(Drop::oversized);
    if (got.result != Transfer::done) return;
    std::span<const std::byte> rest = std::span(buffer_).first(got.bytes);
    do {
      shared_.counters.datagrams.add();
      const Drop cause = parse(next_datagram(rest, got.segment_bytes), datagram_);
      if (cause != Drop::none) {
        shared_.counters.drop(cause);
      } else {
        handle();
      }
    } while (!rest.empty());
  }

  bool hear_listener() {
    Peer from;
    const Received got = listener_->receive(buffer_, from);
    take_apart(got, [&] {
      if (ClientSlot* slot = slots_.find(from)) return on_client(*slot);
      on_stranger(from);
    });
    return got.result == Transfer::done || got.result == Transfer::oversized;
  }

  void on_stranger(const Peer& from) {
    const std::uint64_t epoch = datagram_.frame.epoch;
    const wire::MessageHeader& header = datagram_.messages().front().header;
    if (epoch != 0 && epoch == shared_.config.epoch) {
      PeerLink* link = links_.with_kernel(header.source_kernel);
      if (link == nullptr) return shared_.counters.drop(Drop::foreign_epoch);
      if (!link->channel) links_.take_in(*link, from);
      if (link->channel) on_peer(*link);
      return;
    }
    if (datagram_.type() == FrameType::attach) {
      ClientSlot* slot = slots_.attach(from, epoch, header.client_slot);
      if (slot == nullptr) return;
      kernels_->forget(slot->index);
      return on_client(*slot);
    }
    shared_.counters.drop(Drop::foreign_epoch);
    // Answers are no longer than such a frame's own, but for the text; never to an answer.
    if (datagram_.type() != FrameType::data && datagram_.type() != FrameType::ping) return;
    slots_.refuse(from, epoch, header.inference_id, ErrorCode::no_session,
                  "the node restarted, or freed this client after long silence");
  }

  void on_client(ClientSlot& slot) {
    if (datagram_.frame.epoch != slot.channel.epoch()) return slots_.on_foreign(slot, datagram_);
    if (const Drop cause = slot.channel.accept(datagram_, time_for(datagram_.type())); cause != Drop::none) {
      return shared_.counters.drop(cause);
    }
    switch (datagram_.type()) {
      case FrameType::data:
        for (const wire::Message& message : datagram_.messages()) on_input(slot, message);
        return;
      case FrameType::attach:
        return slots_.describe(slot);
      case FrameType::detach:
        slot.gone = true;
        return;
      case FrameType::ping:
      case FrameType::pong:
      case FrameType::credit:
        return;
      default:
        return shared_.counters.drop(Drop::unexpected_type);
    }
  }

  void on_input(ClientSlot& slot, const wire::Message& message) {
    const wire::MessageHeader& header = message.header;
    if (header.client_slot != slot.index) {
      return dispatch_.fail({slot.index, header.inference_id}, ErrorCode::no_session, "client slot {} is not yours: {}",
                            header.client_slot, slot.index);
    }
    add_wire_time(slots_.wire, header, slot.channel.clock_offset_ns());
    kernels_->take(message);
  }

  void on_peer(PeerLink& link) {
    if (!links_.accept(link, datagram_, time_for(datagram_.type()))) return;
    switch (datagram_.type()) {
      case FrameType::data:
        for (const wire::Message& message : datagram_.messages()) {
          if (message.header.client_slot >= shared_.options.max_clients) {
            shared_.counters.drop(Drop::bad_slot);
            continue;
          }
          add_wire_time(link.wire, message.header, link.channel->clock_offset_ns());
          kernels_->take(message);
        }
        return;
      case FrameType::error:
        for (const wire::Message& message : datagram_.messages()) dispatch_.pass_on(message);
        return;
      case FrameType::detach:
        return links_.go_down(link, "it stopped");
      case FrameType::ping:
      case FrameType::pong:
      case FrameType::credit:
        return;
      default:
        return shared_.counters.drop(Drop::unexpected_type);
    }
  }

  void add_wire_time(WireCounters& wire, const wire::MessageHeader& header, std::int64_t clock_offset_ns) const {
    if ((header.flags & wire::flag_trace) == 0) return;
    wire.add(shared_.clock.now_ns() -
             static_cast<std::int64_t>(header.time_stamp - static_cast<std::uint64_t>(clock_offset_ns)));
  }

  // Round trips are measured with a fresh time.
  [[nodiscard]] std::int64_t time_for(FrameType type) const {
    return type == FrameType::ping || type == FrameType::pong ? shared_.clock.now_ns() : shared_.now_ns;
  }

  // What time brings; and when it brings something next.
  void tick() {
    work_ = 0;
    shared_.now_ns = shared_.clock.now_ns();
    next_ns_ = std::min({kernels_->on_time(), slots_.on_time(), links_.on_time()});
    for (std::size_t i = 0; i < slots_.active().size(); ++i) {
      const ClientSlot& slot = *slots_.active()[i];
      if (slot.gone) {
        free_slot(i--, "is gone");
      } else if (slot.channel.is_silent(shared_.now_ns, shared_.options.idle_timeout_ns)) {
        free_slot(i--, "fell silent");
      }
    }
  }

  void free_slot(std::size_t i, std::string_view why) {
    kernels_->forget(slots_.active()[i]->index);
    slots_.free(i, why);
  }

  NodeShared shared_;
  std::unique_ptr<Listener> listener_;  // outlives its links
  ClientSlots slots_;
  PeerLinks links_;
  Dispatch dispatch_;
  std::unique_ptr<Kernels> kernels_;
  std::vector<std::byte> buffer_;
  wire::Datagram datagram_;
  std::int64_t next_ns_ = 0;
  std::uint32_t rounds_ = 0;
  std::uint32_t work_ = 0;
  std::atomic<bool> stop_ = false;
};

Result<std::unique_ptr<Node>> Node::make(NodeConfig config, std::unique_ptr<Listener> listener, NodeOptions options,
                                         const Clock& clock) {
  ALGEAN_TRY(check(config, options));
  config.description.idle_timeout_ms = static_cast<std::uint32_t>(options.idle_timeout_ns / 1'000'000);
  auto impl = std::make_unique<Impl>(std::move(config), std::move(listener), std::move(options), clock);
  ALGEAN_TRY(impl->prepare());
  return std::unique_ptr<Node>(new Node(std::move(impl)));
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() = default;
void Node::run() { impl_->run(); }
void Node::stop() noexcept { impl_->stop(); }
bool Node::step() { return impl_->step(); }
std::string Node::address() const { return impl_->address(); }
NodeCounts Node::counts() const { return impl_->counts(); }
std::vector<LinkStatus> Node::links() const { return impl_->links(); }
LinkStatus Node::clients() const { return impl_->clients(); }
std::vector<KernelStatus> Node::kernels() const { return impl_->kernels(); }
void Node::observe(RunObserver* observer) noexcept { impl_->observe(observer); }
Result<> Node::use(std::uint16_t kernel, Engine& engine) { return impl_->use(kernel, engine); }

}  // namespace algean
