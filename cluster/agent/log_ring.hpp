#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace algean::cluster {

struct LogLine {
  std::uint64_t number = 0;  // from 1, without gaps
  std::int64_t unix_time_ms = 0;
  std::string text;
};

// The newest lines of a log. Any thread may add and read.
class LogRing {
 public:
  static constexpr std::size_t most_lines = 1000;
  static constexpr std::size_t most_characters = 2000;  // of a line; longer ones are cut

  void add(std::string_view text);
  // The newest `count` lines of a number above `after`, in order.
  [[nodiscard]] std::vector<LogLine> last(std::size_t count, std::uint64_t after = 0) const;

 private:
  mutable std::mutex mutex_;
  std::deque<LogLine> lines_;
  std::uint64_t added_ = 0;
};

}  // namespace algean::cluster
