// Trained networks whole, by C simulation: every output equals the reference's.
#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels/library/library.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/hls/harness.hpp"

namespace algean::hls_tests {
namespace {

namespace fs = std::filesystem;

fs::path environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? fs::path() : fs::path(value);
}

Tensor read(const fs::path& path) {
  auto arrays = read_arrays(path);
  EXPECT_TRUE(arrays.has_value()) << arrays.error().message;
  return arrays ? std::move(arrays->front().tensor) : Tensor();
}

// The first inferences of an array, an element of which is scale * (integer - zero) where it holds integers.
std::vector<std::vector<Tensor>> first(const Tensor& array, const kernels::Graph& graph, std::size_t inferences,
                                       double scale, std::int64_t zero) {
  const TensorType& type = graph.values[graph.inputs[0].value].type;
  const auto size = static_cast<std::size_t>(type.shape.elements());
  std::vector<std::vector<Tensor>> result;
  for (std::size_t i = 0; i < inferences; ++i) {
    Tensor real({ElementType::float32(), type.shape});
    for (std::size_t k = 0; k < size; ++k) {
      real.elements<float>()[k] =
          array.type().element.is_float()
              ? array.elements<float>()[i * size + k]
              : static_cast<float>(scale * static_cast<double>(array.integer_at(i * size + k) - zero));
    }
    result.push_back({*quantise(real, type.element)});
  }
  return result;
}

struct Case {
  const char* name;
  fs::path net, inputs;
  double scale;
  std::int64_t zero;
  std::int64_t interval;
  std::size_t inferences;
};

void expect_network(const Case& network) {
  const auto loaded = partitioner::load(network.net, kernels::library(), {});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  const kernels::Graph& graph = loaded->runnable();
  const auto inputs = first(read(network.inputs), graph, network.inferences, network.scale, network.zero);
  expect_csim_is_reference(network.name, graph, network.interval, inputs, {"network"});
}

// The autoencoder of example 01, 12 layers, at the interval of the article.
TEST(HlsNetworks, Autoencoder) {
  const fs::path folder = environment("ALGEAN_SOURCE") / "examples/01_autoencoder";
  expect_network({"autoencoder", folder / "net.json", folder / "test_inputs.npy", 1, 0, 552, 500});
}

TEST(HlsNetworks, ResNet8) {
  const fs::path models = environment("ALGEAN_SHARED") / "models";
  if (!fs::exists(models)) GTEST_SKIP() << "../shared/models is absent";
  expect_network({"resnet8", models / "mlperf_tiny_ic_resnet8/pretrainedResnet_quant.tflite",
                  models / "cifar10_test100/images_u8_nhwc.npy", 1, 0, 100'000, 10});
}

TEST(HlsNetworks, DsCnn) {
  const fs::path models = environment("ALGEAN_SHARED") / "models";
  if (!fs::exists(models)) GTEST_SKIP() << "../shared/models is absent";
  expect_network({"dscnn", models / "mlperf_tiny_kws_dscnn/kws_ref_model.tflite",
                  models / "mlperf_tiny_kws_dscnn/inputs_i8.npy", 0.5847029, 83, 50'000, 10});
}

}  // namespace
}  // namespace algean::hls_tests
