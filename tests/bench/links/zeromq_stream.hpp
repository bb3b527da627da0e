// The peer: ZeroMQ's PUSH to PULL over TCP loopback, the PULL side in a process of its own.
#pragma once

#include <array>
#include <cstddef>

#include "tests/bench/links/spinning_process.hpp"

namespace algean::bench {

class ZeromqStream {
 public:
  // The process runs on core `core`; ZeroMQ's own threads, here and there, on any.
  explicit ZeromqStream(int core);
  ZeromqStream(const ZeromqStream&) = delete;
  ZeromqStream& operator=(const ZeromqStream&) = delete;
  ~ZeromqStream();

  SpinningProcess& process() { return process_; }
  // Sends that many messages of `bytes` bytes, and returns when the other side has taken the last one.
  void send(int messages, std::size_t bytes);

 private:
  std::array<int, 2> tells_;    // pipe: where the process listens
  std::array<int, 2> answers_;  // pipe: a byte for each message that asks for one
  SpinningProcess process_;
  void* context_ = nullptr;
  void* socket_ = nullptr;
};

}  // namespace algean::bench
