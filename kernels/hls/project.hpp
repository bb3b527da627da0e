// An HLS project as files.
#pragma once

#include <functional>

#include "kernels/circuit/library_sources.hpp"
#include "kernels/circuit/project.hpp"
#include "kernels/hls/print.hpp"

namespace algean::kernels {

// kernels/*/hls, kernels/numeric, kernels/ap_types and the test bench; made by cmake/embed.cmake.
[[nodiscard]] std::span<const EmbeddedFile> embedded_hls_files();

// What the reference computes for some inputs: values[i][value] of inference i, each tensor of the graph.
struct HlsVectors {
  std::vector<std::vector<Tensor>> values;
};
// inputs[i]: one inference, of the types of the graph's inputs.
Result<HlsVectors> hls_vectors(const Graph& graph, Families families, std::span<const std::vector<Tensor>> inputs);

// Everything of the project:
//   ips/NAME/   a layer: layer_NAME.hpp (configuration, weights), ip_NAME.{hpp,cpp}, ip_NAME_test.cpp, build.tcl,
//   vectors/ network/    all of them in one dataflow function: network.{hpp,cpp}, network_test.cpp, build.tcl, vectors/
//   include/    the library
//   test_bench/ what both test benches share
//   csim/       the types of Vitis HLS for an ordinary compiler
//   csim.sh     compiles and runs the test benches with one
//   README.md
[[nodiscard]] std::vector<TextFile> hls_project_files(const HlsDesign& design, const Graph& graph,
                                                      const HlsVectors& vectors, HlsControl control,
                                                      const std::vector<std::string>& origin);

// Writes them to a folder that appears whole or not at all, in place of an HLS project that is there. bad_input where
// something else is there.
[[nodiscard]] Result<> write_hls_project(const std::filesystem::path& folder, std::span<const TextFile> files);

}  // namespace algean::kernels
