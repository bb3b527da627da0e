// An RTL project as files: the design, the library's modules that it uses, memories, the simulation, what is expected.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/circuit/print.hpp"

namespace algean::kernels {

// Inferences for vectors/: inputs[k][i] for port i of inference k, and what the reference answers.
struct Vectors {
  std::vector<std::vector<Tensor>> inputs;
  std::vector<std::vector<Tensor>> outputs;
};

struct ProjectOptions {
  // Adds rtl/algean_node.sv: the circuit as a kernel with AXI ports, its AXI4-Streams so wide (node.hpp).
  std::optional<std::int64_t> bridge_bits;
};

// Everything of the project:
//   rtl/        algean_top.sv, a module a layer, the library's modules
//   mem/        memory images, read from the project's folder
//   sim/        simulate.cpp and its ports.inc; rtl.f and twin.f, the files of a pure and of a quick simulation
//   vectors/    in<i>.bin, out<i>.bin: elements, little endian, one inference after the other; load<i>.bin: words
//   README.md   what it is, and the commands to lint, simulate, synthesise
[[nodiscard]] Result<std::vector<TextFile>> project_files(const Design& design, const Vectors& vectors,
                                                          const std::vector<std::string>& origin,
                                                          const ProjectOptions& options = {});

// Writes them to a folder that appears whole or not at all, in place of a project that is there. bad_input where
// something else is there.
[[nodiscard]] Result<> write_project(const std::filesystem::path& folder, std::span<const TextFile> files);

// How a folder shows that it is a project of a kind: it holds `marker`, and at its top nothing but `entries` (and
// "build").
struct ProjectKind {
  std::string name;  // "RTL project"
  std::string marker;
  std::vector<std::string> entries;
};
// The same for a project of another kind.
[[nodiscard]] Result<> write_project(const std::filesystem::path& folder, std::span<const TextFile> files,
                                     const ProjectKind& kind);

}  // namespace algean::kernels
