// A node process as the one who starts it sees it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cluster/deploy/interrupts.hpp"
#include "cluster/deploy/process.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/descriptor.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

struct NodeCommand {
  std::filesystem::path program;       // this executable; absolute, as are all paths: the child starts in /
  std::vector<std::string> arguments;  // what follows the program's name
  std::filesystem::path log;           // takes standard output and standard error
};

// A started child in a session of its own (a terminal's Ctrl-C reaches only the parent), with no signal blocked. It
// ends, and is waited for, when this goes, unless it was released.
class NodeProcess {
 public:
  static Result<NodeProcess> start(const NodeCommand& command);
  NodeProcess(NodeProcess&&) noexcept = default;
  NodeProcess& operator=(NodeProcess&&) = delete;
  ~NodeProcess();

  [[nodiscard]] const ProcessId& id() const { return id_; }
  // Readable when the process has ended.
  [[nodiscard]] int ended_fd() const { return handle_.get(); }

  // The control address that it listens at. Errors: what the node reports, its death (with the log's last line), an
  // interrupt, or the deadline (of `clock`).
  Result<std::string> await_ready(std::int64_t deadline_ns, const Clock& clock, const Interrupts& interrupts);
  // Lets it go on without us: it ends neither with this nor with our process. failed where it has ended.
  Result<> release();
  // How it ended: "exited with status 1", "was killed by signal 9 (Killed)"; and whether it ended as asked, with status
  // 0. Only after ended_fd() became readable.
  struct End {
    bool clean = false;
    std::string how;
  };
  End reap();
  // Where it has ended, or ends within wait_ns: "the node process exited with status 1; its log ends: ...".
  std::optional<std::string> death(std::int64_t wait_ns);
  // SIGTERM, for nothing: several end at once then.
  void ask_to_end() const;
  // SIGTERM, SIGKILL after grace_ns, and waits.
  Result<Ending> stop(std::int64_t grace_ns);

 private:
  NodeProcess(ProcessId id, Descriptor handle, Descriptor control, std::filesystem::path log)
      : id_(id), handle_(std::move(handle)), control_(std::move(control)), log_(std::move(log)) {}
  [[nodiscard]] std::unexpected<Error> died();

  ProcessId id_;
  Descriptor handle_;   // pidfd; none once reaped
  Descriptor control_;  // our end of control.hpp's pair; none once released
  std::filesystem::path log_;
};

}  // namespace algean::cluster
