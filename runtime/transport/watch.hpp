// What the sockets of one dialler or listener are waited for with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/base/descriptor.hpp"
#include "runtime/base/result.hpp"

namespace algean {

// An epoll set, and an eventfd that ends a wait for it. Several of those who share one may be waited for by any of
// them.
class Watch {
 public:
  static Result<std::shared_ptr<Watch>> make();
  Watch(Descriptor set, Descriptor wake) : set_(std::move(set)), wake_(std::move(wake)) {}

  // `events`: of epoll; also errors and hang-ups end a wait.
  Result<> add(int fd, std::uint32_t events);
  void change(int fd, std::uint32_t events);
  void remove(int fd);
  // Datagrams that lie ready outside the kernel: while there are some, nobody waits.
  void keep() { ++kept_; }
  void release() { --kept_; }

  void wait(std::int64_t timeout_ns);
  void wake() noexcept;

 private:
  Descriptor set_;
  Descriptor wake_;
  std::size_t kept_ = 0;
};

// A watch of its own for whoever was given none.
Result<> make_if_none(std::shared_ptr<Watch>& watch);

// The same for one file descriptor, which is waited for alone.
void wait_for(int fd, short events, std::int64_t timeout_ns);

}  // namespace algean
