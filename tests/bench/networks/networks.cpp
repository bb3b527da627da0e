#include "tests/bench/networks/networks.hpp"

#include <cstdio>
#include <cstdlib>

#include "kernels/library/library.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::bench {

kernels::Graph autoencoder() {
  return kernels::testing::dense_network(kernels::library(), {276, 276, 184, 92, 92, 92, 92, 92, 92, 92, 184, 276, 276},
                                         1);
}

kernels::Graph jet_tagger() {
  return kernels::testing::dense_network(kernels::library(), {16, 64, 32, 32, 5}, 2, true);
}

Tensor random_input(const kernels::Graph& graph) {
  Random random(3);
  return kernels::testing::random_int8(random, graph.values.at(graph.inputs.at(0).value).type);
}

void expect_close(const char* name, const Tensor& ours, std::span<const std::int8_t> peers) {
  const auto integers = ours.elements<std::int8_t>();
  int largest = 0;
  int sum = 0;
  int used = 0;
  for (std::size_t i = 0; i < integers.size(); ++i) {
    const int difference = std::abs(integers[i] - peers[i]);
    largest = std::max(largest, difference);
    sum += difference;
    used += integers[i] != integers[0] ? 1 : 0;
  }
  if (integers.size() == peers.size() && largest <= 2 && sum <= static_cast<int>(integers.size()) && used > 0) return;
  std::fprintf(stderr, "%s: the peer computes something else: %d apart, %d in sum over %zu outputs\n", name, largest,
               sum, integers.size());
  std::exit(1);
}

}  // namespace algean::bench
