#include "runtime/base/contained.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <string>

#include "runtime/base/descriptor.hpp"

namespace algean {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_shadow_memory = true;  // terabytes of address space: no limit can be set on it
#elif defined(__has_feature)
constexpr bool has_shadow_memory = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool has_shadow_memory = false;
#endif

constexpr int result_descriptor = 3;  // in the child; 0 to 2 are /dev/null

// What goes before the result's bytes (or the error's message) in the pipe.
struct Head {
  static constexpr std::uint32_t magic = 0x434c4731;
  static constexpr std::uint32_t value = 0;  // else an ErrorKind, or:
  static constexpr std::uint32_t out_of_memory = 100;
  static constexpr std::uint32_t too_long = 101;
  std::uint32_t mark = magic;
  std::uint32_t kind = value;
  std::uint64_t bytes = 0;
};

// `above`: how far the hard limit, whose signal says nothing, lies above the soft one.
void set_limit(int resource, rlim_t value, rlim_t above = 0) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, value + above);
  limit.rlim_cur = std::min({limit.rlim_cur, limit.rlim_max, value});
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

// Address space of this process in bytes, from /proc/self/statm; nothing if that cannot be read.
std::optional<std::size_t> address_space_bytes() {
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  char text[64] = {};
  const ssize_t got = ::read(file, text, sizeof text - 1);
  ::close(file);
  std::size_t pages = 0;
  for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) {
    pages = pages * 10 + static_cast<std::size_t>(text[i] - '0');
  }
  if (pages == 0) return std::nullopt;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void limit_child(const ContainedLimits& limits) {
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_FSIZE, 0);
  set_limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor_s), 1);
  if constexpr (!has_shadow_memory) {
    if (const auto now = address_space_bytes()) set_limit(RLIMIT_AS, *now + limits.memory_bytes);
  }
}

// Default actions for all signals, no descriptors but the result's, dead when the parent's thread dies.
void enter_child(int result, pid_t parent) {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);

  const int pipe = ::fcntl(result, F_DUPFD, result_descriptor + 1);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (pipe < 0 || null < 0) ::_exit(1);
  const int kept = ::fcntl(null, F_DUPFD, result_descriptor + 1);
  for (int descriptor = 0; descriptor < result_descriptor; ++descriptor) ::dup2(kept, descriptor);
  ::dup2(pipe, result_descriptor);
  if (::syscall(SYS_close_range, result_descriptor + 1, ~0U, 0U) != 0) {
    for (int descriptor = result_descriptor + 1; descriptor < 4096; ++descriptor) ::close(descriptor);
  }
}

void write_all(const void* data, std::size_t bytes) {
  const auto* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = ::write(result_descriptor, at, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) ::_exit(1);
    at += put;
    bytes -= static_cast<std::size_t>(put);
  }
}

void send(std::uint32_t kind, const void* data, std::size_t bytes) {
  const Head head{.kind = kind, .bytes = bytes};
  write_all(&head, sizeof head);
  write_all(data, bytes);
}

[[noreturn]] void run_child(const ContainedJob& job, const ContainedLimits& limits) {
  try {
    limit_child(limits);
    const auto result = job();
    if (!result) {
      send(static_cast<std::uint32_t>(result.error().kind), result.error().message.data(),
           result.error().message.size());
    } else if (result->size() > limits.result_bytes) {
      send(Head::too_long, nullptr, 0);
    } else {
      send(Head::value, result->data(), result->size());
    }
  } catch (const std::bad_alloc&) {
    send(Head::out_of_memory, nullptr, 0);
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

// A running child: killed and reaped at the latest when this goes.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { (void)finish(); }

  // Waits for its end until then, then kills; the wait status, or nothing if somebody else reaped it.
  std::optional<int> finish(std::int64_t patience_ns = 0) {
    if (pid_ < 0) return status_;
    if (patience_ns > 0) await_end(patience_ns);
    ::kill(pid_, SIGKILL);
    int status = 0;
    pid_t reaped = 0;
    do reaped = ::waitpid(pid_, &status, 0);
    while (reaped < 0 && errno == EINTR);
    if (reaped == pid_) status_ = status;
    pid_ = -1;
    return status_;
  }

 private:
  void await_end(std::int64_t patience_ns) const {
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0U));
    if (handle < 0) return;
    pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
    (void)::poll(&ended, 1, static_cast<int>(std::min<std::int64_t>(patience_ns / 1'000'000 + 1, 1000)));
    ::close(handle);
  }

  pid_t pid_;
  std::optional<int> status_;
};

