// The 12-layer autoencoder of example 01, trained, complete in SystemVerilog.
#include <gtest/gtest.h>

#include "kernels/library/library.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/rtl/networks/network.hpp"

namespace algean::rtl {
namespace {

constexpr std::int64_t rows = 12, columns = 23, elements = rows * columns;

// The example's 500 test and 256 calibration digits, then the same moved by a pixel each way, 2,000 in all.
std::vector<Tensor> digits(std::size_t count) {
  std::vector<Tensor> result;
  std::vector<Tensor> arrays;
  for (const char* file : {"test_inputs.npy", "calibration.npy"}) {
    auto read = read_arrays(example("01_autoencoder") / file);
    EXPECT_TRUE(read.has_value()) << read.error().message;
    if (read) arrays.push_back(std::move(read->front().tensor));
  }
  const std::pair<std::int64_t, std::int64_t> moves[] = {{0, 0}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  for (const auto& [down, right] : moves) {
    for (const Tensor& array : arrays) {
      for (std::int64_t i = 0; i < array.shape()[0] && result.size() < count; ++i) {
        const auto from = array.elements<float>().subspan(static_cast<std::size_t>(i * elements), elements);
        Tensor& digit = result.emplace_back(TensorType{ElementType::float32(), {elements}});
        for (std::int64_t y = 0; y < rows; ++y) {
          for (std::int64_t x = 0; x < columns; ++x) {
            const std::int64_t there = y - down;
            const std::int64_t beside = x - right;
            if (there < 0 || there >= rows || beside < 0 || beside >= columns) continue;
            digit.elements<float>()[static_cast<std::size_t>(y * columns + x)] =
                from[static_cast<std::size_t>(there * columns + beside)];
          }
        }
      }
    }
  }
  return result;
}

TEST(Autoencoder, CompleteInHardwareAtFiveHundredAndFiftyTwoCycles) {
  const auto loaded = load_network(example("01_autoencoder/net.json"));
  ASSERT_TRUE(loaded.has_value());
  const kernels::Graph& graph = loaded->runnable();
  ASSERT_EQ(graph.layers.size(), 12U);
  const auto inputs = digits(2000);
  ASSERT_EQ(inputs.size(), 2000U);
  const auto run =
      run_network("autoencoder", graph, 552, vectors_of(graph, inputs), {.twin = false, .optimise = "-O2"});
  ASSERT_TRUE(run.has_value());
  print("autoencoder", *run);
  EXPECT_EQ(run->run.inferences, 2000);
  EXPECT_EQ(run->design.interval, 552);
  EXPECT_EQ(run->run.interval, 552);  // predicted = simulated
  EXPECT_LE(run->multipliers, 620);
  EXPECT_LE(run->dsp_multiply, 310);
}

}  // namespace
}  // namespace algean::rtl
