#include <fmt/format.h>

#include "partitioner/plan/text.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/folder.hpp"
#include "shell/middleware/middleware.hpp"

namespace algean::shell {
namespace {

namespace fs = std::filesystem;

constexpr auto plan_file = "plan.json";
constexpr auto graph_file = "plan.graph";

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
  return write_folder(folder, check_is_bundle,
                      [&](const fs::path& made) { return write_files(made, bundles, plan, graph); });
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
