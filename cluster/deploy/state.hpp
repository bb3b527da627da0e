// The state folder: one sub-folder a deployment, which appears and goes as a whole.
//   ROOT/NAME/deployment.json, network.graph, log/node.log
// A folder is prepared under a hidden name that its maker holds locked, and takes NAME by a rename that does not
// overwrite: of two deploys of one name exactly one wins, and NAME never names something half-done. Hidden folders
// whose maker is gone are removed by whoever comes next.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/deploy/process.hpp"
#include "runtime/base/descriptor.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

inline constexpr std::size_t max_name_characters = 64;

// Letters, digits, '.', '_' and '-', first a letter or digit, at most max_name_characters.
Result<> check_deployment_name(const std::string& name);

// What deployment.json says (version 1).
struct Deployment {
  std::string name;
  ProcessId process;            // keys `pid` and `started` (clock ticks since boot, as /proc/PID/stat has it)
  std::string address;          // "127.0.0.1:40123": where the node listens
  std::filesystem::path graph;  // what the node runs; key `graph`, relative to the folder or absolute
  bool operator==(const Deployment&) const = default;
};

std::string to_text(const Deployment& deployment);
// Strict: unknown, doubled and missing keys and wrong types are errors with `where` (a file name) and the line.
Result<Deployment> parse_deployment(const std::string& text, const std::string& where);

// XDG_STATE_HOME/algean, or HOME/.local/state/algean where the first is empty or relative (as the XDG Base Directory
// Specification says); empty where both are.
std::filesystem::path state_root_path(const std::string& xdg_state_home, const std::string& home);

// A hidden folder in the making. Removed with all it holds when it goes, unless it was published.
class Staging {
 public:
  // lock: of the open folder, flock()ed, which tells others that the maker lives.
  Staging(std::filesystem::path folder, Descriptor lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  Staging(Staging&& other) noexcept : folder_(std::exchange(other.folder_, {})), lock_(std::move(other.lock_)) {}
  Staging& operator=(Staging&&) = delete;
  ~Staging();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  friend class StateRoot;
  std::filesystem::path folder_;
  Descriptor lock_;
};

class StateRoot {
 public:
  explicit StateRoot(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path folder(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::filesystem::path log(const std::string& name) const { return path_ / name / "log" / "node.log"; }

  [[nodiscard]] bool exists(const std::string& name) const;
  // Names in order; none where the root does not exist.
  [[nodiscard]] std::vector<std::string> names() const;
  // bad_input where there is no deployment of that name, or its file breaks a rule.
  [[nodiscard]] Result<Deployment> read(const std::string& name) const;

  // A new hidden folder with log/ in it. Removes abandoned ones first.
  [[nodiscard]] Result<Staging> stage(const std::string& name) const;
  // Gives the staged folder its name. bad_input "name taken" where it exists, unless `replace`: then the two swap
  // names, and `staging` holds (and will remove) the former one.
  [[nodiscard]] Result<> publish(Staging& staging, const std::string& name, bool replace) const;
  // Removes the deployment's folder, if deployment.json still names `process`.
  [[nodiscard]] Result<> remove(const std::string& name, const ProcessId& process) const;
  // Removes hidden folders whose maker is gone.
  void remove_abandoned() const;

 private:
  std::filesystem::path path_;
};

}  // namespace algean::cluster
