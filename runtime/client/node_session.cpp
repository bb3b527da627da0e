#include "runtime/client/node_session.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <random>

#include "runtime/base/printable.hpp"
#include "runtime/wire/elements.hpp"

namespace algean {
namespace {

using wire::ErrorCode;
using wire::FrameType;

constexpr std::int64_t first_retry_ns = 20'000'000;
constexpr std::int64_t longest_retry_ns = 1'000'000'000;
constexpr std::uint32_t polls_a_clock_reading = 64;
constexpr int datagrams_a_look = 256;  // a node that never falls silent must not keep us from the clock
constexpr std::size_t max_pending_bytes = std::size_t{1} << 30;
constexpr int tolerated_refusals = 1;  // the system may report one that belongs to a datagram of long ago

std::uint64_t system_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

std::size_t wire_size(std::span<const Port> ports) {
  std::size_t bytes = wire::block_bytes;
  for (const Port& port : ports) bytes += wire::wire_bytes(port.type) + wire::block_bytes;
  return bytes;
}

double to_ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

NodeSession::NodeSession(std::unique_ptr<Transport> link, const ClientOptions& options, const Clock& clock)
    : link_(std::move(link)),
      options_(options),
      clock_(clock),
      random_(options.seed != 0 ? options.seed : system_seed()),
      idle_(options.poll, options.polling_threads, usable_cores(), clock),
      buffer_(receive_buffer_bytes),
      storage_(std::min(link_->max_datagram_bytes(), options.max_datagram_bytes)) {}

NodeSession::~NodeSession() {
  if (attached_) send_signal(FrameType::detach);
}

Error NodeSession::error(ErrorKind kind, std::string_view what) const {
  return {kind, fmt::format("node {}: {}", link_->peer(), what)};
}

wire::FrameHeader NodeSession::frame(FrameType type) {
  wire::FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(type);
  frame.epoch = epoch_;
  if (type != FrameType::attach) {
    frame.sequence = next_sequence_++;
    frame.acknowledgement = window_.next();
  }
  frame.position = position_;
  return frame;
}

Transfer NodeSession::send_signal(FrameType type) {
  wire::DatagramWriter writer(storage_);
  wire::MessageHeader header;
  header.destination_kernel = wire::node_kernel;
  header.source_kernel = wire::client_kernel;
  header.client_slot = type == FrameType::attach ? wire::any_slot : slot_;
  writer.add(header);
  return link_->send(writer.finish(frame(type), receiver_.credit()));
}

template <class Enough>
void NodeSession::pump_some(Enough enough) {
  for (int i = 0; i < datagrams_a_look && !enough() && pump(); ++i) {
  }
}

Result<> NodeSession::attach() {
  auto description = exchange_attach(clock_.now_ns() + options_.attach_timeout_ns);
  if (!description) return std::unexpected(std::move(description).error());
  description_ = *std::move(description);
  return allocate();
}

Result<> NodeSession::attach_again(std::int64_t deadline_ns) {
  auto description = exchange_attach(deadline_ns);
  if (!description) return std::unexpected(std::move(description).error());
  if (description->inputs != description_.inputs || description->outputs != description_.outputs) {
    send_signal(FrameType::detach);
    attached_ = false;
    return std::unexpected(error(ErrorKind::failed, "serves other inputs or outputs than before: connect anew"));
  }
  description_.max_in_flight = description->max_in_flight;
  description_.receive_window_bytes = description->receive_window_bytes;
  return {};
}

void NodeSession::begin_attach() {
  do epoch_ = random_.next();
  while (epoch_ == 0);
  window_ = {};
  next_sequence_ = 0;
  position_ = 0;
  receiver_ = flow::Receiver(static_cast<std::uint32_t>(link_->receive_window_bytes()));
  attached_ = false;
  refusals_ = 0;
  attach_error_.reset();
  description_parts_.reset();
}

Result<Description> NodeSession::exchange_attach(std::int64_t deadline_ns) {
  begin_attach();
  const std::int64_t start_ns = clock_.now_ns();
  std::int64_t send_ns = start_ns;
  std::int64_t retry_ns = first_retry_ns;
  int seen_refusals = 0;
  while (true) {
    const std::int64_t now_ns = clock_.now_ns();
    if (now_ns >= send_ns || refusals_ > seen_refusals) {
      seen_refusals = refusals_;
      if (send_signal(FrameType::attach) == Transfer::refused) ++refusals_;
      send_ns = now_ns + retry_ns;
      retry_ns = std::min(2 * retry_ns, longest_retry_ns);
    }
    pump_some([this] { return description_is_whole() || attach_error_; });
    if (description_is_whole()) break;
    if (attach_error_) return std::unexpected(*attach_error_);
    if (refusals_ > tolerated_refusals) {
      return std::unexpected(error(ErrorKind::failed, "nobody answers there: connection refused"));
    }
    if (now_ns >= deadline_ns) {
      const auto what = fmt::format("no answer to an attach within {:.0f} ms", to_ms(deadline_ns - start_ns));
      return std::unexpected(error(ErrorKind::deadline, what));
    }
    if (refusals_ == seen_refusals) link_->wait(std::min(send_ns, deadline_ns) - now_ns);
  }
  auto description = decode_description(description_parts_->bytes(0));
  description_parts_.reset();
  if (!description) return std::unexpected(error(ErrorKind::failed, description.error().message));
  attached_ = true;
  heard_ns_ = probed_ns_ = clock_.now_ns();
  return description;
}

void NodeSession::on_description(const wire::Message& message) {
  const std::size_t bytes = message.header.inference_id;
  if (attached_ || bytes == 0 || bytes > max_description_bytes) return;
  if (!description_parts_ || description_bytes_[0] != bytes) {
    description_bytes_[0] = bytes;
    description_parts_.emplace(description_bytes_);
  }
  slot_ = message.header.client_slot;
  description_parts_->add(message.header, message.payload);
}

Result<> NodeSession::allocate() {
  std::vector<std::size_t> output_bytes;
  std::size_t bytes = 1;
  for (const Port& port : description_.outputs) bytes += output_bytes.emplace_back(wire::wire_bytes(port.type));
  if (bytes > max_pending_bytes) {
    return std::unexpected(
        error(ErrorKind::failed, fmt::format("outputs of {} bytes, at most {}", bytes, max_pending_bytes)));
  }
  const std::size_t count =
      std::min({std::size_t{description_.max_in_flight}, options_.max_in_flight, max_pending_bytes / bytes});
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) pending_.emplace_back(output_bytes);
  return {};
}

std::size_t NodeSession::safe_in_flight() const {
  const std::size_t there = description_.receive_window_bytes / wire_size(description_.inputs);
  const std::size_t here = link_->receive_window_bytes() / wire_size(description_.outputs);
  return std::max<std::size_t>(1, std::min({there, here, pending_.size(), std::size_t{description_.max_in_flight}}));
}

Result<> NodeSession::ensure_session(std::int64_t now_ns, std::int64_t deadline_ns) {
  const std::int64_t silence_ns = now_ns - heard_ns_;
  if (attached_ && silence_ns > std::int64_t{description_.idle_timeout_ms} * 500'000 && !anything_waits()) {
    send_signal(FrameType::detach);  // the node may have freed the slot: begin anew
    attached_ = false;
  }
  return attached_ ? Result<>{} : attach_again(deadline_ns);
}

bool NodeSession::anything_waits() const {
  return std::ranges::any_of(pending_, [](const Pending& pending) { return pending.state == State::waiting; });
}

NodeSession::Pending* NodeSession::find(std::uint32_t inference_id) {
  for (Pending& pending : pending_) {
    if (pending.state != State::unused && pending.inference_id == inference_id) return &pending;
  }
  return nullptr;
}

Result<std::uint32_t> NodeSession::submit(std::span<const std::span<const std::byte>> inputs, std::int64_t timeout_ns) {
  pump_some([] { return false; });
  const std::int64_t now_ns = clock_.now_ns();
  if (heard_) heard_ns_ = now_ns;
  heard_ = false;
  const auto unused = std::ranges::find(pending_, State::unused, &Pending::state);
  const auto most = std::min<std::size_t>(pending_.size(), description_.max_in_flight);
  const auto used = std::ranges::count_if(pending_, [](const Pending& each) { return each.state != State::unused; });
  if (unused == pending_.end() || static_cast<std::size_t>(used) >= most) {
    return std::unexpected(
        error(ErrorKind::failed, fmt::format("{} inferences are in flight, the most: await one", used)));
  }
  const std::int64_t deadline_ns = now_ns + timeout_ns;
  Transfer result = Transfer::refused;
  for (int attempt = 0; attempt < 2 && result == Transfer::refused; ++attempt) {
    ALGEAN_TRY(ensure_session(now_ns, deadline_ns));
    if (++last_inference_ == 0) ++last_inference_;
    unused->state = State::waiting;
    unused->inference_id = last_inference_;
    unused->timeout_ns = timeout_ns;
    unused->deadline_ns = deadline_ns;
    probed_ns_ = now_ns;
    result = send_inputs(inputs, *unused);
    if (result == Transfer::done) return unused->inference_id;
    release(unused->inference_id);
    if (result == Transfer::refused) lose_session("is gone: connection refused");
  }
  const ErrorKind kind = result == Transfer::empty ? ErrorKind::deadline : ErrorKind::failed;
  return std::unexpected(error(kind, fmt::format("inference {}: {}", last_inference_, to_text(result))));
}

Transfer NodeSession::send_inputs(std::span<const std::span<const std::byte>> inputs, const Pending& pending) {
  wire::MessageHeader header;
  header.destination_kernel = wire::node_kernel;
  header.source_kernel = wire::client_kernel;
  header.client_slot = slot_;
  header.inference_id = pending.inference_id;
  shipments_.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto port = static_cast<std::uint8_t>(i);
    shipments_.push_back({wire::node_kernel, port, port, inputs[i]});
  }
  wire::Cutter cutter(header, shipments_);
  wire::DatagramWriter writer(storage_);
  while (!cutter.done()) {
    writer.start();
    cutter.next(writer);
    const auto datagram = writer.finish(frame(FrameType::data), receiver_.credit());
    position_ += flow::charge(writer.payload_bytes());
    Transfer result = link_->send(datagram);
    while (result == Transfer::empty && clock_.now_ns() < pending.deadline_ns) {
      pump_some([] { return false; });  // the node may wait for us to take its answers
      result = link_->send(datagram);
    }
    if (result != Transfer::done) return result;
  }
  return Transfer::done;
}

