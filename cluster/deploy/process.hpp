// Other processes, named so that a pid that the system has given to somebody else is never signalled.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::cluster {

struct ProcessId {
  pid_t pid = 0;
  std::uint64_t started_ticks = 0;  // clock ticks since boot: proc(5), /proc/PID/stat, field 22
  bool operator==(const ProcessId&) const = default;
};

// Of a process that runs now; failed where there is none (a zombie is none).
Result<ProcessId> identify(pid_t pid);
[[nodiscard]] bool is_alive(const ProcessId& process);

// Seconds since that process started.
[[nodiscard]] std::optional<double> age_s(const ProcessId& process);

enum class Ending : std::uint8_t { was_dead, terminated, killed };
// "was dead", "stopped", "killed".
[[nodiscard]] std::string_view to_text(Ending ending);

// SIGTERM, and SIGKILL if it still lives after grace_ns. deadline where even that does not end it within kill_ns.
Result<Ending> terminate(const ProcessId& process, std::int64_t grace_ns, std::int64_t kill_ns = 5'000'000'000);
// The same of several, which share the grace.
std::vector<Result<Ending>> terminate_all(std::span<const ProcessId> processes, std::int64_t grace_ns,
                                          std::int64_t kill_ns = 5'000'000'000);

}  // namespace algean::cluster
