#include "runtime/transport/tcp_strangers.hpp"

#include <algorithm>
#include <utility>

namespace algean {

void TcpStrangers::add(std::uint64_t id, Stranger stranger) {
  if (strangers_.size() >= options_.max_strangers) drop_oldest();
  strangers_.emplace(id, std::move(stranger));
}

void TcpStrangers::drop_oldest() {
  const auto oldest = std::ranges::min_element(strangers_, {}, [](const auto& entry) { return entry.second.heard_ns; });
  if (oldest != strangers_.end()) strangers_.erase(oldest);
}

void TcpStrangers::expire(std::int64_t now_ns) {
  std::erase_if(strangers_,
                [&](const auto& entry) { return now_ns - entry.second.heard_ns > options_.stranger_timeout_ns; });
}

TcpStrangers::Stranger* TcpStrangers::find(std::uint64_t id) {
  const auto found = strangers_.find(id);
  return found == strangers_.end() ? nullptr : &found->second;
}

TcpStrangers::Stranger TcpStrangers::take(std::uint64_t id) {
  auto node = strangers_.extract(id);
  return node ? std::move(node.mapped()) : Stranger{};
}

Received TcpStrangers::receive(std::span<std::byte> into, std::uint64_t& id, std::int64_t now_ns) {
  auto at = strangers_.upper_bound(last_);
  for (std::size_t left = strangers_.size(); left > 0; --left) {
    if (at == strangers_.end()) at = strangers_.begin();
    const Received got = at->second.stream->receive(into);
    if (!at->second.stream->is_open()) {
      at = strangers_.erase(at);
      continue;
    }
    if (got.result == Transfer::done || got.result == Transfer::oversized) {
      at->second.heard_ns = now_ns;
      id = last_ = at->first;
      return got;
    }
    ++at;
  }
  return {};
}

}  // namespace algean