Result<const wire::Assembly*> NodeSession::await(std::uint32_t inference_id) {
  Pending* pending = find(inference_id);
  if (pending == nullptr) return bad_input("ticket {} is not in flight", inference_id);
  while (pending->state == State::waiting) {
    bool expired = false;
    if (pump()) {
      idle_.work();
      empty_polls_ = 0;
      expired = ++busy_polls_ % polls_a_clock_reading == 0 && clock_.now_ns() >= pending->deadline_ns;
    } else {
      expired = rest(pending->deadline_ns);
    }
    if (expired && pending->state == State::waiting) {
      const auto what = fmt::format("inference {}: no answer within {} ms", inference_id, to_ms(pending->timeout_ns));
      release(inference_id);
      return std::unexpected(error(ErrorKind::deadline, what));
    }
  }
  if (pending->state == State::done) return &pending->outputs;
  Error why = std::move(*pending->error);
  release(inference_id);
  return std::unexpected(std::move(why));
}

void NodeSession::release(std::uint32_t inference_id) {
  Pending* pending = find(inference_id);
  if (pending == nullptr) return;
  pending->state = State::unused;
  pending->outputs.reset();
}

bool NodeSession::rest(std::int64_t deadline_ns) {
  const Idle::Step step = idle_.next();
  if (step == Idle::Step::yield) ::sched_yield();
  if (step != Idle::Step::block && ++empty_polls_ % polls_a_clock_reading != 0) return false;
  const std::int64_t now_ns = clock_.now_ns();
  if (now_ns >= deadline_ns) return true;
  if (heard_) heard_ns_ = now_ns;
  heard_ = false;
  const std::int64_t probe_ns = std::max(heard_ns_, probed_ns_) + options_.probe_ns;
  if (now_ns >= probe_ns) {
    probed_ns_ = now_ns;
    if (send_signal(FrameType::ping) == Transfer::refused) lose_session("is gone: connection refused");
    return false;
  }
  if (step == Idle::Step::block) link_->wait(std::min(deadline_ns, probe_ns) - now_ns);
  return false;
}

