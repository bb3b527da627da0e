// One inference of the trained 12-layer autoencoder in process on one core, against oneDNN with one thread.
#include <fmt/format.h>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/bench/ae_int8_vs_onednn/peer_onednn.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/networks/networks.hpp"

int main() {
  using namespace algean;
  bench::pin_thread(1);
  const kernels::Graph graph = bench::autoencoder();
  const Tensor x = bench::autoencoder_input(graph);
  const auto program = kernels::compile(graph, kernels::library()).value();
  bench::Call call(*program, x);
  bench::OneDnn inner_product(graph, bench::OneDnn::Kind::inner_product, x);
  bench::OneDnn matmul(graph, bench::OneDnn::Kind::matmul, x);
  call.run();
  for (bench::OneDnn* peer : {&inner_product, &matmul}) {
    peer->run();
    bench::expect_close("ae_int8_vs_onednn", call.output(), peer->output());
  }
  const auto ours = [&](int calls) {
    for (int i = 0; i < calls; ++i) call.run();
  };
  const auto peer = [](const char* name, bench::OneDnn& network) {
    return bench::Contestant{fmt::format("oneDNN {} ({})", name, network.implementation()), [&network](int calls) {
                               for (int i = 0; i < calls; ++i) network.run();
                             }};
  };
  bench::print(bench::compare("ae_int8_vs_onednn", "us", {"algean", ours},
                              {peer("inner_product", inner_product), peer("matmul", matmul)}));
}
