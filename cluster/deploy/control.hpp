// The thread by which deploy holds a node process until it lets go: a pair of connected sockets (SOCK_SEQPACKET), one
// message a packet. The node says "ready ADDRESS" or "error STATUS MESSAGE" once; deploy may say "release" once. A node
// whose deploy goes without "release" ends, so that no killed deploy leaves a node behind.
#pragma once

#include <optional>
#include <string>

#include "runtime/base/descriptor.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

inline constexpr int control_fd = 3;  // of a node process

inline constexpr std::size_t max_control_bytes = 4096;

std::string ready_message(const std::string& address);
std::string error_message(const Error& error);
inline constexpr auto release_message = "release";

// The address of a ready message; the error of an error message; failed for anything else.
Result<std::string> parse_report(const std::string& message);

// False where the other side is gone. Longer messages are cut to max_control_bytes.
bool send_message(const Descriptor& socket, const std::string& message);
// Waits for nothing: none where nothing has come; empty where the other side is gone.
std::optional<std::string> receive_message(const Descriptor& socket);

}  // namespace algean::cluster
