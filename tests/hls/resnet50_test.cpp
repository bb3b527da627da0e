// ResNet-50, trained, 224 x 224: every distinct layer by C simulation, on what a photograph makes of its input.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "kernels/library/library.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/hls/harness.hpp"
#include "tests/support/photographs.hpp"

namespace algean::hls_tests {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t interval = 300'000;

// Photographs as one array in a file.
fs::path write_calibration(const std::vector<testing_support::Photograph>& photographs) {
  Tensor all({ElementType::float32(), {static_cast<std::int64_t>(photographs.size()), 224, 224, 3}});
  auto to = all.elements<float>().begin();
  for (const auto& photograph : photographs) to = std::ranges::copy(testing_support::caffe_input(photograph), to).out;
  fs::path file = fs::temp_directory_path() / "algean_hls_calibration.npy";
  EXPECT_TRUE(write_arrays(file, std::vector<NamedArray>{{"", all}}).has_value());
  return file;
}

// What a layer is, but for its weights.
std::string kind_of(const kernels::Graph& graph, const kernels::Layer& layer) {
  std::string kind = layer.spec.operation;
  for (const auto& list : {layer.inputs, layer.outputs}) {
    for (const kernels::ValueId value : list) kind += fmt::format(" {}", graph.values[value].type.text());
  }
  for (const char* name : {"strides", "padding", "window"}) {
    if (!layer.spec.attributes.has(name)) continue;
    const auto numbers = layer.spec.attributes.integers(name).value();
    for (const std::int64_t number : numbers) kind += fmt::format(" {}", number);
  }
  if (const Tensor* weight = layer.spec.constant("weight")) kind.append(weight->type().text());
  return kind;
}

TEST(HlsResnet50, EveryDistinctLayer) {
  const char* shared = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe): one thread
  const fs::path models = fs::path(shared == nullptr ? "" : shared) / "models";
  if (!fs::exists(models)) GTEST_SKIP() << "../shared/models is absent";
  auto photographs = testing_support::read_photographs(models / "imagenet_samples");
  ASSERT_TRUE(photographs.has_value()) << photographs.error().message;
  partitioner::LoadOptions options;
  options.calibration_inputs = write_calibration({photographs->begin() + 3, photographs->begin() + 5});
  const auto loaded = partitioner::load(models / "resnet50_imagenet/resnet50_keras.json", kernels::library(), options);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  const kernels::Graph& graph = loaded->runnable();
  const TensorType& type = graph.values[graph.inputs[0].value].type;
  const std::vector<float> pixels = testing_support::caffe_input(photographs->front());
  const Tensor real({ElementType::float32(), type.shape}, std::span<const float>(pixels));
  const std::vector<std::vector<Tensor>> image{{*quantise(real, type.element)}};
  const auto values = kernels::hls_vectors(graph, kernels::library(), image);
  ASSERT_TRUE(values.has_value()) << values.error().message;

  kernels::Graph distinct;
  distinct.name = "resnet50_layers";
  std::vector<Tensor> inputs;
  std::vector<std::string> tops;
  std::set<std::string> kinds;
  for (const kernels::Layer& layer : graph.layers) {
    if (!kinds.insert(kind_of(graph, layer)).second) continue;
    kernels::Layer added{layer.spec, {}, {}};
    added.spec.name = fmt::format("layer{}", distinct.layers.size());
    for (const kernels::ValueId value : layer.inputs) {
      const std::string name = fmt::format("in{}", distinct.values.size());
      added.inputs.push_back(distinct.add_value(name, graph.values[value].type));
      distinct.inputs.push_back({name, added.inputs.back(), ExternalForm::integer});
      inputs.push_back(values->values[0][value]);
    }
    for (const kernels::ValueId value : layer.outputs) {
      const std::string name = fmt::format("out{}", distinct.values.size());
      added.outputs.push_back(distinct.add_value(name, graph.values[value].type));
      distinct.outputs.push_back({name, added.outputs.back(), ExternalForm::integer});
    }
    tops.push_back("ips/" + added.spec.name);
    distinct.layers.push_back(std::move(added));
  }
  EXPECT_GE(tops.size(), 25U);
  expect_csim_is_reference("resnet50", distinct, interval, std::vector<std::vector<Tensor>>{inputs}, tops);
}

}  // namespace
}  // namespace algean::hls_tests
