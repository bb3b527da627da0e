#include "cluster/deploy/journal.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <map>

namespace algean::cluster {

std::int64_t time_of_line(const std::string& line) {
  constexpr std::size_t seconds_length = 19;  // "2026-11-21 16:27:00"
  constexpr std::size_t length = seconds_length + 4;
  std::tm parts{};
  if (line.size() < length || line[seconds_length] != '.') return -1;
  const std::string seconds = line.substr(0, seconds_length);
  const char* end = ::strptime(seconds.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
  if (end == nullptr || *end != '\0') return -1;
  std::int64_t ms = 0;
  for (std::size_t i = seconds_length + 1; i < length; ++i) {
    if (line[i] < '0' || line[i] > '9') return -1;
    ms = ms * 10 + (line[i] - '0');
  }
  parts.tm_isdst = -1;
  const std::time_t time = std::mktime(&parts);
  return time < 0 ? -1 : std::int64_t{time} * 1000 + ms;
}

std::string time_text(std::int64_t unix_time_ms) {
  const std::time_t time = unix_time_ms / 1000;
  std::tm parts{};
  std::array<char, 32> text{};
  (void)::localtime_r(&time, &parts);
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return fmt::format("{}.{:03}", std::string_view(text.data(), length), unix_time_ms % 1000);
}

Journal::Journal(const Deployment& deployment, const std::filesystem::path& folder, const std::string& node,
                 std::string software, std::int64_t timeout_ns, const Clock& clock)
    : deployment_(deployment.name),
      epoch_(deployment.epoch),
      software_(std::move(software)),
      timeout_ns_(timeout_ns),
      clock_(&clock) {
  for (std::size_t i = 0; i < deployment.nodes.size(); ++i) {
    const DeployedNode& each = deployment.nodes[i];
    if (!node.empty() && each.name != node) continue;
    Source source;
    source.node = each;
    source.index = i;
    if (each.is_local()) source.file = folder / (each.name + ".log");
    sources_.push_back(std::move(source));
  }
}

// Whole lines only: what has no end yet is read with the rest of its line.
void Journal::read_file(Source& source, std::size_t lines, std::vector<JournalLine>& to) const {
  constexpr std::uintmax_t most_bytes = 4U << 20U;  // of what was there at first
  std::error_code ignored;
  const std::uintmax_t size = std::filesystem::file_size(source.file, ignored);
  if (first_ && !ignored && size > most_bytes) source.read_bytes = size - most_bytes;
  std::ifstream stream(source.file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(source.read_bytes));
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  source.read_bytes += text.size();
  std::vector<JournalLine> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    // A line without a time goes with the one before it.
    source.last_ms = std::max(source.last_ms, time_of_line(line));
    found.push_back({source.last_ms, source.node.name, std::move(line)});
    begin = end + 1;
  }
  const std::size_t skipped = first_ && found.size() > lines ? found.size() - lines : 0;
  to.insert(to.end(), found.begin() + static_cast<std::ptrdiff_t>(skipped), found.end());
}

void Journal::ask_agents(std::size_t lines, std::vector<JournalLine>& to) {
  std::vector<DeployedNode> nodes;
  std::vector<Source*> asked;
  for (Source& source : sources_) {
    if (source.node.is_local()) continue;
    nodes.push_back(source.node);
    asked.push_back(&source);
  }
  constexpr std::size_t most_lines = 100'000;
  const auto log = [&](std::size_t i) {
    control::Request request;
    *request.mutable_log()->mutable_part() = part_id(deployment_, epoch_, asked[i]->index);
    request.mutable_log()->set_lines(static_cast<std::uint32_t>(first_ ? std::min(lines, most_lines) : most_lines));
    request.mutable_log()->set_after(asked[i]->read_lines);
    return request;
  };
  const auto replies = ask_nodes(nodes, {software_}, log, timeout_ns_, *clock_);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) {
      problems_.push_back(replies[i].error().message);
      continue;
    }
    for (const control::LogLine& line : replies[i]->log().lines()) {
      asked[i]->read_lines = std::max(asked[i]->read_lines, line.number());
      to.push_back(
          {line.unix_time_ms(), asked[i]->node.name, time_text(line.unix_time_ms()) + " " + std::string(line.text())});
    }
  }
}

std::vector<JournalLine> Journal::read(std::size_t lines) {
  std::vector<JournalLine> all;
  problems_.clear();
  for (Source& source : sources_) {
    if (source.node.is_local()) read_file(source, lines, all);
  }
  ask_agents(lines, all);
  first_ = false;
  std::multimap<std::int64_t, JournalLine> by_time;  // of equal times in the order of insertion
  for (JournalLine& line : all) by_time.emplace(line.unix_time_ms, std::move(line));
  std::vector<JournalLine> sorted;
  for (auto& [time, line] : by_time) sorted.push_back(std::move(line));
  return sorted;
}

}  // namespace algean::cluster