bool NodeSession::pump() {
  const Received got = link_->receive(buffer_);
  if (got.result == Transfer::empty || got.result == Transfer::failed) return false;
  if (got.result == Transfer::refused) {
    ++refusals_;
    lose_session("is gone: connection refused");
    return true;
  }
  if (got.result == Transfer::oversized) return true;
  std::span<const std::byte> rest = std::span(buffer_).first(got.bytes);
  do {
    const bool is_good = parse(next_datagram(rest, got.segment_bytes), datagram_) == wire::Drop::none;
    if (is_good && datagram_.frame.epoch == epoch_) on_frame();
  } while (!rest.empty());
  return true;
}

void NodeSession::on_frame() {
  heard_ = true;
  const FrameType type = datagram_.type();
  if (type == FrameType::attach_reply) {
    for (const wire::Message& message : datagram_.messages()) on_description(message);
    return;
  }
  const bool is_new = window_.accept(datagram_.frame.sequence);
  if (type == FrameType::error) {  // also from a node without this session, whose frames have no sequence
    for (const wire::Message& message : datagram_.messages()) on_error(message);
    return;
  }
  if (!is_new) return;
  receiver_.accept(datagram_.frame.position, type == FrameType::data ? flow::charge(datagram_.payload_bytes()) : 0);
  if (receiver_.must_tell()) {
    send_signal(FrameType::credit);
    receiver_.tell();
  }
  if (type == FrameType::data) {
    for (const wire::Message& message : datagram_.messages()) on_output(message);
  } else if (type == FrameType::detach) {
    lose_session("stopped");
  } else if (type == FrameType::ping) {
    send_signal(FrameType::pong);
  }
}

