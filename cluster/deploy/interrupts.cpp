#include "cluster/deploy/interrupts.hpp"

#include <poll.h>
#include <sys/signalfd.h>

#include "runtime/base/result.hpp"

namespace algean::cluster {

Interrupts::Interrupts() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  ALGEAN_INVARIANT(::pthread_sigmask(SIG_BLOCK, &signals, &former_) == 0);
  fd_ = Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  ALGEAN_INVARIANT(fd_);
}

Interrupts::~Interrupts() {
  while (take() != 0) continue;  // seen by us: not to be delivered again
  ::pthread_sigmask(SIG_SETMASK, &former_, nullptr);
}

bool Interrupts::arrived() const {
  pollfd wait{fd_.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

int Interrupts::take() {
  signalfd_siginfo info{};
  return ::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info) ? static_cast<int>(info.ssi_signo)
                                                                                    : 0;
}

}  // namespace algean::cluster
