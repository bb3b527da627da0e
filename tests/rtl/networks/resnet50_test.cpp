// ResNet-50, trained, 224 x 224, complete: three photographs back to back at 300,000 cycles each. The arithmetic of the
// matrix units is the simulation's twin; tests/rtl has the SystemVerilog of every shape of layer.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/library/library.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/rtl/networks/network.hpp"
#include "tests/support/photographs.hpp"

namespace algean::rtl {
namespace {

constexpr std::int64_t interval = 300'000;
// Of this network's 3,857,973,248 multiplications an image, at that interval.
constexpr std::int64_t fewest_multipliers = 12'860;

// Photographs first to last of the shared ones as the network wants them.
std::vector<Tensor> photographs(std::size_t first, std::size_t last) {
  const auto read = testing_support::read_photographs(*shared_models() / "imagenet_samples");
  EXPECT_TRUE(read.has_value()) << read.error().message;
  std::vector<Tensor> inputs;
  for (std::size_t i = first; read && i <= last; ++i) {
    const std::vector<float> pixels = testing_support::caffe_input(read->at(i));
    inputs.emplace_back(TensorType{ElementType::float32(), {224, 224, 3}}, std::span<const float>(pixels));
  }
  return inputs;
}

// The same as one array in a file.
fs::path calibration_file() {
  const auto inputs = photographs(3, 6);
  Tensor all({ElementType::float32(), {static_cast<std::int64_t>(inputs.size()), 224, 224, 3}});
  std::size_t at = 0;
  for (const Tensor& input : inputs) {
    std::ranges::copy(input.bytes(), all.bytes().begin() + static_cast<std::ptrdiff_t>(at));
    at += input.bytes().size();
  }
  fs::create_directories(build_folder());
  const fs::path file = build_folder() / "resnet50_calibration.npy";
  EXPECT_TRUE(write_arrays(file, std::vector<NamedArray>{{"", all}}).has_value());
  return file;
}

TEST(Resnet50, ThreePhotographsBackToBack) {
  if (!shared_models()) GTEST_SKIP() << "../shared/models is absent";
  partitioner::LoadOptions options;
  options.calibration_inputs = calibration_file();
  const auto loaded = load_network(*shared_models() / "resnet50_imagenet" / "resnet50_keras.json", options);
  ASSERT_TRUE(loaded.has_value());
  const kernels::Graph& graph = loaded->runnable();
  const auto inputs = photographs(0, 2);
  const auto run =
      run_network("resnet50", graph, interval, vectors_of(graph, inputs), {.twin = true, .optimise = "-O2"});
  ASSERT_TRUE(run.has_value());
  print("resnet50", *run);
  EXPECT_EQ(run->run.inferences, 3);
  EXPECT_LE(run->design.interval, interval);
  EXPECT_EQ(run->run.interval, static_cast<double>(run->design.interval));
  EXPECT_LE(static_cast<double>(run->multipliers), 1.08 * static_cast<double>(fewest_multipliers));
}

}  // namespace
}  // namespace algean::rtl
