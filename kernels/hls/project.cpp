#include "kernels/hls/project.hpp"

#include <fmt/format.h>

#include "kernels/graph/interpreter.hpp"
#include "runtime/base/printable.hpp"

namespace algean::kernels {
namespace {

constexpr std::string_view csim_script = R"sh(#!/bin/sh
# csim.sh TOP... compiles the test bench of network or ips/NAME with g++ (or $CXX) and runs it; no TOP: network.
set -eu
wrong=0
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- network
for top; do
  folder="$here/$top"
  name=$(basename "$top")
  [ "$top" = network ] || name="ip_$name"
  [ -f "$folder/$name.cpp" ] || { echo "$top: no such top: network, or ips/NAME" >&2; wrong=1; continue; }
  mkdir -p "$here/build"
  ${CXX:-g++} -std=c++14 ${CXXFLAGS:--O2} -Wall -Wno-unknown-pragmas -Wno-unused-label -I"$here/include" -I"$here/test_bench" \
    -isystem "$here/csim" "$folder/$name.cpp" "$folder/${name}_test.cpp" -o "$here/build/$name"
  said=$("$here/build/$name" "$folder/vectors") || wrong=1
  echo "$top: $said"
done
exit $wrong
)sh";

std::string readme(const HlsDesign& design, const std::vector<std::string>& origin) {
  std::string text = fmt::format("# {}\n\n", design.name.empty() ? "network" : printable(design.name));
  for (const std::string& line : origin) text += printable(line) + "\n";
  text += R"(
Vitis HLS C++ (C++14). **Nothing in this folder was ever synthesised**: no vendor tool ran on it, so that clock rates, resources and
initiation intervals are what the pragmas ask for, not what a tool reached. What ran is C simulation with g++, against clean-room
headers under Vitis' names (`csim/`), bit for bit against the reference's integers (`vectors/`):

    sh csim.sh network ips/NAME

With Vitis, whose own headers then are used (part and clock period stand at the top of each script; C/RTL co-simulation is off):

    cd ips/NAME && vitis_hls -f build.tcl        # or: vitis-run --mode hls --tcl build.tcl

`ips/NAME/` is one layer, `network/` all of them in one dataflow function. Off-chip ports are AXI4-Stream: an element a byte of
TDATA, TKEEP for the bytes that count, TLAST on a tensor's last beat; a call is one inference. Where a tensor has several readers each
has a FIFO that holds it whole, which cannot block; the FIFO sizing of co-simulation shows how much less is enough.

| layer | folding | stages |
| --- | --- | --- |
)";
  for (const HlsDesignLayer& layer : design.layers) {
    std::string stages;
    for (const HlsStage& stage : layer.stages.stages) stages += (stages.empty() ? "" : ", ") + stage.function;
    text += fmt::format("| `{}` | {} x {} | {} |\n", layer.name, layer.folding.simd, layer.folding.pe, stages);
  }
  return text;
}

// PREFIXi.bin for each of the values, all inferences one after the other.
void add_vectors(std::vector<TextFile>& files, const std::string& folder, const char* prefix,
                 const std::vector<ValueId>& values, const HlsVectors& vectors) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    TextFile file{fmt::format("{}/vectors/{}{}.bin", folder, prefix, i), {}};
    for (const auto& inference : vectors.values) {
      const auto bytes = inference[values[i]].bytes();
      file.text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    files.push_back(std::move(file));
  }
}

void add_top(std::vector<TextFile>& files, const std::string& folder, const std::string& top, HlsTopText text,
             const std::vector<std::string>& origin) {
  files.push_back({fmt::format("{}/{}.hpp", folder, top), std::move(text.header)});
  files.push_back({fmt::format("{}/{}.cpp", folder, top), std::move(text.source)});
  files.push_back({fmt::format("{}/{}_test.cpp", folder, top), std::move(text.test)});
  files.push_back({folder + "/build.tcl", print_hls_script(top, origin)});
}

void add_library(std::vector<TextFile>& files) {
  constexpr std::string_view types = "kernels/ap_types/include/", bench = "kernels/hls/test_bench/";
  for (const EmbeddedFile& file : embedded_hls_files()) {
    std::string path = "include/" + std::string(file.path);
    if (file.path.starts_with(types)) path = "csim/" + std::string(file.path.substr(types.size()));
    if (file.path.starts_with(bench)) path = "test_bench/" + std::string(file.path.substr(bench.size()));
    files.push_back({path, std::string(file.text)});
  }
}

std::vector<ValueId> values_of(const std::vector<GraphPort>& ports) {
  std::vector<ValueId> values;
  for (const GraphPort& port : ports) values.push_back(port.value);
  return values;
}

}  // namespace

Result<HlsVectors> hls_vectors(const Graph& graph, Families families, std::span<const std::vector<Tensor>> inputs) {
  HlsVectors vectors;
  for (const auto& inference : inputs) {
    std::vector<Tensor> values(graph.values.size());
    const auto outputs =
        interpret(graph, families, inference, [&](ValueId id, const Tensor& tensor) { values[id] = tensor; });
    if (!outputs) return std::unexpected(outputs.error());
    vectors.values.push_back(std::move(values));
  }
  return vectors;
}

std::vector<TextFile> hls_project_files(const HlsDesign& design, const Graph& graph, const HlsVectors& vectors,
                                        HlsControl control, const std::vector<std::string>& origin) {
  std::vector<TextFile> files;
  for (const HlsDesignLayer& layer : design.layers) {
    const std::string folder = "ips/" + layer.name;
    const Layer& spec = graph.layers[layer.layer];
    files.push_back({fmt::format("{}/layer_{}.hpp", folder, layer.name), print_hls_layer(layer, graph, origin)});
    add_top(files, folder, "ip_" + layer.name, print_hls_ip(layer, control, origin), origin);
    add_vectors(files, folder, "in", spec.inputs, vectors);
    add_vectors(files, folder, "out", spec.outputs, vectors);
  }
  add_top(files, "network", "network", print_hls_network(design, control, origin), origin);
  add_vectors(files, "network", "in", values_of(graph.inputs), vectors);
  add_vectors(files, "network", "out", values_of(graph.outputs), vectors);
  add_library(files);
  files.push_back({"csim.sh", std::string(csim_script)});
  files.push_back({"README.md", readme(design, origin)});
  return files;
}

Result<> write_hls_project(const std::filesystem::path& folder, std::span<const TextFile> files) {
  static const ProjectKind kind{"HLS project",
                                "network/network.cpp",
                                {"ips", "network", "include", "test_bench", "csim", "csim.sh", "README.md"}};
  return write_project(folder, files, kind);
}

}  // namespace algean::kernels
