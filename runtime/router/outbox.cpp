#include "runtime/router/outbox.hpp"

#include <algorithm>

#include "runtime/base/result.hpp"

namespace algean {

bool Outbox::find_place(std::size_t bytes, std::size_t& at) const {
  if (entries_.empty()) {
    at = 0;
    return bytes <= ring_.size();
  }
  const std::size_t head = entries_.front().at;
  const std::size_t tail = entries_.back().at + entries_.back().bytes;
  if (tail > head) {
    at = bytes <= ring_.size() - tail ? tail : 0;
    return at == tail || bytes <= head;
  }
  at = tail;  // wrapped: the free space lies between
  return bytes <= head - tail;
}

void Outbox::grow(std::size_t bytes) {
  std::vector<std::byte> larger(std::max({first_bytes, 2 * ring_.size(), 2 * (bytes_ + bytes)}));
  std::size_t at = 0;
  for (Entry& entry : entries_) {
    std::ranges::copy(storage(entry.at, entry.bytes), larger.begin() + static_cast<std::ptrdiff_t>(at));
    entry.at = at;
    at += entry.bytes;
  }
  ring_ = std::move(larger);
}

void Outbox::push(std::span<const std::byte> datagram, std::uint32_t charge, std::uint8_t messages) {
  std::size_t at = 0;
  if (!find_place(datagram.size(), at)) {
    grow(datagram.size());
    ALGEAN_INVARIANT(find_place(datagram.size(), at));
  }
  std::ranges::copy(datagram, storage(at, datagram.size()).begin());
  entries_.push_back({at, datagram.size(), charge, messages});
  bytes_ += datagram.size();
}

void Outbox::pop() {
  bytes_ -= entries_.front().bytes;
  entries_.pop_front();
  if (entries_.empty() && ring_.size() > kept_bytes) clear();
}

void Outbox::clear() {
  entries_.clear();
  bytes_ = 0;
  ring_ = {};
}

}  // namespace algean
