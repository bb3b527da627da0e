// What both of ZeroMQ's peers need.
#pragma once

#include <array>
#include <cstddef>

namespace algean::bench {

// Ends the process with ZeroMQ's reason where `good` does not hold.
void expect_zeromq(bool good, const char* what);
// A pipe's ends: of the reader, of the writer.
std::array<int, 2> make_pipe();
// Makes the socket, and so ZeroMQ's threads, where every core is allowed; then pins this thread.
void* open_zeromq(void* context, int type, int core);
// Binds to any port of loopback and writes the address to a pipe; connects to the address that the pipe gives.
void bind_and_tell(void* socket, int pipe);
void connect_as_told(void* socket, int pipe);
void close_zeromq(void* socket, void* context);

}  // namespace algean::bench
