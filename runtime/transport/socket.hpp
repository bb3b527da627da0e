// Non-blocking IPv4 sockets: what the transports over them share.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

#include "runtime/base/descriptor.hpp"
#include "runtime/transport/address.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

constexpr std::size_t least_datagram_bytes = 128;

sockaddr_in to_system(const SocketAddress& address);
SocketAddress from_system(const sockaddr_in& address);

// sockaddr_in is the system's own disguise of sockaddr.
inline const sockaddr* disguise(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }
inline sockaddr* disguise(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

bool set_option(int fd, int level, int name, int value);
int get_option(int fd, int level, int name, int otherwise);

// `type`: SOCK_DGRAM or SOCK_STREAM. `buffer_bytes` are asked of the system for each direction; it may give less.
Result<Descriptor> make_socket(int type, int buffer_bytes);
Result<> bind_to(const Descriptor& socket, const SocketAddress& at);
Result<SocketAddress> bound_address(const Descriptor& socket);

// The part of the receive buffer's bytes that datagrams may fill: the system counts its own overhead too.
std::size_t window_of(const Descriptor& socket);

// What a system call's result, which is -1 with errno or not, means.
Transfer to_transfer(ssize_t result);

// bad_input where a datagram could not even hold what every packet has.
Result<> check_datagram_bytes(std::size_t max_datagram_bytes);

}  // namespace algean
