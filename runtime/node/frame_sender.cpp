#include "runtime/node/frame_sender.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace algean {
namespace {

wire::MessageHeader header_to(std::uint16_t slot, std::uint32_t inference_id) {
  wire::MessageHeader header;
  header.destination_kernel = wire::client_kernel;
  header.source_kernel = wire::node_kernel;
  header.client_slot = slot;
  header.inference_id = inference_id;
  return header;
}

void add_error(wire::DatagramWriter& writer, wire::MessageHeader header, wire::ErrorCode code, std::string_view text) {
  const std::size_t room = std::min(*writer.room(), wire::max_error_text_bytes) - sizeof(std::uint16_t);
  text = text.substr(0, room);
  header.payload_length = static_cast<std::uint16_t>(text.size() + sizeof(std::uint16_t));
  header.flags = wire::flag_first | wire::flag_last;
  std::byte* payload = writer.add(header);
  wire::store(payload, static_cast<std::uint16_t>(code));
  std::memcpy(payload + sizeof(std::uint16_t), text.data(), text.size());
}

}  // namespace

FrameSender::FrameSender() : storage_(wire::max_datagram_bytes) {}

wire::DatagramWriter FrameSender::writer_for(const Transport& link) {
  return wire::DatagramWriter(std::span(storage_).first(std::min(storage_.size(), link.max_datagram_bytes())));
}

wire::FrameHeader FrameSender::frame(ClientSlot& slot, wire::FrameType type) {
  wire::FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(type);
  frame.epoch = slot.epoch;
  frame.acknowledgement = slot.window.next();
  if (type != wire::FrameType::attach_reply) frame.sequence = slot.next_sequence++;
  return frame;
}

Transfer FrameSender::send(Transport& link, std::span<const std::byte> datagram) {
  Transfer result = link.send(datagram);
  for (int i = 0; result == Transfer::empty && i < tries_when_full; ++i) {
    ::sched_yield();
    result = link.send(datagram);
  }
  return result;
}

Transfer FrameSender::cut(ClientSlot& slot, wire::FrameType type, const wire::MessageHeader& common,
                          std::span<const wire::Shipment> shipments) {
  wire::DatagramWriter writer = writer_for(*slot.link);
  wire::Cutter cutter(common, shipments);
  while (!cutter.done()) {
    writer.start();
    cutter.next(writer);
    if (const Transfer result = send(*slot.link, writer.finish(frame(slot, type))); result != Transfer::done)
      return result;
  }
  return Transfer::done;
}

Transfer FrameSender::tensors(ClientSlot& slot, std::uint32_t inference_id,
                              std::span<const std::span<const std::byte>> tensors) {
  shipments_.clear();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto port = static_cast<std::uint8_t>(i);
    shipments_.push_back({wire::client_kernel, port, port, tensors[i]});
  }
  return cut(slot, wire::FrameType::data, header_to(slot.index, inference_id), shipments_);
}

Transfer FrameSender::description(ClientSlot& slot, std::span<const std::byte> description) {
  const std::array<wire::Shipment, 1> one{wire::Shipment{wire::client_kernel, 0, 0, description}};
  const auto header = header_to(slot.index, static_cast<std::uint32_t>(description.size()));
  return cut(slot, wire::FrameType::attach_reply, header, one);
}

Transfer FrameSender::error(ClientSlot& slot, std::uint32_t inference_id, wire::ErrorCode code, std::string_view text) {
  wire::DatagramWriter writer = writer_for(*slot.link);
  add_error(writer, header_to(slot.index, inference_id), code, text);
  return send(*slot.link, writer.finish(frame(slot, wire::FrameType::error)));
}

Transfer FrameSender::error(Listener& listener, const Peer& to, std::uint64_t epoch, std::uint32_t inference_id,
                            wire::ErrorCode code, std::string_view text) {
  wire::DatagramWriter writer{std::span(storage_).first(512)};
  add_error(writer, header_to(0, inference_id), code, text);
  wire::FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(wire::FrameType::error);
  frame.epoch = epoch;
  return listener.send(to, writer.finish(frame));
}

Transfer FrameSender::signal(ClientSlot& slot, wire::FrameType type, std::span<const std::byte> payload) {
  wire::DatagramWriter writer = writer_for(*slot.link);
  wire::MessageHeader header = header_to(slot.index, 0);
  payload = payload.first(std::min(payload.size(), *writer.room()));
  header.payload_length = static_cast<std::uint16_t>(payload.size());
  std::byte* to = writer.add(header);
  if (!payload.empty()) std::memcpy(to, payload.data(), payload.size());
  return slot.link->send(writer.finish(frame(slot, type)));
}

}  // namespace algean
