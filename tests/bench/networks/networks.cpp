#include "tests/bench/networks/networks.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "kernels/library/library.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::bench {

namespace {

const std::filesystem::path example = std::filesystem::path(ALGEAN_SOURCE) / "examples/01_autoencoder";

template <class T>
T or_stop(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::_Exit(1);
}

}  // namespace

kernels::Graph autoencoder() {
  partitioner::LoadOptions options;
  options.require_integer = true;
  const auto loaded = or_stop(partitioner::load(example / "net.json", kernels::library(), options));
  return *loaded.integer_graph;
}

Tensor autoencoder_input(const kernels::Graph& graph) {
  const TensorType& type = graph.values.at(graph.inputs.at(0).value).type;
  const auto arrays = or_stop(read_arrays(example / "test_inputs.npy"));
  Tensor row({ElementType::float32(), type.shape});
  std::ranges::copy_n(arrays.at(0).tensor.elements<float>().begin(), type.shape.elements(),
                      row.elements<float>().begin());
  return or_stop(quantise(row, type.element));
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
  std::_Exit(1);
}

}  // namespace algean::bench
