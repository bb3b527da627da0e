// Networks complete in SystemVerilog, simulated by Verilator: how long the simulation takes to build, how many clock
// cycles and how many of the networks' multiplications it does in a second. Beside them what a hand-written draft of
// the autoencoder's first 11 layers did (README.md).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/join.hpp"
#include "kernels/circuit/project.hpp"
#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/rtl/harness/simulation.hpp"

namespace algean::bench {
namespace {

namespace fs = std::filesystem;
constexpr int rounds = 3;

struct Case {
  const char* name;
  fs::path net;
  std::optional<fs::path> calibration;
  std::int64_t interval;
  std::int64_t inferences;
  double draft_cycles_per_s;  // 0: there is none
};

double work_of(const kernels::Graph& graph) {
  double sum = 0;
  for (const kernels::Layer& layer : graph.layers) {
    const auto* family = kernels::find_family(kernels::library(), layer.spec.operation);
    if (layer.spec.constant("weight") != nullptr)
      sum += family->work(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs));
  }
  return sum;
}

// Inferences of zeros: the cycles do not depend on them.
Result<kernels::Vectors> zeros(const kernels::Graph& graph) {
  kernels::Vectors vectors;
  std::vector<Tensor> inputs;
  for (const kernels::GraphPort& port : graph.inputs) inputs.emplace_back(graph.values[port.value].type);
  ALGEAN_ASSIGN(auto outputs, kernels::interpret(graph, kernels::library(), inputs));
  vectors.inputs.push_back(std::move(inputs));
  vectors.outputs.push_back(std::move(outputs));
  return vectors;
}

void print_row(const Case& which, const char* what, const char* unit, std::vector<double> values, double peer) {
  const auto [smallest, largest] = std::ranges::minmax(values);
  const double middle = median(values);
  print({fmt::format("{}_{}", which.name, what), middle, unit, peer > 0 ? "draft" : "none", peer,
         peer > 0 ? middle / peer : 0, static_cast<int>(values.size()), (largest - smallest) / middle});
}

Result<> measure(const Case& which) {
  partitioner::LoadOptions options;
  options.calibration_inputs = which.calibration;
  ALGEAN_ASSIGN(const auto loaded, partitioner::load(which.net, kernels::library(), options));
  const kernels::Graph& graph = loaded.runnable();
  kernels::FoldingGoal goal;
  goal.interval_cycles = which.interval;
  ALGEAN_ASSIGN(const auto hardware, kernels::choose_foldings(graph, kernels::library(), goal));
  ALGEAN_ASSIGN(const auto design, kernels::join(graph, kernels::library(), hardware));
  ALGEAN_ASSIGN(const auto vectors, zeros(graph));
  ALGEAN_ASSIGN(const auto files, kernels::project_files(design, vectors, {"Made by a bench."}));
  const fs::path folder = rtl::build_folder() / which.name;
  fs::create_directories(rtl::build_folder());
  ALGEAN_TRY(kernels::write_project(folder, files));
  const rtl::BuildOptions build{.twin = false, .optimise = "-O3"};
  const auto begin = std::chrono::steady_clock::now();
  ALGEAN_TRY(rtl::verilate(folder, build));
  const double build_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::vector<double> cycles, macs;
  for (int round = 0; round < rounds; ++round) {
    rtl::Pattern pattern;
    pattern.inferences = which.inferences;
    ALGEAN_ASSIGN(const auto run, rtl::simulate(folder, pattern, build));
    cycles.push_back(run.cycles_per_s);
    macs.push_back(run.cycles_per_s / static_cast<double>(run.cycles) * static_cast<double>(run.inferences) *
                   work_of(graph) * 1e-6);
  }
  print_row(which, "cycles", "cycles/s", cycles, which.draft_cycles_per_s);
  print_row(which, "macs", "MMAC/s", macs, which.draft_cycles_per_s / 552 * 262'384 * 1e-6);
  print_row(which, "build", "s", {build_s}, 0);
  return {};
}

int run() {
  const fs::path models = shared("models");
  const Case cases[] = {
      {"rtl_ae", fs::path(ALGEAN_SOURCE) / "examples/01_autoencoder/net.json", {}, 552, 1000, 692'000},
      {"rtl_resnet8", models / "mlperf_tiny_ic_resnet8/pretrainedResnet_quant.tflite", {}, 100'000, 4, 0}};
  int status = 0;
  for (const Case& which : cases) {
    if (!fs::exists(which.net)) {
      for (const char* what : {"cycles", "macs", "build"})
        print_skipped(fmt::format("{}_{}", which.name, what), "its file is not beside the tree");
      continue;
    }
    if (const auto done = measure(which); !done) {
      std::fprintf(stderr, "%s: %s\n", which.name, done.error().message.c_str());
      status = 1;
    }
  }
  return status;
}

}  // namespace
}  // namespace algean::bench

int main() { return algean::bench::run(); }