enum class End : std::uint8_t { closed, full, deadline };

// Appends to `to` until it has `bytes` bytes, the pipe ends, or the deadline passes.
End receive(int pipe, std::vector<std::byte>& to, std::size_t bytes, std::int64_t deadline_ns, const Clock& clock) {
  constexpr std::size_t step_bytes = std::size_t{1}
                                     << 16U;  // what a pipe holds; never allocate much more than has come
  while (to.size() < bytes) {
    const std::int64_t left_ns = deadline_ns - clock.now_ns();
    if (left_ns <= 0) return End::deadline;
    pollfd ready{.fd = pipe, .events = POLLIN, .revents = 0};
    const auto left_ms = static_cast<int>(std::min<std::int64_t>((left_ns + 999'999) / 1'000'000, 1000));
    if (::poll(&ready, 1, left_ms) <= 0) continue;
    const std::size_t had = to.size();
    to.resize(std::min(had + step_bytes, bytes));
    const ssize_t got = ::read(pipe, to.data() + had, to.size() - had);
    to.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return End::closed;
  }
  return End::full;
}

// The sentence about a child that gave no whole answer.
std::unexpected<Error> died(std::string_view where, std::string_view worker, std::optional<int> status,
                            const ContainedLimits& limits) {
  if (status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGXCPU) {
    return bad_input("{}: the {} did not finish this file within {} s of processor time", where, worker,
                     limits.processor_s);
  }
  if (status && WIFSIGNALED(*status)) {
    return bad_input("{}: the {} crashed on this file (signal {})", where, worker, WTERMSIG(*status));
  }
  if (status && WIFEXITED(*status) && WEXITSTATUS(*status) != 0) {
    return bad_input("{}: the {} crashed on this file (exit status {})", where, worker, WEXITSTATUS(*status));
  }
  return bad_input("{}: the {} broke off on this file", where, worker);
}

// fork() with all signals blocked, so that no handler of the parent's runs in the child.
pid_t fork_quietly(int result, const ContainedJob& job, const ContainedLimits& limits) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    enter_child(result, parent);
    run_child(job, limits);
  }
  const int reason = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = reason;
  return pid;
}

}  // namespace

Result<std::vector<std::byte>> run_contained(std::string_view where, std::string_view worker, const ContainedJob& job,
                                             const ContainedLimits& limits, const Clock& clock) {
  const std::int64_t deadline_ns = clock.now_ns() + limits.timeout_ns;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("{}: cannot make a pipe: {}", where, system_reason());
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  const pid_t pid = fork_quietly(to.get(), job, limits);
  if (pid < 0) return failed("{}: cannot start a process for the {}: {}", where, worker, system_reason());
  Child child(pid);
  to.reset();

  std::vector<std::byte> bytes;
  const auto late = [&] {
    return bad_input("{}: the {} did not finish this file within {} ms", where, worker, limits.timeout_ns / 1'000'000);
  };
  const auto ended = [&] {
    return died(where, worker, child.finish(std::max<std::int64_t>(deadline_ns - clock.now_ns(), 0)), limits);
  };
  const auto garbled = [&] { return bad_input("{}: the {} gave a garbled answer on this file", where, worker); };

  const End head_end = receive(from.get(), bytes, sizeof(Head), deadline_ns, clock);
  if (head_end == End::deadline) return late();
  if (head_end == End::closed) return ended();
  Head head;
  std::memcpy(&head, bytes.data(), sizeof head);
  bytes.clear();
  constexpr std::size_t message_bytes = std::size_t{1} << 20U;
  if (head.mark != Head::magic || head.bytes > (head.kind == Head::value ? limits.result_bytes : message_bytes)) {
    return garbled();
  }
  const End body_end = receive(from.get(), bytes, head.bytes, deadline_ns, clock);
  if (body_end == End::deadline) return late();
  if (body_end == End::closed) return ended();

  switch (head.kind) {
    case Head::value:
      return bytes;
    case Head::out_of_memory:
      return bad_input("{}: the {} needs more than {} MiB on this file", where, worker, limits.memory_bytes >> 20U);
    case Head::too_long:
      return bad_input("{}: the {} found more than {} bytes in this file", where, worker, limits.result_bytes);
    case static_cast<std::uint32_t>(ErrorKind::failed):
    case static_cast<std::uint32_t>(ErrorKind::bad_input):
    case static_cast<std::uint32_t>(ErrorKind::deadline):
      return std::unexpected(Error{static_cast<ErrorKind>(head.kind),
                                   std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
    default:
      return garbled();
  }
}

}  // namespace algean
