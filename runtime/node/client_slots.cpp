#include "runtime/node/client_slots.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace algean {

using wire::Drop;
using wire::ErrorCode;
using wire::FrameType;

ClientSlots::ClientSlots(NodeShared& shared, Listener& listener)
    : shared_(shared), listener_(listener), slots_(shared.options.max_clients) {
  active_.reserve(slots_.size());
  for (std::size_t i = 0; i < slots_.size(); ++i) unused_.push_back(static_cast<std::uint16_t>(i));
}

ClientSlot* ClientSlots::find(const Peer& peer) const {
  const auto found = std::ranges::find_if(active_, [&](const ClientSlot* slot) { return slot->peer == peer; });
  return found == active_.end() ? nullptr : *found;
}

ClientSlot* ClientSlots::attach(const Peer& from, std::uint64_t epoch, std::uint16_t wanted) {
  const auto no = [&](ErrorCode code, std::string_view why) {
    shared_.log(fmt::format("a client was refused: {}", why));
    refuse(from, epoch, 0, code, why);
    return nullptr;
  };
  if (epoch == 0) {
    shared_.counters.drop(Drop::foreign_epoch);
    return nullptr;
  }
  if (shared_.is_home()) {
    if (unused_.empty())
      return no(ErrorCode::clients_full, fmt::format("all {} client slots are taken", slots_.size()));
    return take_in(from, epoch, unused_.front());
  }
  if (wanted == wire::any_slot) {
    const DescribedNode& home = shared_.config.description.nodes.front();
    return no(ErrorCode::not_home, fmt::format("home is {} at {}", home.name, home.address));
  }
  if (wanted >= slots_.size()) {
    return no(ErrorCode::clients_full, fmt::format("client slot {}: there are {}", wanted, slots_.size()));
  }
  ClientSlot* holder = slots_[wanted].get();
  if (holder == nullptr) return take_in(from, epoch, wanted);
  contest(*holder);
  return no(ErrorCode::slot_taken, fmt::format("client slot {} is taken by {}", wanted, holder->channel.link().peer()));
}

ClientSlot* ClientSlots::take_in(const Peer& from, std::uint64_t epoch, std::uint16_t index) {
  auto link = listener_.connect(from);
  if (!link) {
    refuse(from, epoch, 0, ErrorCode::internal, link.error().message);
    return nullptr;
  }
  try {
    const ChannelOptions options{wire::max_datagram_bytes, shared_.options.max_queued_bytes, shared_.options.probe_ns};
    slots_[index] = std::make_unique<ClientSlot>(index, from, std::move(*link), options, counters_);
  } catch (const std::bad_alloc&) {
    refuse(from, epoch, 0, ErrorCode::clients_full, "no memory for another client");
    return nullptr;
  }
  std::erase(unused_, index);
  ClientSlot& slot = *slots_[index];
  wire::MessageHeader identity;
  identity.destination_kernel = wire::client_kernel;
  identity.source_kernel = shared_.config.kernels.front().id;
  identity.client_slot = index;
  shared_.now_ns = shared_.clock.now_ns();
  slot.channel.begin(epoch, identity, shared_.now_ns);
  active_.push_back(&slot);
  shared_.counters.attached.add();
  log(slot, "attached");
  return &slot;
}

void ClientSlots::contest(ClientSlot& holder) {
  if (!holder.is_wanted) {
    holder.wanted_ns = shared_.now_ns;
    holder.is_wanted = true;
  }
  holder.channel.ping(shared_.clock.now_ns(), false);
  if (holder.channel.refused()) holder.gone = true;
}

void ClientSlots::describe(ClientSlot& slot) {
  Description description = shared_.config.description;
  description.receive_window_bytes = static_cast<std::uint32_t>(slot.channel.link().receive_window_bytes());
  description.polling_threads = static_cast<std::uint16_t>(std::min(shared_.options.polling_threads, 65535U));
  if (slot.channel.describe(encode(description)) == Transfer::refused) slot.gone = true;
}

// A client that restarted at the same address attaches with another epoch. One such frame may be another client's that
// strayed to this link while it was made; the second cannot be.
void ClientSlots::on_foreign(ClientSlot& slot, const wire::Datagram& datagram) {
  const std::uint64_t epoch = datagram.frame.epoch;
  const bool is_attach = datagram.type() == FrameType::attach;
  if (!is_attach || epoch == 0 || slot.foreign_attach_epoch != epoch) {
    if (is_attach) slot.foreign_attach_epoch = epoch;
    return shared_.counters.drop(Drop::foreign_epoch);
  }
  slot.gone = true;  // its third attach finds the listener
}

void ClientSlots::refuse(const Peer& to, std::uint64_t epoch, std::uint32_t inference_id, ErrorCode code,
                         std::string_view text) {
  shared_.counters.errors.add();
  const std::string whole = shared_.prefix().append(text.substr(0, 300));
  std::array<std::byte, 512> storage{};
  wire::DatagramWriter writer(storage);
  wire::MessageHeader header;
  header.source_kernel = shared_.config.kernels.front().id;
  header.inference_id = inference_id;
  header.flags = wire::flag_first | wire::flag_last;
  const std::size_t bytes = std::min(whole.size(), *writer.room() - sizeof(std::uint16_t));
  header.payload_length = static_cast<std::uint16_t>(bytes + sizeof(std::uint16_t));
  std::byte* payload = writer.add(header);
  wire::store(payload, static_cast<std::uint16_t>(code));
  std::memcpy(payload + sizeof(std::uint16_t), whole.data(), bytes);
  wire::FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(FrameType::error);
  frame.epoch = epoch;
  listener_.send(to, writer.finish(frame));
}

void ClientSlots::free(std::size_t i, std::string_view why) {
  ClientSlot& slot = *active_[i];
  shared_.counters.freed.add();
  log(slot, why);
  unused_.push_back(slot.index);
  active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
  slots_[slot.index].reset();
}

std::int64_t ClientSlots::on_time() {
  std::int64_t next_ns = Channel::never_ns;
  for (ClientSlot* slot : active_) {
    next_ns = std::min(next_ns, slot->channel.on_time(shared_.now_ns));
    if (slot->is_wanted) {
      if (slot->channel.heard_ns() > slot->wanted_ns) slot->is_wanted = false;
      if (slot->is_wanted && shared_.now_ns - slot->wanted_ns >= grace_ns) slot->gone = true;
    }
    if (slot->channel.refused()) slot->gone = true;
  }
  return next_ns;
}

void ClientSlots::log(const ClientSlot& slot, std::string_view what) const {
  shared_.log(fmt::format("client {} at {} {}", slot.index, slot.channel.link().peer(), what));
}

}  // namespace algean
