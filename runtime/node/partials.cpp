#include "runtime/node/partials.hpp"

#include <algorithm>

namespace algean {

Partial* SlotPartials::find(std::uint32_t inference_id) {
  for (const auto& partial : partials_) {
    if (partial->used && partial->inference_id == inference_id) return partial.get();
  }
  return nullptr;
}

Partial* SlotPartials::begin(std::uint32_t inference_id, std::int64_t now_ns) {
  auto unused = std::ranges::find_if(partials_, [](const auto& partial) { return !partial->used; });
  if (unused == partials_.end()) {
    if (partials_.size() == most_) return nullptr;
    unused = partials_.insert(partials_.end(), std::make_unique<Partial>(input_bytes_));
  }
  Partial& partial = **unused;
  partial.used = true;
  partial.traced = false;
  partial.inference_id = inference_id;
  partial.since_ns = used_ns_ = now_ns;
  ++in_use_;
  return &partial;
}

Partial* SlotPartials::oldest() {
  Partial* oldest = nullptr;
  for (const auto& partial : partials_) {
    if (!partial->used || partial->assembly.complete()) continue;
    const bool older = oldest == nullptr || static_cast<std::int32_t>(partial->inference_id - oldest->inference_id) < 0;
    if (older) oldest = partial.get();
  }
  return oldest;
}

void SlotPartials::release(Partial& partial) {
  if (!partial.used) return;
  partial.used = false;
  partial.assembly.reset();
  --in_use_;
}

void SlotPartials::release_all() {
  for (const auto& partial : partials_) release(*partial);
  failed_ = {};
  failures_ = 0;
}

void SlotPartials::fail(std::uint32_t inference_id) {
  failed_[failures_ % failed_.size()] = inference_id;
  ++failures_;
}

bool SlotPartials::failed(std::uint32_t inference_id) const {
  return failures_ > 0 && inference_id != 0 && std::ranges::find(failed_, inference_id) != failed_.end();
}

}  // namespace algean
