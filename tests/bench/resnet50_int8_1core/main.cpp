// One image through ResNet-50 in process on one core: seeded weights against oneDNN, which has one thread, relu and
// additions fused; and against ONNX Runtime with the trained network of the same shapes (time does not depend on
// weights).
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/networks/networks.hpp"
#include "tests/bench/networks/resnet50.hpp"
#include "tests/bench/peers/onnx_runtime.hpp"
#include "tests/bench/resnet50_int8_1core/peer_onednn.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace {

using namespace algean;

constexpr bench::Setting setting{.rounds = 7, .slices = 4, .samples = 3, .calls = 1};

// oneDNN adds a block's shortcut before it rounds, we round the convolution first, and differences pass through 16
// blocks: the outputs must point the same way, and be as large.
void expect_same_work(std::span<const std::int8_t> ours, std::span<const std::int8_t> peers) {
  const auto product = [](std::span<const std::int8_t> a, std::span<const std::int8_t> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  };
  const double cosine = product(ours, peers) / std::sqrt(product(ours, ours) * product(peers, peers));
  const double size = std::sqrt(product(peers, peers) / product(ours, ours));
  std::fprintf(stderr, "resnet50_int8_1core: outputs have a cosine of %.4f, the peer's are %.3f as large\n", cosine,
               size);
  if (cosine > 0.98 && std::abs(size - 1) < 0.05) return;
  std::fprintf(stderr, "resnet50_int8_1core: the peer computes something else\n");
  std::_Exit(1);
}

void compare_with_onnx_runtime(const bench::Contestant& ours) {
  const std::string row = "resnet50_int8_1core_vs_onnxruntime";
  const auto peer = bench::OnnxRuntime::load(bench::shared("models/resnet50_imagenet/resnet50_int8_qdq.onnx"),
                                             {"input", {1, 3, 224, 224}}, {"output", {1, 1000}});
  if (!peer) return bench::print_skipped(row, peer.error().message);
  bench::print(bench::compare(row, "ms", ours,
                              {{(*peer)->name(),
                                [&](int calls) {
                                  for (int i = 0; i < calls; ++i) (*peer)->run();
                                }}},
                              setting));
}

}  // namespace

int main() {
  bench::pin_thread(1);
  const kernels::Graph graph = bench::resnet50();
  Random random(3);
  const Tensor x = kernels::testing::random_int8(random, graph.values.at(graph.inputs.at(0).value).type);
  const auto program = kernels::compile(graph, kernels::library()).value();
  bench::Call call(*program, x);
  bench::OneDnnNetwork peer(graph, x);
  call.run();
  peer.run();
  expect_same_work(call.output().elements<std::int8_t>(), peer.output());
  const bench::Contestant ours{"algean", [&](int calls) {
                                 for (int i = 0; i < calls; ++i) call.run();
                               }};
  bench::print(bench::compare("resnet50_int8_1core", "ms", ours,
                              {{fmt::format("oneDNN, fused ({})", peer.implementation()),
                                [&](int calls) {
                                  for (int i = 0; i < calls; ++i) peer.run();
                                }}},
                              setting));
  compare_with_onnx_runtime(ours);
}
