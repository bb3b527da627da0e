// MLPerf Tiny's ResNet-8 and DS-CNN, trained, in process on one core, against ONNX Runtime with one thread: both take
// the same file, quantised by QuantizeLinear and DequantizeLinear. What stands between floats and int8 at either end
// belongs to ONNX Runtime's run, and to our client.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/networks/networks.hpp"
#include "tests/bench/peers/onnx_runtime.hpp"

namespace {

using namespace algean;

struct Network {
  std::string row, file;
  std::vector<std::int64_t> input, output;
};

// Probabilities a unit of the last softmax's input apart.
constexpr float tolerance = 0.1F;

void expect_same_probabilities(const Network& network, const Tensor& ours, const bench::OnnxRuntime& peer) {
  const Tensor real = dequantise(ours);
  const auto a = real.elements<float>();
  const auto* b = reinterpret_cast<const float*>(peer.output().data());
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  std::fprintf(stderr, "%s: the peer's probabilities are at most %.3f apart\n", network.row.c_str(), largest);
  if (largest <= tolerance) return;
  std::fprintf(stderr, "%s: the peer computes something else\n", network.row.c_str());
  std::_Exit(1);
}

Result<> measure(const Network& network) {
  ALGEAN_ASSIGN(const auto peer, bench::OnnxRuntime::load(bench::shared(network.file), {"input", network.input},
                                                          {"output", network.output}));
  partitioner::LoadOptions options;
  options.require_integer = true;
  ALGEAN_ASSIGN(const partitioner::Loaded loaded,
                partitioner::load(bench::shared(network.file), kernels::library(), options));
  ALGEAN_ASSIGN(const auto program, kernels::compile(*loaded.integer_graph, kernels::library()));
  const Tensor x = bench::random_input(*loaded.integer_graph);
  const Tensor real = dequantise(x);
  std::ranges::copy(real.bytes(), peer->input().begin());
  bench::Call call(*program, x);
  call.run();
  peer->run();
  expect_same_probabilities(network, call.output(), *peer);
  bench::print(bench::compare(network.row, "us",
                              {"algean",
                               [&](int calls) {
                                 for (int i = 0; i < calls; ++i) call.run();
                               }},
                              {{peer->name(), [&](int calls) {
                                  for (int i = 0; i < calls; ++i) peer->run();
                                }}}));
  return {};
}

}  // namespace

int main() {
  bench::pin_thread(1);
  const Network networks[] = {
      {"resnet8_int8", "models/mlperf_tiny_ic_resnet8/resnet8_int8_qdq.onnx", {1, 3, 32, 32}, {1, 10}},
      {"dscnn_int8", "models/mlperf_tiny_kws_dscnn/kws_int8_qdq.onnx", {1, 1, 49, 10}, {1, 12}}};
  for (const Network& network : networks) {
    if (const auto done = measure(network); !done) bench::print_skipped(network.row, done.error().message);
  }
}
