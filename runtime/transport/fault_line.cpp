#include "runtime/transport/fault_line.hpp"

#include <algorithm>
#include <limits>

namespace algean {

void FaultLine::add(std::span<const std::byte> datagram, const Peer& from, std::int64_t now_ns) {
  ++counts_.came;
  if (happens(options_.loss)) {
    ++counts_.lost;
    return;
  }
  hold(datagram, from, now_ns);
  if (happens(options_.duplication)) {
    ++counts_.doubled;
    hold(datagram, from, now_ns);
  }
}

void FaultLine::hold(std::span<const std::byte> datagram, const Peer& from, std::int64_t now_ns) {
  std::uint64_t order = 2 * count_++;
  if (happens(options_.reordering)) {
    ++counts_.reordered;
    order += 2 * (1 + random_.below(options_.reordering_distance)) + 1;
  }
  const std::int64_t due_ns = now_ns + options_.delay_ns + random_.between(0, options_.jitter_ns);
  held_.emplace(order, Held{due_ns, from, {datagram.begin(), datagram.end()}});
}

std::int64_t FaultLine::ready_ns(const Entry& entry) const {
  const bool others_came = entry.first < 2 * count_;
  return entry.second.due_ns + (others_came ? 0 : options_.reordering_ns);
}

std::int64_t FaultLine::ready_ns() const {
  std::int64_t earliest_ns = std::numeric_limits<std::int64_t>::max();
  for (const Entry& entry : held_) earliest_ns = std::min(earliest_ns, ready_ns(entry));
  return earliest_ns;
}

Received FaultLine::take(std::span<std::byte> into, Peer& from, std::int64_t now_ns) {
  const auto next = std::ranges::find_if(held_, [&](const Entry& entry) { return ready_ns(entry) <= now_ns; });
  if (next == held_.end()) return {};
  const Held held = std::move(next->second);
  held_.erase(next);
  from = held.from;
  if (held.bytes.size() > into.size()) return {Transfer::oversized, held.bytes.size(), held.bytes.size()};
  std::ranges::copy(held.bytes, into.begin());
  return one_datagram(held.bytes.size());
}

}  // namespace algean
