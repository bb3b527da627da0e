// Messages of the control plane as bytes. What each one says: control.proto.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cluster/control/control.pb.h"
#include "runtime/base/result.hpp"

namespace algean::cluster {

namespace control = ::algean::control::v1;

inline constexpr std::uint32_t control_version = 1;

// "load" of a request that asks to load, "nothing" of one that asks for nothing (known).
[[nodiscard]] std::string_view call_name(const control::Request& request);

// The request of these bytes, whatever its version. bad_input where they are none.
Result<control::Request> parse_request(std::span<const std::byte> bytes);
Result<control::Reply> parse_reply(std::span<const std::byte> bytes);

// "speaks control version 2 (software 0.2.0), this is 1 (software 0.1.0)".
[[nodiscard]] std::string version_mismatch(std::uint32_t theirs, std::string_view their_software,
                                           std::string_view our_software);

// A reply that carries an error, and back: nothing where the reply carries none. Of an unknown kind: failed.
[[nodiscard]] control::Reply error_reply(const Error& error);
[[nodiscard]] Result<> error_of(const control::Reply& reply);
// What to answer where this is the result of a call.
[[nodiscard]] control::Reply reply_of(Result<control::Reply> result);

// "quick/0123456789abcdef/2": deployment, epoch, node.
[[nodiscard]] std::string to_text(const control::PartId& part);

// tcp://HOST:PORT (PORT * for any free one) or ipc://PATH; bad_input otherwise.
Result<> check_control_address(std::string_view address);
// Whether only processes of this host reach the address.
[[nodiscard]] bool is_local_control_address(std::string_view address);

}  // namespace algean::cluster
