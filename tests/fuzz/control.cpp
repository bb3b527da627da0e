// Any bytes as a message of the control plane; what is one is written again and read back as the same.
#include <cstdint>
#include <string>

#include "cluster/control/message.hpp"
#include "tests/fuzz/require.hpp"

namespace algean::cluster {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

void as_request(std::span<const std::byte> bytes) {
  const auto request = parse_request(bytes);
  if (!request) {
    FUZZ_REQUIRE(request.error().kind == ErrorKind::bad_input);
    return;
  }
  const std::string written = request->SerializeAsString();
  const auto again = parse_request(bytes_of(written));
  FUZZ_REQUIRE(again && again->SerializeAsString() == written);
  FUZZ_REQUIRE(again->call_case() == request->call_case());
  FUZZ_REQUIRE((call_name(*request) == "nothing") == (request->call_case() == control::Request::CALL_NOT_SET));
  if (request->has_load()) FUZZ_REQUIRE(!to_text(request->load().part()).empty());
}

void as_reply(std::span<const std::byte> bytes) {
  const auto reply = parse_reply(bytes);
  if (!reply) return;
  const std::string written = reply->SerializeAsString();
  const auto again = parse_reply(bytes_of(written));
  FUZZ_REQUIRE(again && again->SerializeAsString() == written);
  const auto error = error_of(*reply);
  FUZZ_REQUIRE(error.has_value() == !reply->has_error());
  if (!error) FUZZ_REQUIRE(error.error().kind >= ErrorKind::failed && error.error().kind <= ErrorKind::deadline);
}

}  // namespace
}  // namespace algean::cluster

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto all = std::as_bytes(std::span(bytes, size));
  algean::cluster::as_request(all);
  algean::cluster::as_reply(all);
  (void)algean::cluster::check_control_address({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
