// From the authors' files to a program that has answered once: everything a user waits for, read, checked, quantised,
// compiled.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/base/clock.hpp"
#include "tests/bench/harness/bench.hpp"

namespace algean::bench {
namespace {

constexpr int rounds = 5;
constexpr double limit_s = 1;

// Seconds until the network has answered an inference of zeros.
Result<double> file_to_answer(const std::filesystem::path& net, const partitioner::LoadOptions& options) {
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  ALGEAN_ASSIGN(const auto loaded, partitioner::load(net, kernels::library(), options));
  if (!loaded.integer_graph) return failed("{} was not quantised", net.string());
  ALGEAN_ASSIGN(const auto program, kernels::compile(*loaded.integer_graph, kernels::library()));
  const Tensor x(program->inputs()[0].type);
  Tensor y(program->outputs()[0].type);
  const std::vector<const std::byte*> from{x.bytes().data()};
  const std::vector<std::byte*> to{y.bytes().data()};
  program->run(from, to);
  return static_cast<double>(clock.now_ns() - start_ns) * 1e-9;
}

Result<> measure(const std::string& name, const std::filesystem::path& net, const partitioner::LoadOptions& options) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    ALGEAN_ASSIGN(const double one, file_to_answer(net, options));
    seconds.push_back(one);
  }
  const auto [smallest, largest] = std::ranges::minmax(seconds);
  Row row{name, median(seconds), "s", "limit", limit_s, 0, rounds, 0};
  row.ratio = row.value / row.peer_value;
  row.spread = (largest - smallest) / row.value;
  print(row);
  return {};
}

int run() {
  const std::filesystem::path source = ALGEAN_SOURCE;
  if (auto done = measure("import_ae", source / "examples/01_autoencoder/net.json", {}); !done) {
    std::fprintf(stderr, "import_ae: %s\n", done.error().message.c_str());
    return 1;
  }
  const char* given = std::getenv("ALGEAN_SHARED");
  const std::filesystem::path shared = given != nullptr ? std::filesystem::path(given) : source / "../shared";
  const std::filesystem::path jet = shared / "models/hls4ml_jet_tagging";
  if (!std::filesystem::exists(jet)) {
    std::printf(
        "{\"name\": \"import_jet\", \"skipped\": \"there is no folder of the jet tagger's files beside the tree\"}\n");
    return 0;
  }
  partitioner::LoadOptions options;
  options.calibration_inputs = jet / "synthetic_inputs.npy";
  if (auto done = measure("import_jet", jet / "KERAS_3layer.json", options); !done) {
    std::fprintf(stderr, "import_jet: %s\n", done.error().message.c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace algean::bench

int main() { return algean::bench::run(); }
