// The state folder: one sub-folder a deployment, which appears and goes as a whole.
//   ROOT/NAME/deployment.json, plan.json and its graph, bundle/NODE/, log/NODE.log
// A folder is prepared under a hidden name that its maker holds locked, and takes NAME by a rename that does not
// overwrite: of two deploys of one name exactly one wins, and NAME never names something half-done. Hidden folders
// whose maker is gone are taken by whoever comes next.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/deploy/process.hpp"
#include "runtime/base/descriptor.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

inline constexpr std::size_t max_name_characters = 64;

// Letters, digits, '.', '_' and '-', first a letter or digit, at most max_name_characters.
Result<> check_deployment_name(const std::string& name);

inline constexpr auto local_host = "local";
inline constexpr auto record_file = "deployment.json";
inline constexpr auto plan_file = "plan.json";
inline constexpr auto bundle_folder = "bundle";

// A node of a deployment, as whoever comes later finds it.
struct DeployedNode {
  std::string name;
  std::string host;                  // "local", or tcp://HOST:PORT of an agent that was there before
  std::string control;               // address of its agent
  std::string data;                  // address of its part: "127.0.0.1:40123"
  std::optional<ProcessId> process;  // of a local one; keys `pid` and `started` (clock ticks since boot)
  [[nodiscard]] bool is_local() const { return host == local_host; }
  bool operator==(const DeployedNode&) const = default;
};

// What deployment.json says (version 2).
struct Deployment {
  std::string name;
  std::string address;              // of the node that clients attach to first
  std::uint64_t epoch = 0;          // tells it from others of this name; 16 hexadecimal digits
  std::string network;              // that it runs
  std::vector<DeployedNode> nodes;  // by index in the plan, at least one
  bool operator==(const Deployment&) const = default;
};

std::string to_text(const Deployment& deployment);
// Strict: unknown, doubled and missing keys and wrong types are errors with `where` (a file name) and the line.
Result<Deployment> parse_deployment(const std::string& text, const std::string& where);

// XDG_STATE_HOME/algean, or HOME/.local/state/algean where the first is empty or relative (as the XDG Base Directory
// Specification says); empty where both are.
std::filesystem::path state_root_path(const std::string& xdg_state_home, const std::string& home);

// A hidden folder, in the making or abandoned. Removed with all it holds when it goes, unless it was published.
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
  [[nodiscard]] std::filesystem::path log_folder(const std::string& name) const { return path_ / name / "log"; }

  [[nodiscard]] bool exists(const std::string& name) const;
  // Names in order; none where the root does not exist.
  [[nodiscard]] std::vector<std::string> names() const;
  // bad_input where there is no deployment of that name, or its file breaks a rule.
  [[nodiscard]] Result<Deployment> read(const std::string& name) const;

  // A new hidden folder with log/ in it.
  [[nodiscard]] Result<Staging> stage(const std::string& name) const;
  // Gives the staged folder its name. bad_input "name taken" where it exists, unless `replace`: then the two swap
  // names, and `staging` holds (and will remove) the former one. Again, and they swap back.
  [[nodiscard]] Result<> publish(Staging& staging, const std::string& name, bool replace) const;
  // Removes the deployment's folder, if deployment.json still has this epoch.
  [[nodiscard]] Result<> remove(const std::string& name, std::uint64_t epoch) const;
  // Hidden folders whose maker is gone. One that holds a deployment.json may be of a deployment that runs: end it first
  // (end.hpp).
  [[nodiscard]] std::vector<Staging> take_abandoned() const;

 private:
  std::filesystem::path path_;
};

}  // namespace algean::cluster
