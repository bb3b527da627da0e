#include "tests/bench/links/spinning_process.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/bench/harness/bench.hpp"

namespace algean::bench {

SpinningProcess::SpinningProcess(int core, const std::function<void()>& body) : pid_(::fork()) {
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin_thread(core);
    body();
    ::_exit(1);
  }
  sleep();
}

SpinningProcess::~SpinningProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void SpinningProcess::sleep() {
  if (!awake_) return;
  ::kill(pid_, SIGSTOP);
  ::waitpid(pid_, nullptr, WUNTRACED);
  awake_ = false;
}

void SpinningProcess::wake() {
  if (awake_) return;
  ::kill(pid_, SIGCONT);
  ::waitpid(pid_, nullptr, WCONTINUED);
  awake_ = true;
}

}  // namespace algean::bench
