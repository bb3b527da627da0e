#include "runtime/client/in_flight.hpp"

#include <algorithm>

namespace algean {

void InFlight::allocate(std::span<const std::size_t> output_bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) table_.emplace_back(output_bytes);
}

void InFlight::allocate_gaps(std::size_t nodes) {
  for (Inference& each : table_) each.gaps.assign(nodes, 0);
}

bool InFlight::any_waits() const { return std::ranges::any_of(table_, &Inference::waits); }

Inference& InFlight::begin(std::int64_t now_ns, std::int64_t timeout_ns) {
  const auto place = std::ranges::find(table_, Inference::State::unused, &Inference::state);
  ALGEAN_INVARIANT(place != table_.end());
  if (++last_id_ == 0) ++last_id_;
  place->state = Inference::State::waiting;
  place->id = last_id_;
  place->begun_ns = now_ns;
  place->timeout_ns = timeout_ns;
  ++used_;
  return *place;
}

Inference* InFlight::find(std::uint32_t id) {
  for (Inference& each : table_) {
    if (each.state != Inference::State::unused && each.id == id) return &each;
  }
  return nullptr;
}

Inference* InFlight::find_waiting(std::uint32_t id) {
  Inference* found = find(id);
  return found != nullptr && found->waits() ? found : nullptr;
}

void InFlight::end(std::uint32_t id) {
  Inference* found = find(id);
  if (found == nullptr) return;
  found->state = Inference::State::unused;
  found->outputs.reset();
  found->error.reset();
  --used_;
}

}  // namespace algean
