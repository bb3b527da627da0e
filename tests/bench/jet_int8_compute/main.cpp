// One inference of the jet tagger 16-64-32-32-5 (relu; the last layer linear, no softmax on either side) in process on
// one core, against XNNPACK's int8 operators.
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/jet_int8_compute/peer_xnnpack.hpp"
#include "tests/bench/networks/networks.hpp"

int main() {
  using namespace algean;
  bench::pin_thread(1);
  const kernels::Graph graph = bench::jet_tagger();
  const Tensor x = bench::random_input(graph);
  const auto program = kernels::compile(graph, kernels::library()).value();
  bench::Call call(*program, x);
  bench::XnnPack xnnpack(graph, x);
  call.run();
  xnnpack.run();
  bench::expect_close("jet_int8_compute", call.output(), xnnpack.output());
  const auto ours = [&](int calls) {
    for (int i = 0; i < calls; ++i) call.run();
  };
  const auto peer = [&](int calls) {
    for (int i = 0; i < calls; ++i) xnnpack.run();
  };
  bench::print(bench::compare("jet_int8_compute", "ns", {"algean", ours},
                              {{"XNNPACK qs8 fully connected, 4 layers without softmax", peer}}));
}
