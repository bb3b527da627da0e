// ResNet-50 as keras.applications ships it, and ResNet-8 of MLPerf Tiny, on photographs: ../shared/models.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/support/photographs.hpp"

namespace algean::partitioner {
namespace {

std::filesystem::path models() {
  const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return std::filesystem::path(root == nullptr ? "" : root) / "models";
}

std::vector<float> infer(const kernels::Graph& graph, std::span<const float> input) {
  const std::vector<Tensor> inputs{Tensor(graph.values[graph.inputs[0].value].type, input)};
  const auto outputs = kernels::interpret(graph, kernels::library(), inputs);
  if (!outputs) {
    ADD_FAILURE() << outputs.error().message;
    return {};
  }
  const auto elements = outputs->at(0).elements<float>();
  return {elements.begin(), elements.end()};
}

double farthest(std::span<const float> a, std::span<const float> b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return worst;
}

TEST(KerasNetworks, ResNet50) {
  const auto folder = models() / "resnet50_imagenet";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto graph =
      import_keras({folder / "resnet50_keras.json", folder / "resnet50_keras_weights.h5"}, kernels::library());
  ASSERT_TRUE(graph) << graph.error().message;
  const auto expected = read_arrays(folder / "expected_keras_probs.npy");
  const auto photographs = testing_support::read_photographs(models() / "imagenet_samples");
  ASSERT_TRUE(expected && photographs);
  double worst = 0;
  for (std::size_t i = 0; i < photographs->size(); ++i) {
    const auto wanted = expected->at(0).tensor.elements<float>().subspan(i * 1000, 1000);
    const auto given = infer(*graph, testing_support::caffe_input((*photographs)[i]));
    ASSERT_EQ(given.size(), 1000);
    worst = std::max(worst, farthest(given, wanted));
  }
  std::printf("ResNet-50, %zu photographs: at most %.2g from the expected probabilities\n", photographs->size(), worst);
  EXPECT_LE(worst, 1e-4);
}

TEST(KerasNetworks, ResNet8) {
  const auto folder = models() / "mlperf_tiny_ic_resnet8";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto graph = import_keras({folder / "pretrainedResnet.h5", std::nullopt}, kernels::library());
  ASSERT_TRUE(graph) << graph.error().message;
  const auto images = read_arrays(models() / "cifar10_test100/images_u8_nhwc.npy");
  const auto labels = read_arrays(models() / "cifar10_test100/labels_u8.npy");
  const auto expected = read_arrays(folder / "expected_fp32_probs.npy");
  ASSERT_TRUE(images && labels && expected);
  const Tensor& pictures = images->at(0).tensor;
  const Tensor& probabilities = expected->at(0).tensor;
  constexpr std::size_t size = 32 * 32 * 3;
  int right = 0;
  double worst = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    std::vector<float> picture(size);
    for (std::size_t k = 0; k < size; ++k) picture[k] = static_cast<float>(pictures.integer_at(i * size + k));
    const auto given = infer(*graph, picture);
    ASSERT_EQ(given.size(), 10);
    worst = std::max(worst, farthest(given, probabilities.elements<float>().subspan(i * 10, 10)));
    if (std::ranges::max_element(given) - given.begin() == labels->at(0).tensor.integer_at(i)) ++right;
  }
  std::printf("ResNet-8: %d of 100 right, at most %.2g from the expected probabilities\n", right, worst);
  EXPECT_EQ(right, 88);
  EXPECT_LE(worst, 1e-5);
}

}  // namespace
}  // namespace algean::partitioner
