#include "runtime/node/client_slot.hpp"

#include <algorithm>

namespace algean {

ClientSlot::ClientSlot(std::uint16_t index_, const Peer& peer_, std::unique_ptr<Transport> link_, std::uint64_t epoch_,
                       std::size_t max_in_flight, std::span<const std::size_t> input_bytes)
    : index(index_), peer(peer_), link(std::move(link_)), epoch(epoch_) {
  partials_.reserve(max_in_flight);
  for (std::size_t i = 0; i < max_in_flight; ++i) partials_.emplace_back(input_bytes);
}

Partial* ClientSlot::partial(std::uint32_t inference_id, std::int64_t now_ns) {
  Partial* unused = nullptr;
  for (Partial& partial : partials_) {
    if (!partial.used) {
      if (unused == nullptr) unused = &partial;
    } else if (partial.inference_id == inference_id) {
      return &partial;
    }
  }
  if (unused == nullptr) return nullptr;
  unused->used = true;
  unused->inference_id = inference_id;
  unused->since_ns = now_ns;
  return unused;
}

void ClientSlot::forget(Partial& partial) {
  partial.used = false;
  partial.assembly.reset();
}

void ClientSlot::fail(std::uint32_t inference_id) {
  failed_[next_failed_] = inference_id;
  next_failed_ = (next_failed_ + 1) % failed_.size();
}

bool ClientSlot::failed(std::uint32_t inference_id) const {
  return inference_id != 0 && std::ranges::find(failed_, inference_id) != failed_.end();
}

}  // namespace algean
