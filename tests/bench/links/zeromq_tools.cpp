#include "tests/bench/links/zeromq_tools.hpp"

#include <sched.h>
#include <unistd.h>
#include <zmq.h>

#include <cstdio>
#include <cstdlib>

#include "tests/bench/harness/bench.hpp"

namespace algean::bench {
namespace {

using Endpoint = std::array<char, 256>;

}  // namespace

void expect_zeromq(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
  std::_Exit(1);
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  expect_zeromq(::pipe(ends.data()) == 0, "pipe");
  return ends;
}

void* open_zeromq(void* context, int type, int core) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (std::size_t i = 0; i < CPU_SETSIZE; ++i) CPU_SET(i, &all);
  ::sched_setaffinity(0, sizeof(all), &all);
  void* socket = zmq_socket(context, type);
  expect_zeromq(socket != nullptr, "zmq_socket");
  pin_thread(core);
  return socket;
}

void bind_and_tell(void* socket, int pipe) {
  expect_zeromq(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "zmq_bind");
  Endpoint endpoint{};
  std::size_t size = endpoint.size();
  expect_zeromq(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size) == 0, "ZMQ_LAST_ENDPOINT");
  expect_zeromq(::write(pipe, endpoint.data(), endpoint.size()) == static_cast<ssize_t>(endpoint.size()), "write");
}

void connect_as_told(void* socket, int pipe) {
  Endpoint endpoint{};
  expect_zeromq(::read(pipe, endpoint.data(), endpoint.size()) == static_cast<ssize_t>(endpoint.size()), "read");
  expect_zeromq(zmq_connect(socket, endpoint.data()) == 0, "zmq_connect");
}

void close_zeromq(void* socket, void* context) {
  const int linger_ms = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
  zmq_close(socket);
  zmq_ctx_term(context);
}

}  // namespace algean::bench
