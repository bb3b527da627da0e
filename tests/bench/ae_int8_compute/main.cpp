// One inference of the trained 12-layer autoencoder in process on one core, against the floor: one read of its packed
// weights.
#include <fmt/format.h>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/bench/ae_int8_compute/widest_read.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/networks/networks.hpp"

int main() {
  using namespace algean;
  bench::pin_thread(1);
  const kernels::Graph graph = bench::autoencoder();
  const auto program = kernels::compile(graph, kernels::library()).value();
  bench::Call call(*program, bench::autoencoder_input(graph));
  volatile std::size_t sink = 0;
  const auto ours = [&](int calls) {
    for (int i = 0; i < calls; ++i) call.run();
  };
  const auto floor = [&](int calls) {
    for (int i = 0; i < calls; ++i) sink = bench::read_widest(program->weights());
  };
  const std::string peer = fmt::format("read of the same {} bytes of packed weights, {} bits a load",
                                       program->weight_bytes(), bench::widest_read_bits());
  bench::print(bench::compare("ae_int8_compute", "us", {"algean", ours}, {{peer, floor}}));
}
