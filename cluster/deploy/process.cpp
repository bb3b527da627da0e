#include "cluster/deploy/process.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>

#include "cluster/deploy/pidfd.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/descriptor.hpp"

namespace algean::cluster {
namespace {

struct Stat {
  char state = '?';
  std::uint64_t started_ticks = 0;
};

// proc(5): "PID (COMMAND) STATE ...", where COMMAND may hold blanks and brackets; the start time is field 22.
std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto bracket = line.rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(bracket + 1));
  Stat stat;
  std::string skipped;
  fields >> stat.state;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> stat.started_ticks)) return std::nullopt;
  return stat;
}

bool runs(const Stat& stat) { return stat.state != 'Z' && stat.state != 'X'; }

bool ends_within(int pidfd, std::int64_t wait_ns) {
  pollfd wait{pidfd, POLLIN, 0};
  const timespec limit{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
  int ready = 0;
  do {
    ready = ::ppoll(&wait, 1, &limit, nullptr);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

Result<ProcessId> identify(pid_t pid) {
  const auto stat = read_stat(pid);
  if (!stat || !runs(*stat)) return failed("no process has the id {}", pid);
  return ProcessId{pid, stat->started_ticks};
}

bool is_alive(const ProcessId& process) {
  const auto stat = read_stat(process.pid);
  return stat && runs(*stat) && stat->started_ticks == process.started_ticks;
}

std::optional<double> age_s(const ProcessId& process) {
  std::ifstream file("/proc/uptime");
  double up_s = 0;
  if (!is_alive(process) || !(file >> up_s)) return std::nullopt;
  return up_s - static_cast<double>(process.started_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string_view to_text(Ending ending) {
  switch (ending) {
    case Ending::was_dead:
      return "was dead";
    case Ending::terminated:
      return "stopped";
    case Ending::killed:
      return "killed";
  }
  return "";
}

Result<Ending> terminate(const ProcessId& process, std::int64_t grace_ns, std::int64_t kill_ns) {
  return std::move(terminate_all({&process, 1}, grace_ns, kill_ns).front());
}

std::vector<Result<Ending>> terminate_all(std::span<const ProcessId> processes, std::int64_t grace_ns,
                                          std::int64_t kill_ns) {
  std::vector<Result<Ending>> endings;
  std::vector<Descriptor> handles(processes.size());  // of those that still live
  for (std::size_t i = 0; i < processes.size(); ++i) {
    Descriptor handle(::pidfd_open(processes[i].pid, 0));
    if (!handle && errno != ESRCH) {
      endings.emplace_back(failed("process {}: cannot open: {}", processes[i].pid, system_reason()));
      continue;
    }
    endings.emplace_back(Ending::was_dead);
    // The handle stays with one process, so that what is checked now is what is signalled below.
    if (handle && is_alive(processes[i])) handles[i] = std::move(handle);
  }
  const SteadyClock clock;
  for (const auto& [signal, wait_ns, ending] :
       {std::tuple{SIGTERM, grace_ns, Ending::terminated}, std::tuple{SIGKILL, kill_ns, Ending::killed}}) {
    for (std::size_t i = 0; i < handles.size(); ++i) {
      if (!handles[i] || ::pidfd_send_signal(handles[i].get(), signal, nullptr, 0) == 0 || errno == ESRCH) continue;
      endings[i] = failed("process {}: cannot signal: {}", processes[i].pid, system_reason());
      handles[i].reset();
    }
    const std::int64_t end_ns = clock.now_ns() + wait_ns;
    for (std::size_t i = 0; i < handles.size(); ++i) {
      if (!handles[i] || !ends_within(handles[i].get(), std::max<std::int64_t>(end_ns - clock.now_ns(), 0))) continue;
      endings[i] = ending;
      handles[i].reset();
    }
  }
  for (std::size_t i = 0; i < handles.size(); ++i) {
    if (handles[i]) {
      endings[i] = deadline_passed("process {} lives {} ms after SIGKILL", processes[i].pid, kill_ns / 1'000'000);
    }
  }
  return endings;
}

}  // namespace algean::cluster
