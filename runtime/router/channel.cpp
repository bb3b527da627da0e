#include "runtime/router/channel.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace algean {
namespace {

using wire::Drop;
using wire::FrameType;

constexpr std::size_t headers_bytes = 2 * wire::header_bytes;

bool has_sequence(FrameType type) { return type != FrameType::attach && type != FrameType::attach_reply; }

}  // namespace

Channel::Channel(std::unique_ptr<Transport> link, const ChannelOptions& options, ChannelCounters& counters)
    : link_(std::move(link)),
      options_(options),
      counters_(counters),
      storage_(batch_bytes),
      window_bytes_(static_cast<std::uint32_t>(std::clamp(link_->receive_window_bytes(), link_->max_datagram_bytes(),
                                                          std::size_t{flow::most_window_bytes}))),
      receiver_(window_bytes_) {}

Channel::~Channel() { drop_queued(); }

void Channel::drop_queued() {
  counters_.queued_bytes.take(outbox_.bytes());
  outbox_.clear();
  errors_.clear();
}

void Channel::begin(std::uint64_t epoch, const wire::MessageHeader& identity, std::int64_t now_ns) {
  drop_queued();
  epoch_ = epoch;
  identity_ = identity;
  next_sequence_ = 0;
  window_ = {};
  sender_ = {};
  receiver_ = flow::Receiver(window_bytes_);
  refused_ = asked_ = path_is_whole_ = false;
  heard_ns_ = probed_ns_ = now_ns;
  retell_at_ns_ = least_rtt_ns_ = never_ns;
  rtt_ns_ = -1;
  clock_offset_ns_ = 0;
}

std::size_t Channel::max_datagram_bytes() const {
  return std::min({link_->max_datagram_bytes(), options_.max_datagram_bytes, batch_bytes});
}

Received Channel::receive(std::span<std::byte> into) {
  const Received got = link_->receive(into);
  if (got.result == Transfer::done) counters_.bytes_in.add(got.bytes);
  if (got.result == Transfer::refused) refused_ = true;
  return got;
}

Drop Channel::accept(const wire::Datagram& frame, std::int64_t now_ns) {
  if (frame.frame.epoch != epoch_) return Drop::foreign_epoch;
  const FrameType type = frame.type();
  if (has_sequence(type)) {
    const std::uint64_t gaps = window_.gaps();
    if (!window_.accept(frame.frame.sequence)) return Drop::replayed;
    if (window_.gaps() != gaps) {
      if (window_.gaps() > gaps) gap_ns_ = now_ns;
      counters_.gaps.add(window_.gaps() - gaps);  // modulo 2^64: late frames take some back
    }
  }
  counters_.frames_in.add();
  heard_ns_ = now_ns;
  asked_ = false;
  receiver_.accept(frame.frame.position, type == FrameType::data ? flow::charge(frame.payload_bytes()) : 0);
  sender_.hear(frame.messages().front().header.credit);
  if (!outbox_.empty()) drain(now_ns);
  if (type == FrameType::ping) on_ping(frame, now_ns);
  if (type == FrameType::pong) on_pong(frame, now_ns);
  if (receiver_.must_tell()) signal(FrameType::credit);
  if (!receiver_.told_enough() && retell_at_ns_ == never_ns) retell_at_ns_ = now_ns + retell_ns;
  return Drop::none;
}

wire::FrameHeader Channel::frame(FrameType type) {
  wire::FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(type);
  frame.epoch = epoch_;
  frame.acknowledgement = window_.next();
  frame.position = sender_.position();
  if (has_sequence(type)) frame.sequence = next_sequence_++;
  return frame;
}

Transfer Channel::sent(Transfer result, std::size_t frames, std::size_t bytes) {
  if (frames > 0) {
    counters_.frames_out.add(frames);
    counters_.bytes_out.add(bytes);
    receiver_.tell();
  }
  if (result == Transfer::refused) refused_ = true;
  return result;
}

Transfer Channel::write(FrameType type, const wire::MessageHeader& header, std::span<const std::byte> payload) {
  wire::DatagramWriter writer{std::span(storage_).first(max_datagram_bytes())};
  std::byte* to = writer.add(header);
  if (!payload.empty()) std::memmove(to, payload.data(), payload.size());
  const auto datagram = writer.finish(frame(type), receiver_.credit());
  const Transfer result = link_->send(datagram);
  if (result != Transfer::done && has_sequence(type)) --next_sequence_;
  return sent(result, result == Transfer::done ? 1 : 0, datagram.size());
}

Transfer Channel::signal(FrameType type) { return write(type, identity_, {}); }

Transfer Channel::describe(std::span<const std::byte> description) {
  const std::array<wire::Shipment, 1> one{wire::Shipment{identity_.destination_kernel, 0, 0, description}};
  wire::MessageHeader common = identity_;
  common.inference_id = static_cast<std::uint32_t>(description.size());
  wire::Cutter cutter(common, one);
  wire::DatagramWriter writer{std::span(storage_).first(max_datagram_bytes())};
  Transfer result = Transfer::done;
  while (!cutter.done() && result == Transfer::done) {
    writer.start();
    cutter.next(writer);
    const auto datagram = writer.finish(frame(FrameType::attach_reply), receiver_.credit());
    result = link_->send(datagram);
    sent(result, result == Transfer::done ? 1 : 0, datagram.size());
  }
  return result;
}

