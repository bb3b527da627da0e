#include "cluster/control/message.hpp"

#include <charconv>
#include <limits>

namespace algean::cluster {
namespace {

template <class Message>
Result<Message> parse(std::span<const std::byte> bytes, std::string_view what) {
  Message message;
  if (bytes.size() > std::numeric_limits<int>::max() ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return bad_input("{} bytes are no {} of control version {}", bytes.size(), what, control_version);
  }
  return message;
}

constexpr std::string_view tcp = "tcp://";
constexpr std::string_view ipc = "ipc://";

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return text == "*" || (error == std::errc() && end == text.data() + text.size());
}

}  // namespace

std::string_view call_name(const control::Request& request) {
  switch (request.call_case()) {
    case control::Request::kHello:
      return "hello";
    case control::Request::kLoad:
      return "load";
    case control::Request::kConnect:
      return "connect";
    case control::Request::kStart:
      return "start";
    case control::Request::kStatus:
      return "status";
    case control::Request::kCommit:
      return "commit";
    case control::Request::kStop:
      return "stop";
    case control::Request::kLog:
      return "log";
    case control::Request::kTap:
      return "tap";
    case control::Request::kTaps:
      return "taps";
    case control::Request::CALL_NOT_SET:
      break;
  }
  return "nothing";
}

Result<control::Request> parse_request(std::span<const std::byte> bytes) {
  return parse<control::Request>(bytes, "request");
}

Result<control::Reply> parse_reply(std::span<const std::byte> bytes) { return parse<control::Reply>(bytes, "reply"); }

std::string version_mismatch(std::uint32_t theirs, std::string_view their_software, std::string_view our_software) {
  return fmt::format("speaks control version {} (software {}), this is {} (software {})", theirs, their_software,
                     control_version, our_software);
}

control::Reply error_reply(const Error& error) {
  control::Reply reply;
  reply.mutable_error()->set_kind(static_cast<std::uint32_t>(error.kind));
  reply.mutable_error()->set_message(error.message);
  return reply;
}

Result<> error_of(const control::Reply& reply) {
  if (!reply.has_error()) return {};
  const std::uint32_t kind = reply.error().kind();
  const bool known = kind >= 1 && kind <= 3;
  return std::unexpected(Error{known ? static_cast<ErrorKind>(kind) : ErrorKind::failed, reply.error().message()});
}

control::Reply reply_of(Result<control::Reply> result) {
  return result ? *std::move(result) : error_reply(result.error());
}

std::string to_text(const control::PartId& part) {
  return fmt::format("{}/{:016x}/{}", part.deployment(), part.epoch(), part.node());
}

Result<> check_control_address(std::string_view address) {
  if (address.starts_with(ipc) && address.size() > ipc.size()) return {};
  if (address.starts_with(tcp)) {
    const std::string_view rest = address.substr(tcp.size());
    const std::size_t colon = rest.rfind(':');
    if (colon != std::string_view::npos && colon > 0 && is_port(rest.substr(colon + 1))) return {};
  }
  return bad_input("`{}` is no control address: tcp://HOST:PORT or ipc://PATH, PORT 0 to 65535 or *", address);
}

bool is_local_control_address(std::string_view address) {
  if (address.starts_with(ipc)) return true;
  const std::string_view host = address.starts_with(tcp) ? address.substr(tcp.size()) : address;
  return host.starts_with("127.") || host.starts_with("localhost:");
}

}  // namespace algean::cluster
