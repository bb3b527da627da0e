#include "tests/rtl/networks/network.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/join.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::rtl {
namespace {

std::optional<fs::path> environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? std::nullopt : std::optional<fs::path>(value);
}

}  // namespace

std::optional<fs::path> shared_models() {
  const auto shared = environment("ALGEAN_SHARED");
  if (!shared || !fs::exists(*shared / "models")) return std::nullopt;
  return *shared / "models";
}

fs::path example(const std::string& file) { return environment("ALGEAN_SOURCE").value_or(".") / "examples" / file; }

std::optional<partitioner::Loaded> load_network(const fs::path& net, const partitioner::LoadOptions& options) {
  auto loaded = partitioner::load(net, kernels::library(), options);
  if (!loaded) {
    ADD_FAILURE() << loaded.error().message;
    return std::nullopt;
  }
  return *std::move(loaded);
}

kernels::Vectors vectors_of(const kernels::Graph& graph, const std::vector<Tensor>& real) {
  auto program = kernels::compile(graph, kernels::library());
  if (!program) {
    ADD_FAILURE() << program.error().message;
    return {};
  }
  kernels::Vectors vectors;
  for (const Tensor& input : real) {
    Tensor integers = input;
    if (input.type().element.is_float()) integers = *quantise(input, graph.values[graph.inputs[0].value].type.element);
    std::vector<Tensor> outputs;
    std::vector<std::byte*> to;
    for (const Port& port : (*program)->outputs()) outputs.emplace_back(port.type);
    for (Tensor& output : outputs) to.push_back(output.bytes().data());
    const std::byte* const from = integers.bytes().data();
    (*program)->run(std::span(&from, 1), to);
    vectors.inputs.push_back({std::move(integers)});
    vectors.outputs.push_back(std::move(outputs));
  }
  return vectors;
}

std::optional<NetworkRun> run_network(const std::string& name, const kernels::Graph& graph, std::int64_t interval,
                                      const kernels::Vectors& vectors, const BuildOptions& build,
                                      const Pattern& pattern) {
  NetworkRun result;
  const fs::path folder = build_folder() / name;
  const auto work = [&]() -> Result<> {
    const kernels::Families families = kernels::library();
    ALGEAN_ASSIGN(const auto hardware,
                  choose_foldings(graph, families, {.interval_cycles = interval, .reuse_factors = {}, .options = {}}));
    ALGEAN_ASSIGN(result.design, join(graph, families, hardware));
    ALGEAN_ASSIGN(const auto files, project_files(result.design, vectors, {"Made by a test."}));
    fs::create_directories(build_folder());
    ALGEAN_TRY(write_project(folder, files));
    const auto begin = std::chrono::steady_clock::now();
    ALGEAN_TRY(verilate(folder, build));
    result.build_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ALGEAN_ASSIGN(result.run, simulate(folder, pattern, build));
    ALGEAN_ASSIGN(result.rows, kernels::report(result.design, graph));
    return {};
  };
  if (const auto done = work(); !done) {
    ADD_FAILURE() << name << ": " << done.error().message;
    return std::nullopt;
  }
  for (const auto& row : result.rows) {
    result.multipliers += row.multipliers;
    result.dsp_multiply += row.resources.dsp_multiply;
    result.dsp_requantise += row.resources.dsp_requantise;
  }
  return result;
}

void print(const std::string& name, const NetworkRun& run) {
  fmt::print(
      "{}: {} inferences bit-exact; interval {} cycles predicted, {} simulated; latency {}; {} multipliers, {} DSPs, "
      "{} to "
      "requantise; {:.0f} simulated cycles/s; built in {:.0f} s\n",
      name, run.run.inferences, run.design.interval, run.run.interval, run.run.latency, run.multipliers,
      run.dsp_multiply, run.dsp_requantise, run.run.cycles_per_s, run.build_s);
}

}  // namespace algean::rtl
