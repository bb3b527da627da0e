// Writes a node's frames and sends them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/node/client_slot.hpp"
#include "runtime/wire/datagram.hpp"

namespace algean {

class FrameSender {
 public:
  FrameSender();

  // Output i of an inference, in wire form, as messages to the client's port i.
  Transfer tensors(ClientSlot& slot, std::uint32_t inference_id, std::span<const std::span<const std::byte>> tensors);
  // The attach reply: slot index and description.
  Transfer description(ClientSlot& slot, std::span<const std::byte> description);
  Transfer error(ClientSlot& slot, std::uint32_t inference_id, wire::ErrorCode code, std::string_view text);
  // To a peer without a slot; `epoch` is the one it wrote.
  Transfer error(Listener& listener, const Peer& to, std::uint64_t epoch, std::uint32_t inference_id,
                 wire::ErrorCode code, std::string_view text);
  // detach, ping, or pong (with the ping's payload).
  Transfer signal(ClientSlot& slot, wire::FrameType type, std::span<const std::byte> payload = {});

 private:
  static constexpr int tries_when_full = 1000;

  wire::DatagramWriter writer_for(const Transport& link);
  static wire::FrameHeader frame(ClientSlot& slot, wire::FrameType type);
  static Transfer send(Transport& link, std::span<const std::byte> datagram);
  Transfer cut(ClientSlot& slot, wire::FrameType type, const wire::MessageHeader& common,
               std::span<const wire::Shipment> shipments);

  std::vector<std::byte> storage_;
  std::vector<wire::Shipment> shipments_;
};

}  // namespace algean
