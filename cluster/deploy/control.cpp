#include "cluster/deploy/control.hpp"

#include <sys/socket.h>

#include <array>
#include <charconv>

namespace algean::cluster {
namespace {

constexpr std::string_view ready_word = "ready ";
constexpr std::string_view error_word = "error ";

}  // namespace

std::string ready_message(const std::string& address) { return std::string(ready_word) + address; }

std::string error_message(const Error& error) {
  return fmt::format("{}{} {}", error_word, static_cast<int>(error.kind), error.message);
}

Result<std::string> parse_report(const std::string& message) {
  if (message.starts_with(ready_word) && message.size() > ready_word.size()) return message.substr(ready_word.size());
  if (message.starts_with(error_word) && message.size() > error_word.size() + 2) {
    const char digit = message[error_word.size()];
    if (digit >= '1' && digit <= '3' && message[error_word.size() + 1] == ' ') {
      return std::unexpected(Error{static_cast<ErrorKind>(digit - '0'), message.substr(error_word.size() + 2)});
    }
  }
  return failed("the node process said `{}`, which is neither `ready ADDRESS` nor `error STATUS MESSAGE`", message);
}

bool send_message(const Descriptor& socket, const std::string& message) {
  const std::size_t size = std::min(message.size(), max_control_bytes);
  return ::send(socket.get(), message.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

std::optional<std::string> receive_message(const Descriptor& socket) {
  std::array<char, max_control_bytes> bytes{};
  const ssize_t got = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  return std::string(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

}  // namespace algean::cluster
