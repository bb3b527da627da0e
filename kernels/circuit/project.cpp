#include "kernels/circuit/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "kernels/circuit/library_sources.hpp"
#include "kernels/circuit/node.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/folder.hpp"
#include "runtime/base/printable.hpp"

namespace algean::kernels {
namespace {

namespace fs = std::filesystem;

std::string file_list(const std::vector<TextFile>& modules, const std::vector<TextFile>& library,
                      const std::vector<TextFile>& twins) {
  std::set<std::string> replaced;
  for (const TextFile& twin : twins) replaced.insert(fs::path(twin.path).filename().string());
  std::string text;
  for (const TextFile& file : library) {
    if (!replaced.contains(fs::path(file.path).filename().string())) text += file.path + "\n";
  }
  for (const TextFile& twin : twins) {
    if (twin.path.ends_with(".sv")) text += twin.path + "\n";
  }
  for (const TextFile& file : modules) text += file.path + "\n";
  return text;
}

std::string readme(const Design& design, bool twins, const ProjectOptions& options,
                   const std::vector<std::string>& origin) {
  std::string text = fmt::format("# {}\n\n", design.name.empty() ? "network" : printable(design.name));
  for (const std::string& line : origin) text += printable(line) + "\n";
  text += fmt::format(
      "\nTop module `{}` (`rtl/`), its streams in `sim/ports.inc`; memories in `mem/` are read from this folder.\n\n"
      "    verilator --lint-only --top-module {} -f sim/rtl.f\n\n"
      "    mkdir -p build\n"
      "    verilator --cc --exe --build -j 2 --threads 1 -O3 --x-assign fast --noassert --output-split 20000 \\\n"
      "      --top-module {} --Mdir build/rtl -MAKEFLAGS \"CXX=clang++ OPT_FAST=-O3\" -CFLAGS \"-std=c++17 "
      "-I$PWD/sim\" \\\n"
      "      -f sim/rtl.f $PWD/sim/simulate.cpp -o simulate\n"
      "    build/rtl/simulate --vectors vectors\n\n"
      "    yosys -p \"read_verilog -sv -defer rtl/*.sv; synth_xilinx -family xcup -flatten -top {}; stat -tech "
      "xilinx\"\n\n",
      top_module, top_module, top_module, top_module);
  if (options.bridge_bits) {
    text += fmt::format("`{}` is the same circuit as a kernel with AXI ports, {} bits wide (`rtl/{}.sv`).\n\n",
                        node_module, *options.bridge_bits, node_module);
  }
  if (twins) {
    text +=
        "With `-CFLAGS \"-std=c++17 -DALGEAN_TWIN -I$PWD/sim -I$PWD/sim/twin\"` and `-f sim/twin.f` the same cycles "
        "are\n"
        "simulated several times as fast: the products and sums of the matrix units are then computed in C++\n"
        "(`sim/twin/`). It is for simulation only.\n";
  }
  return text;
}

void append(std::string& text, const Tensor& tensor) {
  const auto bytes = tensor.bytes();
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::vector<TextFile> vector_files(const char* kind, const std::vector<std::vector<Tensor>>& inferences) {
  std::vector<TextFile> files;
  for (std::size_t i = 0; !inferences.empty() && i < inferences.front().size(); ++i) {
    files.push_back({fmt::format("vectors/{}{}.bin", kind, i), {}});
    for (const auto& inference : inferences) append(files.back().text, inference[i]);
  }
  return files;
}

Result<> check_is_project(const fs::path& folder, const ProjectKind& kind) {
  std::error_code error;
  const auto refused = [&](const std::string& why) {
    return bad_input("{}: {}, so it is no {} and is left as it is; name another folder", folder.string(), why,
                     kind.name);
  };
  if (!fs::is_directory(folder, error)) return refused("is no folder");
  if (!fs::exists(folder / kind.marker, error)) return refused("holds no " + kind.marker);
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name != "build" && std::ranges::find(kind.entries, name) == kind.entries.end())
      return refused(fmt::format("holds `{}`", name));
  }
  if (error) return failed("{}: cannot be read: {}", folder.string(), error.message());
  return {};
}

}  // namespace

Result<std::vector<TextFile>> project_files(const Design& design, const Vectors& vectors,
                                            const std::vector<std::string>& origin, const ProjectOptions& options) {
  std::vector<TextFile> modules = print_modules(design, origin);
  std::vector<std::string> more;
  if (options.bridge_bits) {
    ALGEAN_ASSIGN(auto node, print_node(design, *options.bridge_bits, origin));
    modules.push_back(std::move(node));
    more.emplace_back(node_wrapper);
  }
  ALGEAN_ASSIGN(const std::vector<TextFile> library, library_files(design, more));
  ALGEAN_ASSIGN(const std::vector<TextFile> twins, twin_files(design));
  std::vector<TextFile> files;
  const auto add = [&](std::vector<TextFile> list) {
    files.insert(files.end(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  };
  add(modules);
  add(library);
  add(twins);
  add(driver_files());
  add(print_images(design));
  add(print_loads(design));
  add(vector_files("in", vectors.inputs));
  add(vector_files("out", vectors.outputs));
  files.push_back(print_ports(design, origin));
  files.push_back({"sim/rtl.f", file_list(modules, library, {})});
  if (!twins.empty()) files.push_back({"sim/twin.f", file_list(modules, library, twins)});
  files.push_back({"README.md", readme(design, !twins.empty(), options, origin)});
  return files;
}

Result<> write_project(const fs::path& folder, std::span<const TextFile> files) {
  static const ProjectKind kind{"RTL project", "sim/ports.inc", {"rtl", "mem", "sim", "vectors", "README.md"}};
  return write_project(folder, files, kind);
}

Result<> write_project(const fs::path& folder, std::span<const TextFile> files, const ProjectKind& kind) {
  const auto fill = [&](const fs::path& made) -> Result<> {
    for (const TextFile& file : files) {
      const fs::path path = made / file.path;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (error) return failed("{}: cannot make a folder: {}", path.parent_path().string(), error.message());
      ALGEAN_TRY(write_text(path, file.text));
    }
    return {};
  };
  return write_folder(folder, [&](const fs::path& former) { return check_is_project(former, kind); }, fill);
}

}  // namespace algean::kernels