Transfer Channel::error(wire::MessageHeader header, wire::ErrorCode code, std::string_view text) {
  wire::DatagramWriter writer{std::span(storage_).first(max_datagram_bytes())};
  text = text.substr(0, std::min(*writer.room(), wire::max_error_text_bytes) - sizeof(std::uint16_t));
  header.payload_length = static_cast<std::uint16_t>(text.size() + sizeof(std::uint16_t));
  header.flags = wire::flag_first | wire::flag_last;
  std::byte* payload = writer.add(header);
  wire::store(payload, static_cast<std::uint16_t>(code));
  std::memcpy(payload + sizeof(std::uint16_t), text.data(), text.size());
  const auto datagram = writer.finish(frame(FrameType::error), receiver_.credit());
  const Transfer result = errors_.empty() ? link_->send(datagram) : Transfer::empty;
  if (result == Transfer::done) return sent(result, 1, datagram.size());
  --next_sequence_;
  if (result != Transfer::empty) return sent(result, 0, 0);
  if (errors_.size() == max_waiting_errors) {
    counters_.lost.add();
    return Transfer::empty;
  }
  errors_.push(datagram, 0, 1);
  return Transfer::done;
}

Transfer Channel::ping(std::int64_t now_ns, bool full) {
  if (!asked_) asked_ns_ = now_ns;
  asked_ = true;
  probed_ns_ = now_ns;
  wire::MessageHeader header = identity_;
  const std::size_t bytes = full ? max_datagram_bytes() - headers_bytes : sizeof(now_ns);
  header.payload_length = static_cast<std::uint16_t>(bytes);
  wire::DatagramWriter writer{std::span(storage_).first(max_datagram_bytes())};
  std::byte* payload = writer.add(header);
  wire::store(payload, now_ns);
  std::memset(payload + sizeof(now_ns), 0, bytes - sizeof(now_ns));
  const auto datagram = writer.finish(frame(FrameType::ping), receiver_.credit());
  const Transfer result = link_->send(datagram);
  if (result != Transfer::done) --next_sequence_;
  return sent(result, result == Transfer::done ? 1 : 0, datagram.size());
}

void Channel::on_ping(const wire::Datagram& frame, std::int64_t now_ns) {
  const auto payload = frame.messages().front().payload;
  wire::MessageHeader header = identity_;
  header.flags = wire::flag_trace;
  header.time_stamp = static_cast<std::uint64_t>(now_ns);
  const std::size_t bytes = std::min(payload.size(), max_datagram_bytes() - headers_bytes);
  header.payload_length = static_cast<std::uint16_t>(bytes);
  write(FrameType::pong, header, payload.first(bytes));
}

void Channel::on_pong(const wire::Datagram& frame, std::int64_t now_ns) {
  const wire::Message& message = frame.messages().front();
  if (message.payload.size() < sizeof(std::int64_t)) return;
  const auto asked_ns = wire::load<std::int64_t>(message.payload.data());
  if (asked_ns < 0 || asked_ns > now_ns) return;  // not an echo of ours
  rtt_ns_ = now_ns - asked_ns;
  if (message.payload.size() >= max_datagram_bytes() - headers_bytes) path_is_whole_ = true;
  if ((message.header.flags & wire::flag_trace) == 0 || rtt_ns_ >= least_rtt_ns_) return;
  least_rtt_ns_ = rtt_ns_;
  const std::uint64_t middle_ns = static_cast<std::uint64_t>(asked_ns) + static_cast<std::uint64_t>(rtt_ns_) / 2;
  const auto offset_ns = static_cast<std::int64_t>(message.header.time_stamp - middle_ns);
  const bool may_be_one_clock = offset_ns >= -rtt_ns_ && offset_ns <= rtt_ns_;
  clock_offset_ns_ = may_be_one_clock ? 0 : offset_ns;
}

std::int64_t Channel::on_time(std::int64_t now_ns) {
  std::int64_t next_ns = never_ns;
  if (!errors_.empty()) drain_errors();
  if (!outbox_.empty()) drain(now_ns);
  if (!outbox_.empty()) {
    if (now_ns - probed_ns_ >= blocked_ping_ns) ping(now_ns, false);
    next_ns = probed_ns_ + blocked_ping_ns;
  }
  if (!errors_.empty()) next_ns = std::min(next_ns, now_ns + blocked_ping_ns);
  if (now_ns >= retell_at_ns_) {
    if (!receiver_.told_enough()) signal(FrameType::credit);
    retell_at_ns_ = receiver_.told_enough() ? never_ns : now_ns + retell_ns;
  }
  next_ns = std::min(next_ns, retell_at_ns_);
  if (options_.probe_ns > 0) {
    if (std::min(now_ns - heard_ns_, now_ns - probed_ns_) >= options_.probe_ns) ping(now_ns, false);
    next_ns = std::min(next_ns, std::max(heard_ns_, probed_ns_) + options_.probe_ns);
  }
  return next_ns;
}

}  // namespace algean
