// A process that spins on a core of its own, and sleeps while it is not its turn.
#pragma once

#include <sys/types.h>

#include <functional>

namespace algean::bench {

class SpinningProcess {
 public:
  // `body` runs in a forked child pinned to the index-th core, until it is killed at the end. Sleeps at first.
  SpinningProcess(int core, const std::function<void()>& body);
  SpinningProcess(const SpinningProcess&) = delete;
  SpinningProcess& operator=(const SpinningProcess&) = delete;
  ~SpinningProcess();

  // Returns when the process has stopped, or goes on.
  void suspend();
  void resume();

 private:
  pid_t pid_;
  bool awake_ = true;
};

}  // namespace algean::bench
