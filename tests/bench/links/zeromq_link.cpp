#include "tests/bench/links/zeromq_link.hpp"

#include <unistd.h>
#include <zmq.h>

#include "tests/bench/links/zeromq_tools.hpp"

namespace algean::bench {
namespace {

void send(void* socket, const void* data, std::size_t bytes, int flags) {
  while (zmq_send(socket, data, bytes, flags) < 0) expect_zeromq(zmq_errno() == EAGAIN, "zmq_send");
}

std::size_t receive(void* socket, std::span<std::byte> into, int flags) {
  int got = zmq_recv(socket, into.data(), into.size(), flags);
  while (got < 0) {
    expect_zeromq(zmq_errno() == EAGAIN, "zmq_recv");
    got = zmq_recv(socket, into.data(), into.size(), flags);
  }
  return static_cast<std::size_t>(got);
}

[[noreturn]] void echo(int core, int flags, int tell) {
  void* socket = open_zeromq(zmq_ctx_new(), ZMQ_REP, core);
  bind_and_tell(socket, tell);
  std::array<std::byte, 4096> buffer{};
  while (true) {
    const std::size_t bytes = receive(socket, buffer, flags);
    send(socket, buffer.data(), bytes, flags);
  }
}

}  // namespace

ZeromqEcho::ZeromqEcho(int core, Wait wait)
    : pipe_(make_pipe()),
      flags_(wait == Wait::spin ? ZMQ_DONTWAIT : 0),
      process_(core, [&] { echo(core, flags_, pipe_[1]); }) {
  process_.resume();
  context_ = zmq_ctx_new();
  socket_ = open_zeromq(context_, ZMQ_REQ, 0);
  connect_as_told(socket_, pipe_[0]);
}

ZeromqEcho::~ZeromqEcho() {
  close_zeromq(socket_, context_);
  for (const int end : pipe_) ::close(end);
}

void ZeromqEcho::round_trip(std::span<const std::byte> message, std::span<std::byte> into) {
  send(socket_, message.data(), message.size(), flags_);
  expect_zeromq(receive(socket_, into, flags_) == message.size(), "a message of another size");
}

}  // namespace algean::bench
