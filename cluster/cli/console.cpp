#include "cluster/cli/console.hpp"

#include <cerrno>
#include <cstring>

#include "runtime/base/printable.hpp"

namespace algean::cluster {
namespace {

constexpr std::int64_t progress_interval_ns = 100'000'000;
constexpr std::size_t progress_columns = 79;

std::string_view kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failed:
      return "failed";
    case ErrorKind::bad_input:
      return "bad_input";
    case ErrorKind::deadline:
      return "deadline";
  }
  return "failed";
}

// First byte of the continuation sequence that would be cut if text ended at `size`: never splits a character.
std::size_t whole_characters(std::string_view text, std::size_t size) {
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) --size;
  return size;
}

}  // namespace

void Console::write(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

void Console::write_people(std::string_view text) {
  clear_progress();
  write(json_ ? streams_.err : streams_.out, printable(text, Newlines::kept));
  if (json_) std::fflush(streams_.err);
}

void Console::warn(std::string_view message) {
  clear_progress();
  std::fflush(streams_.out);  // in order where both streams are one terminal
  write(streams_.err, printable(fmt::format("algean: warning: {}\n", message), Newlines::kept));
  std::fflush(streams_.err);
}

void Console::error(const Error& error) {
  clear_progress();
  std::fflush(streams_.out);
  write(streams_.err, printable(fmt::format("algean: {}\n", error.message), Newlines::kept));
  std::fflush(streams_.err);
  document({{"error",
             {{"kind", kind_name(error.kind)}, {"status", static_cast<int>(error.kind)}, {"message", error.message}}}});
}

void Console::document(const Json& document) {
  if (!json_ || documented_) return;
  documented_ = true;
  clear_progress();
  write(streams_.out, document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Console::progress(std::string_view step, std::size_t done, std::size_t total) {
  if (!streams_.err_is_terminal) return;
  const std::int64_t now_ns = clock_->now_ns();
  if (progress_width_ != 0 && now_ns - progress_at_ns_ < progress_interval_ns) return;
  progress_at_ns_ = now_ns;
  std::string line = printable(step);
  if (total > 0) line += fmt::format(" {}/{} ({}%)", done, total, done * 100 / total);
  line.resize(whole_characters(line, std::min(line.size(), progress_columns)));
  write(streams_.err, fmt::format("\r{:<{}}\r{}", "", progress_width_, line));
  progress_width_ = line.size();
  std::fflush(streams_.err);
}

void Console::clear_progress() {
  if (progress_width_ == 0) return;
  write(streams_.err, fmt::format("\r{:<{}}\r", "", progress_width_));
  progress_width_ = 0;
  std::fflush(streams_.err);
}

Result<> Console::finish() {
  clear_progress();
  errno = 0;
  if (std::fflush(streams_.out) != 0 || std::ferror(streams_.out) != 0) {
    return failed("standard output: cannot write: {}", std::strerror(errno != 0 ? errno : EIO));  // NOLINT
  }
  return {};
}

}  // namespace algean::cluster
