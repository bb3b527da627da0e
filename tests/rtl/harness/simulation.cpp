#include "tests/rtl/harness/simulation.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/base/file.hpp"

namespace algean::rtl {
namespace {

namespace fs = std::filesystem;

// Runs a command of the shell in the project's folder; its standard error is in LOG.
Result<> run_in(const fs::path& project, const std::string& command, const std::string& log) {
  const std::string line = fmt::format("cd '{}' && {} 2> '{}'", project.string(), command, log);
  const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (status == 0) return {};
  std::string said = read_text(project / log).value_or("");
  if (said.size() > 6000) said = said.substr(0, 3000) + "\n...\n" + said.substr(said.size() - 3000);
  return failed("{}\nstatus {}: {}", line, status, said);
}

std::string variant(const BuildOptions& options) { return options.twin ? "twin" : "rtl"; }

}  // namespace

fs::path build_folder() { return ALGEAN_RTL_BUILD; }

Result<> verilate(const fs::path& project, const BuildOptions& options) {
  const std::string kind = variant(options);
  fs::create_directories(project / "build");
  ALGEAN_TRY(run_in(project, fmt::format("verilator --lint-only --top-module algean_top -f sim/{}.f", kind),
                    "build/lint.log"));
  return run_in(
      project,
      fmt::format("OBJCACHE={} verilator --cc --exe --build -j 2 --threads 1 -O3 --x-assign fast --noassert "
                  "--output-split 20000 --top-module algean_top --Mdir build/{} -MAKEFLAGS 'CXX=clang++ OPT_FAST={} "
                  "OPT_SLOW=-O0 OPT_GLOBAL=-O2' -CFLAGS \"-std=c++17 {}-I$PWD/sim\" -f sim/{}.f "
                  "\"$PWD/sim/simulate.cpp\" -o simulate "
                  "> build/build.log",
                  ALGEAN_OBJCACHE, kind, options.optimise, options.twin ? "-DALGEAN_TWIN -I$PWD/sim/twin " : "", kind),
      "build/build_errors.log");
}

Result<Run> simulate(const fs::path& project, const Pattern& pattern, const BuildOptions& options) {
  std::string command = fmt::format("build/{}/simulate --vectors vectors --valid {} --ready {} --seed {}",
                                    variant(options), pattern.valid_percent, pattern.ready_percent, pattern.seed);
  if (pattern.mark_after) command += fmt::format(" --mark-after {}", *pattern.mark_after);
  if (pattern.inferences != 0) command += fmt::format(" --inferences {}", pattern.inferences);
  for (const std::string& argument : pattern.more) command += " " + argument;
  ALGEAN_TRY(run_in(project, command + " > build/run.json", "build/run.log"));
  ALGEAN_ASSIGN(const std::string text, read_text(project / "build" / "run.json"));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return failed("the simulation printed no JSON: {}", text);
  Run run{.inferences = json["inferences"],
          .latency = json["latency"],
          .interval = json["interval"],
          .cycles = json["cycles"],
          .cycles_per_s = json["cycles_per_s"],
          .first = {},
          .outputs = {}};
  for (const auto& input : json["inputs"]) run.first.push_back(input["first"]);
  for (const auto& output : json["outputs"]) run.outputs.push_back({output["interval"], output["ends"]});
  return run;
}

}  // namespace algean::rtl
