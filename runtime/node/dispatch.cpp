#include "runtime/node/dispatch.hpp"

#include <algorithm>

namespace algean {

using wire::ErrorCode;

wire::MessageHeader Dispatch::header(InferenceKey which) const {
  wire::MessageHeader header;
  header.destination_kernel = wire::client_kernel;
  header.source_kernel = shared_.config.kernels.front().id;
  header.client_slot = which.client_slot;
  header.inference_id = which.inference_id;
  return header;
}

PeerLink* Dispatch::home() {
  if (shared_.is_home()) return nullptr;
  PeerLink& link = links_[*shared_.config.home_peer];
  return link.is_up() ? &link : nullptr;
}

void Dispatch::to_peer(std::size_t peer, const wire::MessageHeader& common, std::span<const wire::Shipment> shipments) {
  PeerLink& link = links_[peer];
  const InferenceKey which{common.client_slot, common.inference_id};
  if (!link.is_up()) {
    return fail(which, ErrorCode::node_lost, "the link with node {} is {}", link.node->name,
                link.state == LinkState::down ? "down" : "not up yet");
  }
  const Transfer result = link.channel->send(common, shipments, shared_.now_ns);
  if (result == Transfer::done) return;
  if (result == Transfer::refused) return links_.go_down(link, "nobody answers there: connection refused");
  shared_.counters.lost_replies.add();
  if (result == Transfer::empty) {
    return fail(which, ErrorCode::overloaded, "{} bytes wait already for node {}", link.channel->queued_bytes(),
                link.node->name);
  }
  fail(which, ErrorCode::internal, "cannot send to node {}: {}", link.node->name, to_text(result));
}

void Dispatch::to_client(const wire::MessageHeader& common, std::span<const wire::Shipment> shipments) {
  ClientSlot* slot = slots_.at(common.client_slot);
  if (slot == nullptr) return shared_.counters.lost_replies.add();
  const Transfer result = slot->channel.send(common, shipments, shared_.now_ns);
  if (result == Transfer::done) return;
  shared_.counters.lost_replies.add();
  if (result == Transfer::refused) {
    slot->gone = true;
  } else if (result == Transfer::empty) {
    fail({common.client_slot, common.inference_id}, ErrorCode::overloaded, "{} bytes wait already for this client",
         slot->channel.queued_bytes());
  }
}

void Dispatch::tell_client(ClientSlot& slot, std::uint32_t inference_id, ErrorCode code, std::string_view text) {
  const Transfer result = slot.channel.error(header({slot.index, inference_id}), code, text);
  if (result == Transfer::refused) slot.gone = true;
  if (result != Transfer::done) shared_.counters.lost_replies.add();
}

void Dispatch::tell(InferenceKey which, ErrorCode code, std::string_view text) {
  if (ClientSlot* slot = slots_.at(which.client_slot)) {
    tell_client(*slot, which.inference_id, code, text);
  } else if (PeerLink* link = home()) {
    link->channel->error(header(which), code, text);
  }
}

void Dispatch::tell_all_clients(ErrorCode code, std::string_view text) {
  for (ClientSlot* slot : slots_.active()) tell_client(*slot, 0, code, text);
}

void Dispatch::pass_on(const wire::Message& message) {
  if (message.payload.size() < sizeof(std::uint16_t)) return;
  const auto code = static_cast<ErrorCode>(wire::load<std::uint16_t>(message.payload.data()));
  const auto bytes = message.payload.subspan(sizeof(std::uint16_t));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (message.header.client_slot == wire::any_slot) {
    if (message.header.inference_id == 0) tell_all_clients(code, text);
    return;
  }
  ClientSlot* slot = slots_.at(message.header.client_slot);
  if (slot != nullptr && message.header.inference_id != 0) {
    tell_client(*slot, message.header.inference_id, code, text);
  }
}

void Dispatch::lose_node(std::size_t peer, std::string_view why) {
  shared_.counters.errors.add();
  const std::string text = fmt::format("{}node {} is lost: {}", shared_.prefix(), links_[peer].node->name, why);
  if (PeerLink* link = home()) {
    link->channel->error(header({wire::any_slot, 0}), ErrorCode::node_lost, text);
  } else {
    tell_all_clients(ErrorCode::node_lost, text);
  }
}

}  // namespace algean
