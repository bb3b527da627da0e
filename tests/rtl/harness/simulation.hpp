// A project of kernels/circuit built by Verilator, and runs of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::rtl {

struct BuildOptions {
  bool twin = false;             // the matrix units' arithmetic in C++
  std::string optimise = "-O1";  // of the compiler: -O3 where the simulation is long
};

// How sources and sinks behave.
struct Pattern {
  int valid_percent = 100;
  int ready_percent = 100;
  std::uint64_t seed = 1;
  std::optional<std::int64_t> mark_after;  // beats of input 0 before a reset marker
  std::int64_t inferences = 0;             // 0: as many as vectors/ has
  std::vector<std::string> more;           // further arguments of the simulation
};

// Never idle and always ready; idle sources; slow sinks; both; a marker in the middle.
inline const std::vector<Pattern> patterns{
    {100, 100, 1, {}, 0, {}}, {30, 100, 2, {}, 0, {}}, {100, 30, 3, {}, 0, {}}, {50, 50, 4, {}, 0, {}}};

// What a run printed.
struct Run {
  struct Output {
    double interval = 0;
    std::vector<std::int64_t> ends;  // cycle of each inference's last beat
  };
  std::int64_t inferences = 0;
  std::int64_t latency = 0;
  double interval = 0;
  std::int64_t cycles = 0;
  double cycles_per_s = 0;
  std::vector<std::int64_t> first;  // by input, the cycle in which its first beat was taken
  std::vector<Output> outputs;
};

// Lints the project, then builds its simulation. failed with the tool's words.
Result<> verilate(const std::filesystem::path& project, const BuildOptions& options);
// Runs it on vectors/ and compares; the error has what it said.
Result<Run> simulate(const std::filesystem::path& project, const Pattern& pattern, const BuildOptions& options = {});

// build/.../rtl of this build.
std::filesystem::path build_folder();

}  // namespace algean::rtl
