#pragma once

#include <csignal>
#include <initializer_list>

namespace algean::cluster {

// While it lives, this thread is not interrupted: SIGINT and its like are delivered afterwards. For the moments in
// which a file is written and renamed.
class HoldSignals {
 public:
  HoldSignals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, &former_);
  }
  HoldSignals(const HoldSignals&) = delete;
  HoldSignals& operator=(const HoldSignals&) = delete;
  ~HoldSignals() { ::pthread_sigmask(SIG_SETMASK, &former_, nullptr); }

 private:
  sigset_t former_{};
};

}  // namespace algean::cluster
