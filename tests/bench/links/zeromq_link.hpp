// The peer: ZeroMQ's REQ and REP over TCP loopback, the REP side in a process of its own that sends every message back.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "tests/bench/links/spinning_process.hpp"

namespace algean::bench {

enum class Wait { spin, block };  // ZMQ_DONTWAIT over and over, or ZeroMQ's own waiting

class ZeromqEcho {
 public:
  // The process runs on core `core`; ZeroMQ's own threads, here and there, on any.
  ZeromqEcho(int core, Wait wait);
  ZeromqEcho(const ZeromqEcho&) = delete;
  ZeromqEcho& operator=(const ZeromqEcho&) = delete;
  ~ZeromqEcho();

  SpinningProcess& process() { return process_; }
  void round_trip(std::span<const std::byte> message, std::span<std::byte> into);

 private:
  std::array<int, 2> pipe_;  // the process tells where it listens
  int flags_;
  SpinningProcess process_;
  void* context_ = nullptr;
  void* socket_ = nullptr;
};

}  // namespace algean::bench
