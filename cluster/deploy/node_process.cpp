#include "cluster/deploy/node_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstring>
#include <tuple>

#include "cluster/deploy/control.hpp"
#include "cluster/deploy/log_tail.hpp"
#include "cluster/deploy/pidfd.hpp"

namespace algean::cluster {
namespace {

constexpr std::int64_t stop_grace_ns = 3'000'000'000;

// Owns what posix_spawn wants to know besides the program.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  void open(int fd, const char* path, int flags) { ::posix_spawn_file_actions_addopen(&files_, fd, path, flags, 0644); }
  void duplicate(int from, int to) { ::posix_spawn_file_actions_adddup2(&files_, from, to); }
  // Nothing else that we happen to have open, or stand in, is the child's business: it may live for years.
  void leave_the_rest() {
    ::posix_spawn_file_actions_addclosefrom_np(&files_, control_fd + 1);
    ::posix_spawn_file_actions_addchdir_np(&files_, "/");
  }
  // 0, or the error number.
  int spawn(pid_t& pid, const char* program, char* const* arguments) {
    return ::posix_spawn(&pid, program, &files_, &attributes_, arguments, environ);
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<NodeProcess> NodeProcess::start(const NodeCommand& command) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return failed("cannot make a pair of sockets: {}", system_reason());
  }
  Descriptor ours(pair[0]);
  const Descriptor theirs(pair[1]);
  SpawnPlan plan;
  plan.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  plan.open(STDOUT_FILENO, command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND);
  plan.duplicate(STDOUT_FILENO, STDERR_FILENO);
  plan.duplicate(theirs.get(), control_fd);
  plan.leave_the_rest();
  std::vector<std::string> words{"algean"};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  if (const int error = plan.spawn(pid, command.program.c_str(), arguments.data()); error != 0) {
    return failed("cannot start {}: {}", command.program.string(), std::strerror(error));  // NOLINT
  }
  const ProcessId started = identify(pid).value_or(ProcessId{pid, 0});
  return NodeProcess(started, Descriptor(::pidfd_open(pid, 0)), std::move(ours), command.log);
}

NodeProcess::~NodeProcess() {
  if (handle_ && control_) std::ignore = stop(stop_grace_ns);
}

Result<Ending> NodeProcess::stop(std::int64_t grace_ns) {
  if (!handle_) return Ending::was_dead;
  auto ending = terminate(id_, grace_ns);
  if (ending) reap();
  return ending;
}

NodeProcess::End NodeProcess::reap() {
  siginfo_t info{};
  int result = 0;
  do {
    result = ::waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &info, WEXITED);
  } while (result != 0 && errno == EINTR);
  handle_.reset();
  if (info.si_code == CLD_EXITED) {
    return {info.si_status == 0, fmt::format("exited with status {}", info.si_status)};
  }
  return {false, fmt::format("was killed by signal {} ({})", info.si_status, ::strsignal(info.si_status))};
}

void NodeProcess::ask_to_end() const {
  if (handle_) (void)::pidfd_send_signal(handle_.get(), SIGTERM, nullptr, 0);
}

std::optional<std::string> NodeProcess::death(std::int64_t wait_ns) {
  pollfd wait{handle_.get(), POLLIN, 0};
  if (!handle_ || ::poll(&wait, 1, static_cast<int>(wait_ns / 1'000'000)) <= 0) return std::nullopt;
  const End end = reap();
  const std::string last = last_lines(log_, 1);
  return fmt::format("the node process {}{}", end.how, last.empty() ? "; its log is empty" : "; its log ends: " + last);
}

std::unexpected<Error> NodeProcess::died() {
  constexpr std::int64_t second_ns = 1'000'000'000;
  auto how = death(second_ns);
  if (!how) {
    std::ignore = terminate(id_, 0);  // it let go of us, but does not end
    how = death(second_ns);
  }
  return failed("{}", how.value_or("the node process let go of its deploy and does not end"));
}

Result<std::string> NodeProcess::await_ready(std::int64_t deadline_ns, const Clock& clock,
                                             const Interrupts& interrupts) {
  while (true) {
    if (interrupts.arrived()) return failed("interrupted while the node process started");
    const std::int64_t left_ns = deadline_ns - clock.now_ns();
    if (left_ns <= 0) return deadline_passed("the node process did not become ready in time");
    std::array<pollfd, 2> wait{pollfd{control_.get(), POLLIN, 0}, pollfd{interrupts.fd(), POLLIN, 0}};
    const timespec limit{left_ns / 1'000'000'000, left_ns % 1'000'000'000};
    if (::ppoll(wait.data(), wait.size(), &limit, nullptr) <= 0 || wait[0].revents == 0) continue;
    const auto message = receive_message(control_);
    if (!message) continue;
    if (!message->empty()) return parse_report(*message);
    return died();  // its end of the pair is closed: it has exited, or is about to
  }
}

Result<> NodeProcess::release() {
  if (!is_alive(id_) || !send_message(control_, release_message)) return died();
  control_.reset();
  return {};
}

}  // namespace algean::cluster
