// The half of a channel that sends data frames, at once or when credit comes.
#include <algorithm>

#include "runtime/router/channel.hpp"

namespace algean {
namespace {

using wire::FrameType;

wire::FrameHeader header_of(std::span<const std::byte> datagram) {
  wire::FrameHeader header;
  wire::decode(datagram.data(), header);
  return header;
}

std::size_t bytes_that_may_wait(std::span<const wire::Shipment> shipments) {
  std::size_t bytes = 0;
  for (const wire::Shipment& shipment : shipments) bytes += shipment.bytes.size() + wire::block_bytes;
  return bytes;
}

}  // namespace

void Channel::seal_data(std::span<std::byte> datagram, std::uint8_t messages, std::uint32_t charge) {
  wire::FrameHeader header = frame(FrameType::data);
  header.message_count = messages;
  wire::seal(datagram, header, receiver_.credit());
  sender_.sent(charge);
}

Transfer Channel::send(const wire::MessageHeader& common, std::span<const wire::Shipment> shipments,
                       std::int64_t now_ns) {
  wire::Cutter cutter(common, shipments);
  if (!outbox_.empty()) {
    if (outbox_.bytes() + bytes_that_may_wait(shipments) > options_.max_outbox_bytes) return Transfer::empty;
    queue_rest(cutter, now_ns);
    return Transfer::done;
  }
  const std::size_t most = max_datagram_bytes();
  const std::span<std::byte> storage(storage_);
  std::size_t end = 0;  // of the sealed datagrams, which lie side by side from 0 on
  std::size_t segment = 0;
  Transfer result = Transfer::done;
  while (!cutter.done()) {
    wire::DatagramWriter writer(storage.subspan(end, most));
    cutter.next(writer);
    const auto datagram = writer.unsealed();
    const std::uint32_t charge = flow::charge(writer.payload_bytes());
    if (end > 0 && datagram.size() > segment) {  // of several, only the last may have another size, and less
      result = flush_or_queue(storage.first(end), segment, now_ns);
      std::ranges::copy(datagram, storage.begin());
      end = 0;
    }
    const auto place = storage.subspan(end, datagram.size());
    if (!outbox_.empty() || !sender_.may_send(charge)) {
      const auto messages = writer.message_count();
      if (end > 0) result = flush_or_queue(storage.first(end), segment, now_ns);
      if (result == Transfer::refused) return result;
      push(place, messages, charge, now_ns);
      queue_rest(cutter, now_ns);
      return result;
    }
    seal_data(place, writer.message_count(), charge);
    if (end == 0) segment = place.size();
    end += place.size();
    if (cutter.done() || place.size() < segment || end + most > storage.size()) {
      result = flush_or_queue(storage.first(end), segment, now_ns);
      end = 0;
    }
    if (result == Transfer::refused) return result;
  }
  return result;
}

void Channel::queue_rest(wire::Cutter& cutter, std::int64_t now_ns) {
  wire::DatagramWriter writer{std::span(storage_).first(max_datagram_bytes())};
  while (!cutter.done()) {
    writer.start();
    cutter.next(writer);
    push(writer.unsealed(), writer.message_count(), flow::charge(writer.payload_bytes()), now_ns);
  }
}

void Channel::push(std::span<const std::byte> datagram, std::uint8_t messages, std::uint32_t charge,
                   std::int64_t now_ns) {
  if (outbox_.empty()) blocked_since_ns_ = probed_ns_ = now_ns;
  outbox_.push(datagram, charge, messages);
  counters_.queued_bytes.add(datagram.size());
  counters_.queued_most.raise_to(counters_.queued_bytes.value());
}

Transfer Channel::flush(std::span<const std::byte> datagrams, std::size_t segment_bytes, std::size_t& gone) {
  const std::size_t all = datagrams.size();
  Transfer worst = Transfer::done;
  while (!datagrams.empty()) {
    std::size_t went = 0;
    Transfer result = Transfer::done;
    if (datagrams.size() > segment_bytes) {
      result = link_->send_segments(datagrams, segment_bytes, went);
    } else {
      result = link_->send(datagrams);
      if (result == Transfer::done) went = datagrams.size();
    }
    sent(result, (went + segment_bytes - 1) / segment_bytes, went);
    datagrams = datagrams.subspan(went);
    if (datagrams.empty() || result == Transfer::done) continue;
    if (result == Transfer::empty) {  // the system's buffers are full
      const wire::FrameHeader header = header_of(datagrams);
      next_sequence_ = header.sequence;
      sender_.rewind(header.position);
      break;
    }
    worst = result;  // with `refused`, the system may have meant an earlier datagram; none of these will be taken
    counters_.lost.add();
    datagrams = datagrams.subspan(std::min(segment_bytes, datagrams.size()));
  }
  gone = all - datagrams.size();
  return worst;
}

Transfer Channel::flush_or_queue(std::span<const std::byte> datagrams, std::size_t segment_bytes, std::int64_t now_ns) {
  const std::uint32_t end = sender_.position();
  std::size_t gone = 0;
  const Transfer result = flush(datagrams, segment_bytes, gone);
  datagrams = datagrams.subspan(gone);
  while (!datagrams.empty()) {
    const auto datagram = datagrams.first(std::min(segment_bytes, datagrams.size()));
    const wire::FrameHeader header = header_of(datagram);
    datagrams = datagrams.subspan(datagram.size());
    const std::uint32_t next = datagrams.empty() ? end : header_of(datagrams).position;
    push(datagram, header.message_count, next - header.position, now_ns);
  }
  return result;
}

void Channel::drain(std::int64_t now_ns) {
  while (!outbox_.empty() && drain_batch()) {
  }
  counters_.blocked_ns.add(static_cast<std::uint64_t>(std::max<std::int64_t>(now_ns - blocked_since_ns_, 0)));
  blocked_since_ns_ = now_ns;
}

bool Channel::drain_batch() {
  const Outbox::Entry first = outbox_.entry(0);
  std::size_t bytes = 0;
  std::size_t count = 0;
  const std::size_t most = std::min(outbox_.size(), batch_datagrams);
  for (bool whole = true; whole && count < most; ++count) {
    const Outbox::Entry& entry = outbox_.entry(count);
    whole = entry.bytes == first.bytes;  // a shorter one is the last
    if (entry.at != first.at + bytes || entry.bytes > first.bytes || bytes + entry.bytes > batch_bytes) break;
    if (!sender_.may_send(entry.charge)) break;
    seal_data(outbox_.storage(entry.at, entry.bytes), entry.messages, entry.charge);
    bytes += entry.bytes;
  }
  if (count == 0) return false;
  std::size_t gone = 0;
  flush(outbox_.storage(first.at, bytes), first.bytes, gone);
  counters_.queued_bytes.take(gone);
  for (std::size_t popped = 0; popped < gone;) {
    popped += outbox_.entry(0).bytes;
    outbox_.pop();
  }
  return gone == bytes;
}

void Channel::drain_errors() {
  while (!errors_.empty()) {
    const Outbox::Entry& entry = errors_.entry(0);
    const auto datagram = errors_.storage(entry.at, entry.bytes);
    wire::FrameHeader header = frame(FrameType::error);
    header.message_count = entry.messages;
    wire::seal(datagram, header, receiver_.credit());
    const Transfer result = link_->send(datagram);
    sent(result, result == Transfer::done ? 1 : 0, datagram.size());
    if (result == Transfer::empty) {
      --next_sequence_;
      return;
    }
    errors_.pop();
  }
}

}  // namespace algean
