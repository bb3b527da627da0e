// The log lines of all nodes of a deployment, as one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/deploy/roll_call.hpp"

namespace algean::cluster {

struct JournalLine {
  std::int64_t unix_time_ms = 0;
  std::string node;
  std::string text;
  bool operator==(const JournalLine&) const = default;
};

// Reads on where it stopped. Of local nodes it reads the files, so that dead ones speak too; of others it asks the
// agents.
class Journal {
 public:
  // `folder` holds NODE.log of local nodes. Only `node`'s, unless empty. The clock outlives the journal.
  Journal(const Deployment& deployment, const std::filesystem::path& folder, const std::string& node,
          std::string software, std::int64_t timeout_ns, const Clock& clock);

  // Lines that came since the last call, in the order of time, nodes side by side; the first call: of each node's end
  // at most `lines`. What an agent did not say is named by `problems()`.
  std::vector<JournalLine> read(std::size_t lines);
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Source {
    DeployedNode node;
    std::size_t index = 0;       // in the deployment
    std::filesystem::path file;  // of a local one
    std::uintmax_t read_bytes = 0;
    std::uint64_t read_lines = 0;
    std::int64_t last_ms = 0;
  };
  void read_file(Source& source, std::size_t lines, std::vector<JournalLine>& to) const;
  void ask_agents(std::size_t lines, std::vector<JournalLine>& to);

  std::string deployment_;
  std::uint64_t epoch_;
  std::string software_;
  std::int64_t timeout_ns_;
  const Clock* clock_;
  std::vector<Source> sources_;
  std::vector<std::string> problems_;
  bool first_ = true;
};

// The time at the start of a log line ("2026-11-21 16:27:00.123", local), or -1 where there is none; and back.
std::int64_t time_of_line(const std::string& line);
std::string time_text(std::int64_t unix_time_ms);

}  // namespace algean::cluster