void NodeSession::on_output(const wire::Message& message) {
  Pending* pending = find(message.header.inference_id);
  if (pending == nullptr || pending->state != State::waiting) return;
  if (message.header.destination_kernel != wire::client_kernel || message.header.client_slot != slot_) return;
  const wire::Piece piece = pending->outputs.add(message.header, message.payload);
  if (piece == wire::Piece::accepted) {
    if (pending->outputs.complete()) pending->state = State::done;
  } else if (piece != wire::Piece::duplicate) {
    const auto what = fmt::format("inference {}: output port {}, {} bytes at {}: {}", pending->inference_id,
                                  message.header.destination_port, message.payload.size(), message.header.tensor_offset,
                                  to_text(piece));
    pending->state = State::failed;
    pending->error = error(ErrorKind::failed, what);
  }
}

void NodeSession::on_error(const wire::Message& message) {
  if (message.payload.size() < sizeof(std::uint16_t)) return;
  const auto code = static_cast<ErrorCode>(wire::load<std::uint16_t>(message.payload.data()));
  const std::string text =
      fmt::format("{}: {}", to_text(code), printable(message.payload.subspan(sizeof(std::uint16_t))));
  if (!attached_) {
    if (message.header.inference_id == 0) attach_error_ = error(ErrorKind::failed, text);
  } else if (code == ErrorCode::no_session) {
    lose_session(text);
  } else if (Pending* pending = find(message.header.inference_id);
             pending != nullptr && pending->state == State::waiting) {
    pending->state = State::failed;
    pending->error = error(ErrorKind::failed, fmt::format("inference {}: {}", pending->inference_id, text));
  }
}

void NodeSession::lose_session(std::string_view why) {
  attached_ = false;
  for (Pending& pending : pending_) {
    if (pending.state != State::waiting) continue;
    pending.state = State::failed;
    pending.error = error(ErrorKind::failed, fmt::format("inference {}: {}", pending.inference_id, why));
  }
}

}  // namespace algean
