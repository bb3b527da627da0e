#include "tests/bench/links/zeromq_stream.hpp"

#include <unistd.h>
#include <zmq.h>

#include <vector>

#include "tests/bench/links/zeromq_tools.hpp"

namespace algean::bench {
namespace {

constexpr std::byte plain{0};
constexpr std::byte asks{1};  // first byte of a message that asks for an answer

[[noreturn]] void take(int core, int tell, int answer) {
  void* socket = open_zeromq(zmq_ctx_new(), ZMQ_PULL, core);
  bind_and_tell(socket, tell);
  std::array<std::byte, 4096> buffer{};
  while (true) {
    expect_zeromq(zmq_recv(socket, buffer.data(), buffer.size(), 0) > 0, "zmq_recv");
    if (buffer[0] == asks) expect_zeromq(::write(answer, buffer.data(), 1) == 1, "write");
  }
}

}  // namespace

ZeromqStream::ZeromqStream(int core)
    : tells_(make_pipe()), answers_(make_pipe()), process_(core, [&] { take(core, tells_[1], answers_[1]); }) {
  process_.resume();
  context_ = zmq_ctx_new();
  socket_ = open_zeromq(context_, ZMQ_PUSH, 0);
  connect_as_told(socket_, tells_[0]);
}

ZeromqStream::~ZeromqStream() {
  close_zeromq(socket_, context_);
  for (const auto& pipe : {tells_, answers_}) {
    for (const int end : pipe) ::close(end);
  }
}

void ZeromqStream::send(int messages, std::size_t bytes) {
  std::vector<std::byte> message(bytes, plain);
  for (int i = 1; i <= messages; ++i) {
    if (i == messages) message[0] = asks;
    expect_zeromq(zmq_send(socket_, message.data(), message.size(), 0) >= 0, "zmq_send");
  }
  expect_zeromq(::read(answers_[0], message.data(), 1) == 1, "read");
}

}  // namespace algean::bench
