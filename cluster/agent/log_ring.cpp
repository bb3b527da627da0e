#include "cluster/agent/log_ring.hpp"

#include <algorithm>
#include <chrono>

namespace algean::cluster {

void LogRing::add(std::string_view text) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::scoped_lock lock(mutex_);
  lines_.push_back({++added_, now_ms, std::string(text.substr(0, most_characters))});
  if (lines_.size() > most_lines) lines_.pop_front();
}

std::vector<LogLine> LogRing::last(std::size_t count, std::uint64_t after) const {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t fresh = added_ > after ? added_ - after : 0;
  const auto take = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>({count, fresh, lines_.size()}));
  return {lines_.end() - take, lines_.end()};
}

}  // namespace algean::cluster
