#include "runtime/transport/watch.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace algean {
namespace {

timespec to_timespec(std::int64_t timeout_ns) {
  timeout_ns = std::max<std::int64_t>(timeout_ns, 0);
  return {timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
}

int control(int set, int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(set, operation, fd, &event);
}

}  // namespace

Result<std::shared_ptr<Watch>> Watch::make() {
  Descriptor set(::epoll_create1(EPOLL_CLOEXEC));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const int wake_fd = wake.get();
  auto watch = std::make_shared<Watch>(std::move(set), std::move(wake));
  ALGEAN_TRY(watch->add(wake_fd, EPOLLIN));
  return watch;
}

Result<> Watch::add(int fd, std::uint32_t events) {
  if (control(set_.get(), EPOLL_CTL_ADD, fd, events) == 0) return {};
  return failed("cannot wait for a socket: {}", system_reason());
}

void Watch::change(int fd, std::uint32_t events) { control(set_.get(), EPOLL_CTL_MOD, fd, events); }

void Watch::remove(int fd) { control(set_.get(), EPOLL_CTL_DEL, fd, 0); }

void Watch::wait(std::int64_t timeout_ns) {
  if (kept_ > 0) return;
  epoll_event event{};
  const timespec timeout = to_timespec(timeout_ns);
  if (::epoll_pwait2(set_.get(), &event, 1, &timeout, nullptr) != 1 || event.data.fd != wake_.get()) return;
  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
}

void Watch::wake() noexcept {
  const int saved = errno;  // a signal handler may call this
  ::eventfd_write(wake_.get(), 1);
  errno = saved;
}

Result<> make_if_none(std::shared_ptr<Watch>& watch) {
  if (watch) return {};
  ALGEAN_ASSIGN(watch, Watch::make());
  return {};
}

void wait_for(int fd, short events, std::int64_t timeout_ns) {
  pollfd one{fd, events, 0};
  const timespec timeout = to_timespec(timeout_ns);
  ::ppoll(&one, 1, &timeout, nullptr);
}

}  // namespace algean
