#include <fcntl.h>

#include <cstdio>
#include <cstdlib>

#include "partitioner/plan/text.hpp"
#include "runtime/base/descriptor.hpp"
#include "runtime/base/file.hpp"
#include "shell/middleware/middleware.hpp"

namespace algean::shell {
namespace {

namespace fs = std::filesystem;

constexpr auto plan_file = "plan.json";
constexpr auto graph_file = "plan.graph";

// A hidden folder beside the one in the making; gone with all it holds unless it took its name.
class Staging {
 public:
  explicit Staging(fs::path folder) : folder_(std::move(folder)) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  [[nodiscard]] const fs::path& folder() const { return folder_; }
  void keep() { folder_.clear(); }

 private:
  fs::path folder_;
};

// Whether everything in a node's folder is of a bundle.
bool is_node_folder(const fs::path& folder) {
  std::error_code error;
  bool named = false;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    named = named || name == bundle_file;
    const bool known = name == bundle_file || (name.starts_with("kernel") && name.ends_with(".graph"));
    if (!known || !entry->is_regular_file(error)) return false;
  }
  return !error && named;
}

// bad_input with the first thing in a folder that is not of a bundle.
Result<> check_is_bundle(const fs::path& folder) {
  std::error_code error;
  const auto refused = [&](const std::string& why) {
    return bad_input("{}: {}, so it is no bundle and is left as it is; name another folder", folder.string(), why);
  };
  if (!fs::is_directory(folder, error)) return refused("is no folder");
  bool planned = false;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    planned = planned || name == plan_file;
    const bool known = name == plan_file || name == graph_file || is_node_folder(entry->path());
    if (!known) return refused(fmt::format("holds `{}`", name));
  }
  if (error) return failed("{}: cannot be read: {}", folder.string(), error.message());
  if (!planned) return refused(fmt::format("holds no {}", plan_file));
  return {};
}

}  // namespace

Result<> write_files(const fs::path& folder, const std::vector<NodeBundle>& bundles, const partitioner::Plan& plan,
                     const kernels::Graph& graph) {
  for (const NodeBundle& node : bundles) {
    const fs::path to = folder / node.bundle.name;
    std::error_code error;
    if (!fs::create_directory(to, error)) return failed("{}: cannot make a folder: {}", to.string(), error.message());
    for (std::size_t i = 0; i < node.files.size(); ++i) {
      ALGEAN_TRY(write_file(to / node.bundle.kernels[i].file, node.files[i]));
    }
    ALGEAN_TRY(write_text(to / bundle_file, to_text(node.bundle)));
  }
  partitioner::Plan copy = plan;
  ALGEAN_TRY(partitioner::write_plan(folder / plan_file, copy, graph));
  return {};
}

Result<> write_bundles(const fs::path& folder, const std::vector<NodeBundle>& bundles, const partitioner::Plan& plan,
                       const kernels::Graph& graph) {
  std::error_code error;
  // "bundle/" is "bundle".
  const fs::path target = folder.has_filename() ? folder : folder.parent_path();
  const bool exists = fs::exists(fs::symlink_status(target, error));
  if (exists) ALGEAN_TRY(check_is_bundle(target));
  std::string hidden = (target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())).string();
  if (::mkdtemp(hidden.data()) == nullptr) {
    return failed("{}: cannot make a folder: {}", target.string(), system_reason());
  }
  Staging staging(hidden);
  fs::permissions(hidden,
                  fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec,
                  fs::perm_options::add, error);
  ALGEAN_TRY(write_files(staging.folder(), bundles, plan, graph));
  const unsigned flags = exists ? RENAME_EXCHANGE : RENAME_NOREPLACE;  // what was there is removed with the staging
  if (::renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, target.c_str(), flags) != 0) {
    return failed("{}: cannot take this name: {}", target.string(), system_reason());
  }
  if (!exists) staging.keep();
  return {};
}

Result<> check_written(const fs::path& folder, const std::vector<NodeBundle>& bundles) {
  const auto changed = [](const fs::path& file) {
    return bad_input("{}: is not what plan.json makes of it; `algean build` writes the bundle anew", file.string());
  };
  for (const NodeBundle& node : bundles) {
    const fs::path from = folder / node.bundle.name;
    ALGEAN_ASSIGN(const std::string text, read_text(from / bundle_file));
    ALGEAN_ASSIGN(Bundle written, parse_bundle(text, (from / bundle_file).string()));
    written.deployment = node.bundle.deployment;
    if (to_text(written) != to_text(node.bundle)) return changed(from / bundle_file);
    for (std::size_t i = 0; i < node.files.size(); ++i) {
      const fs::path file = from / node.bundle.kernels[i].file;
      ALGEAN_ASSIGN(const auto bytes, read_file(file));
      if (bytes != node.files[i]) return changed(file);
    }
  }
  return {};
}

}  // namespace algean::shell
