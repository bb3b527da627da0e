#pragma once

#include <csignal>

#include "runtime/base/descriptor.hpp"

namespace algean::cluster {

// While it lives, SIGINT, SIGTERM and SIGHUP end nothing by themselves: they wait to be read here. Made before any
// thread starts, since each thread has a mask of its own.
class Interrupts {
 public:
  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();
  // Readable when such a signal has come.
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool arrived() const;
  // Takes one signal; 0 where none waits.
  int take();

 private:
  sigset_t former_{};
  Descriptor fd_;
};

}  // namespace algean::cluster
