// Networks of others: imported, simplified, quantised.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "networks.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/passes.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/base/file.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner::testing {
namespace {

using ::testing::Each;

std::filesystem::path folder(const char* variable, const std::string& below) {
  const char* base = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return base == nullptr ? std::filesystem::path() : std::filesystem::path(base) / below;
}

Graph simplified(const std::filesystem::path& model, const std::filesystem::path& weights) {
  auto graph = import_keras({model, weights}, library());
  EXPECT_TRUE(graph.has_value()) << graph.error().message;
  const auto done = simplify(*graph, library());
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return *std::move(graph);
}

Tensor array(const std::filesystem::path& path) {
  auto arrays = read_arrays(path);
  EXPECT_TRUE(arrays.has_value()) << arrays.error().message;
  return std::move(arrays->at(0).tensor);
}

std::vector<std::string> operations(const Graph& graph) {
  std::vector<std::string> result;
  for (const Layer& layer : graph.layers) result.push_back(layer.spec.operation);
  return result;
}

Graph quantised(const Graph& graph, const std::vector<Tensor>& calibration) {
  const auto ranges = calibrate(graph, library(), calibration, {});
  EXPECT_TRUE(ranges.has_value()) << ranges.error().message;
  auto result = quantise(graph, library(), *ranges);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *std::move(result);
}

std::vector<float> run(const Graph& graph, const Tensor& input) {
  Tensor output;
  if (graph.is_integer()) {
    const Tensor integers = *algean::quantise(input, graph.values[graph.inputs[0].value].type.element);
    output = dequantise(kernels::interpret(graph, library(), {&integers, 1})->at(0));
  } else {
    output = kernels::interpret(graph, library(), {&input, 1})->at(0);
  }
  const auto elements = output.elements<float>();
  return {elements.begin(), elements.end()};
}

std::size_t largest(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

TEST(RealNetworks, JetTaggersStayWithinTheirRecordedOutputs) {
  const auto jets = folder("ALGEAN_SHARED", "models/hls4ml_jet_tagging");
  if (!std::filesystem::exists(jets)) GTEST_SKIP() << "the shared models are absent";
  const std::vector inputs = {array(jets / "synthetic_inputs.npy")};
  for (const auto& [model, weights] : {std::pair{"KERAS_3layer", "KERAS_3layer"},
                                       {"KERAS_3layer", "KERAS_3layer_70pruned"},
                                       {"KERAS_3layer_batch_norm", "KERAS_3layer_batch_norm"}}) {
    SCOPED_TRACE(weights);
    const std::string file =
        std::string(weights) + (std::string(weights).ends_with("pruned") ? "_retrained_weights.h5" : "_weights.h5");
    const Graph graph = simplified(jets / (std::string(model) + ".json"), jets / file);
    EXPECT_EQ(operations(graph), (std::vector<std::string>{"dense", "dense", "dense", "dense", "softmax"}));
    const Tensor expected = array(jets / ("expected_" + std::string(weights) + ".npy"));
    const Graph integers = quantised(graph, inputs);
    int same_class = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      const Tensor one = inference(graph, inputs, i)[0];
      const auto real = run(graph, one);
      for (std::size_t e = 0; e < 5; ++e) EXPECT_NEAR(real[e], expected.elements<float>()[5 * i + e], 1e-5);
      same_class += largest(real) == largest(run(integers, one)) ? 1 : 0;
    }
    EXPECT_GE(same_class, 61);
  }
}

// Mean over windows of the mean squared error, as mlcommons/tiny scores a file.
double anomaly_score(const Graph& graph, const Tensor& windows) {
  const std::vector inputs = {windows};
  const auto count = static_cast<std::size_t>(windows.shape()[0]);
  double score = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor one = inference(graph, inputs, i)[0];
    const auto output = run(graph, one);
    double sum = 0;
    for (std::size_t e = 0; e < output.size(); ++e) {
      const double error = static_cast<double>(output[e]) - static_cast<double>(one.elements<float>()[e]);
      sum += error * error;
    }
    score += sum / static_cast<double>(output.size() * count);
  }
  return score;
}

TEST(RealNetworks, ToyAdmosAutoencoderKeepsItsScore) {
  const auto ad = folder("ALGEAN_SHARED", "models/mlperf_tiny_ad_autoencoder");
  if (!std::filesystem::exists(ad)) GTEST_SKIP() << "the shared models are absent";
  const auto bytes = read_file(ad / "normal_id_01_00000000_hist_librosa.bin");
  ASSERT_TRUE(bytes.has_value());
  ASSERT_EQ(bytes->size(), 200U * 128 * sizeof(float));
  Tensor windows({ElementType::float32(), {196, 640}});
  for (std::size_t i = 0; i < 196; ++i) {  // window i: frames i to i + 4 of 128 values
    std::memcpy(&windows.elements<float>()[640 * i], bytes->data() + 128 * sizeof(float) * i, 640 * sizeof(float));
  }
  const Graph graph = simplified(ad / "ad01.json", ad / "ad01.h5");
  EXPECT_EQ(graph.layers.size(), 10U);
  EXPECT_THAT(operations(graph), Each("dense"));
  const double score = anomaly_score(graph, windows);
  EXPECT_NEAR(score, 9.49129, 1e-4);
  EXPECT_NEAR(anomaly_score(quantised(graph, {windows}), windows), score, 0.3);
}

TEST(RealNetworks, ExampleAutoencoderIsQuantisedWell) {
  const auto example = folder("ALGEAN_SOURCE", "examples/01_autoencoder");
  ASSERT_TRUE(std::filesystem::exists(example)) << example;
  const Graph graph = simplified(example / "autoencoder.json", example / "autoencoder_weights.h5");
  EXPECT_EQ(graph.layers.size(), 12U);
  EXPECT_THAT(operations(graph), Each("dense"));
  const Graph integers = quantised(graph, {array(example / "calibration.npy")});
  const std::vector inputs = {array(example / "test_inputs.npy")};
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const Tensor one = inference(graph, inputs, i)[0];
    const auto real = run(graph, one);
    const auto integer = run(integers, one);
    for (std::size_t e = 0; e < real.size(); ++e) {
      signal += static_cast<double>(real[e]) * static_cast<double>(real[e]);
      noise += (static_cast<double>(real[e]) - static_cast<double>(integer[e])) *
               (static_cast<double>(real[e]) - static_cast<double>(integer[e]));
    }
  }
  EXPECT_GT(10 * std::log10(signal / noise), 20);
}

}  // namespace
}  // namespace algean::partitioner::testing
