#include "cluster/deploy/process.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>

#include "cluster/deploy/pidfd.hpp"
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

Result<Ending> terminate(const ProcessId& process, std::int64_t grace_ns, std::int64_t kill_ns) {
  const Descriptor handle(::pidfd_open(process.pid, 0));
  if (handle.get() < 0 && errno != ESRCH) return failed("process {}: cannot open: {}", process.pid, system_reason());
  // The handle stays with one process, so that what is checked now is what is signalled below.
  if (handle.get() < 0 || !is_alive(process)) return Ending::was_dead;
  for (const auto& [signal, wait_ns, ending] :
       {std::tuple{SIGTERM, grace_ns, Ending::terminated}, std::tuple{SIGKILL, kill_ns, Ending::killed}}) {
    if (::pidfd_send_signal(handle.get(), signal, nullptr, 0) != 0 && errno != ESRCH) {
      return failed("process {}: cannot signal: {}", process.pid, system_reason());
    }
    if (ends_within(handle.get(), wait_ns)) return ending;
  }
  return deadline_passed("process {} lives {} ms after SIGKILL", process.pid, kill_ns / 1'000'000);
}

}  // namespace algean::cluster
