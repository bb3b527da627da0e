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
  suspend();
}

SpinningProcess::~SpinningProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void SpinningProcess::suspend() {
  if (!awake_) return;
  ::kill(pid_, SIGSTOP);
  ::waitpid(pid_, nullptr, WUNTRACED);
  awake_ = false;
}

void SpinningProcess::resume() {
  if (awake_) return;
  ::kill(pid_, SIGCONT);
  ::waitpid(pid_, nullptr, WCONTINUED);
  awake_ = true;
}

}  // namespace algean::bench
