#include "kernels/circuit/library_sources.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

namespace algean::kernels {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Words of SystemVerilog text outside comments that start with "algean_".
std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      i = std::min(text.find("*/", i), text.size() - 1) + 1;
    } else if (is_word(text[i])) {
      std::size_t end = i;
      while (end < text.size() && is_word(text[end])) ++end;
      if (text.substr(i, end - i).starts_with("algean_")) names.emplace(text.substr(i, end - i));
      i = end;
    } else {
      ++i;
    }
  }
  return names;
}

bool is_twin(std::string_view path) { return path.find("/rtl/twin/") != std::string_view::npos; }

// Modules of the library by name; those of rtl/twin apart.
std::map<std::string, EmbeddedFile> modules(bool twins) {
  std::map<std::string, EmbeddedFile> map;
  for (const EmbeddedFile& file : embedded_files()) {
    const std::filesystem::path path(file.path);
    if (path.extension() == ".sv" && is_twin(file.path) == twins) map.emplace(path.stem().string(), file);
  }
  return map;
}

// Names of the library's modules that the design needs.
Result<std::set<std::string>> needed(const Design& design, std::span<const std::string> more) {
  const auto library = modules(false);
  std::vector<std::string> open(more.begin(), more.end());
  for (std::size_t i = 0; i < design.top.instances.size(); ++i) {
    if (!design.layer_of[i]) open.push_back(design.top.instances[i].module);
  }
  for (const DesignLayer& layer : design.layers) {
    for (const ModuleInstance& instance : layer.netlist.instances) open.push_back(instance.module);
  }
  std::set<std::string> found;
  for (const std::string& name : open) {
    if (!library.contains(name)) return failed("the library has no module '{}'", name);
  }
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const auto file = library.find(name);
    if (file == library.end() || !found.insert(name).second) continue;
    for (const std::string& used : names_in(file->second.text)) open.push_back(used);
  }
  return found;
}

}  // namespace

Result<std::vector<TextFile>> library_files(const Design& design, std::span<const std::string> more) {
  ALGEAN_ASSIGN(const auto names, needed(design, more));
  const auto library = modules(false);
  std::vector<TextFile> files;
  for (const std::string& name : names) {
    files.push_back({fmt::format("rtl/{}.sv", name), std::string(library.at(name).text)});
  }
  return files;
}

Result<std::vector<TextFile>> twin_files(const Design& design) {
  ALGEAN_ASSIGN(const auto names, needed(design, {}));
  std::vector<TextFile> files;
  bool any = false;
  std::string includes = "// C++ of the twins, for simulate.cpp.\n";
  for (const auto& [name, file] : modules(true)) {
    if (!names.contains(name)) continue;
    files.push_back({fmt::format("sim/twin/{}.sv", name), std::string(file.text)});
    any = true;
  }
  for (const EmbeddedFile& file : embedded_files()) {
    const std::filesystem::path path(file.path);
    if (!any || !is_twin(file.path) || path.extension() == ".sv") continue;
    files.push_back({fmt::format("sim/twin/{}", path.filename().string()), std::string(file.text)});
    if (path.extension() == ".hpp") includes += fmt::format("#include <{}>\n", path.filename().string());
  }
  if (any) files.push_back({"sim/twin/twins.inc", includes});
  return files;
}

std::vector<TextFile> driver_files() {
  std::vector<TextFile> files;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with("kernels/circuit/sim/")) continue;
    files.push_back(
        {fmt::format("sim/{}", std::filesystem::path(file.path).filename().string()), std::string(file.text)});
  }
  return files;
}

}  // namespace algean::kernels
