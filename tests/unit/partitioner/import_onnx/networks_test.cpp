// Trained networks as ONNX files, float and quantised, beside their expected outputs: ../shared/models, whose READMEs
// give the tolerances. Quantised ones run in integers, compiled for this CPU.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "kernels/program/program.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/support/photographs.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

std::filesystem::path models() {
  const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return std::filesystem::path(root == nullptr ? "" : root) / "models";
}

// A model of one input and one output.
class Network {
 public:
  static Result<Network> open(const std::filesystem::path& path) {
    ALGEAN_ASSIGN(const Loaded loaded, load(path, kernels::library()));
    Network network;
    network.is_integer_ = loaded.integer_graph.has_value();
    ALGEAN_ASSIGN(network.engine_, kernels::make_engine(loaded.runnable(), kernels::library()));
    return network;
  }

  [[nodiscard]] bool is_integer() const { return is_integer_; }
  [[nodiscard]] std::vector<float> infer(std::span<const float> input) const {
    const TensorType& in = engine_->inputs()[0].type;
    const TensorType& out = engine_->outputs()[0].type;
    Tensor x({ElementType::float32(), in.shape}, input);
    if (in.element.is_integer()) x = algean::quantise(x, in.element).value();
    Tensor y(out);
    const std::byte* const from = x.bytes().data();
    std::byte* const to = y.bytes().data();
    engine_->run(std::span(&from, 1), std::span(&to, 1));
    if (out.element.is_integer()) y = dequantise(y);
    const auto elements = y.elements<float>();
    return {elements.begin(), elements.end()};
  }

 private:
  std::unique_ptr<Engine> engine_;
  bool is_integer_ = false;
};

std::vector<float> channel_first(std::span<const float> pixels, std::size_t channels) {
  std::vector<float> planes(pixels.size());
  const std::size_t positions = pixels.size() / channels;
  for (std::size_t i = 0; i < pixels.size(); ++i) planes[i % channels * positions + i / channels] = pixels[i];
  return planes;
}

std::ptrdiff_t best(std::span<const float> scores) { return std::ranges::max_element(scores) - scores.begin(); }

struct Score {
  double worst = 0;  // distance of a value from the expected one
  int agreeing = 0;  // inputs whose best class is the expected outputs'
  int right = 0;     // inputs whose best class is the label
};

Score score(const Network& network, const std::vector<std::vector<float>>& inputs, const Tensor& expected,
            const std::vector<std::int64_t>& labels) {
  Score result;
  const std::size_t classes = expected.elements<float>().size() / inputs.size();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto wanted = expected.elements<float>().subspan(i * classes, classes);
    const auto given = network.infer(inputs[i]);
    for (std::size_t c = 0; c < classes; ++c) {
      result.worst =
          std::max(result.worst, std::abs(static_cast<double>(given.at(c)) - static_cast<double>(wanted[c])));
    }
    if (best(given) == best(wanted)) ++result.agreeing;
    if (i < labels.size() && best(given) == labels[i]) ++result.right;
  }
  return result;
}

Tensor array(const std::filesystem::path& path) {
  auto arrays = read_arrays(path);
  EXPECT_TRUE(arrays) << arrays.error().message;
  return arrays ? std::move(arrays->at(0).tensor) : Tensor();
}

std::vector<std::int64_t> integers(const Tensor& tensor) {
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < tensor.shape().elements(); ++i) {
    result.push_back(tensor.integer_at(static_cast<std::size_t>(i)));
  }
  return result;
}

void expect_score(const std::filesystem::path& model, const std::vector<std::vector<float>>& inputs,
                  const std::string& expected, const std::vector<std::int64_t>& labels, bool is_integer,
                  const Score& least) {
  const auto network = Network::open(model);
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->is_integer(), is_integer) << model;
  const Score reached = score(*network, inputs, array(model.parent_path() / expected), labels);
  fmt::print("{}: at most {:.2g} from the expected values, {} of {} agree, {} right\n", model.filename().string(),
             reached.worst, reached.agreeing, inputs.size(), reached.right);
  EXPECT_LE(reached.worst, least.worst) << model;
  EXPECT_GE(reached.agreeing, least.agreeing) << model;
  EXPECT_GE(reached.right, least.right) << model;
}

TEST(OnnxNetworks, ResNet50) {
  const auto folder = models() / "resnet50_imagenet";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto photographs = testing_support::read_photographs(models() / "imagenet_samples");
  ASSERT_TRUE(photographs) << photographs.error().message;
  std::vector<std::vector<float>> inputs;
  for (const auto& photograph : *photographs) {
    inputs.push_back(channel_first(testing_support::caffe_input(photograph), 3));
  }
  expect_score(folder / "resnet50_int8_qdq.onnx", inputs, "expected_int8_probs.npy", {}, true,
               {.worst = 0.05, .agreeing = 10, .right = 0});
}

TEST(OnnxNetworks, ResNet8) {
  const auto folder = models() / "mlperf_tiny_ic_resnet8";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const Tensor images = array(models() / "cifar10_test100/images_u8_nhwc.npy");
  const auto labels = integers(array(models() / "cifar10_test100/labels_u8.npy"));
  const auto pixels = integers(images);
  std::vector<std::vector<float>> inputs;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto one = std::span(pixels).subspan(i * 3072, 3072);
    inputs.push_back(channel_first(std::vector<float>(one.begin(), one.end()), 3));
  }
  expect_score(folder / "resnet8_fp32_bn.onnx", inputs, "expected_fp32_probs.npy", labels, false,
               {.worst = 1e-5, .agreeing = 100, .right = 88});
  expect_score(folder / "resnet8_int8_qdq.onnx", inputs, "expected_int8_probs.npy", labels, true,
               {.worst = 0.2, .agreeing = 98, .right = 85});
}

TEST(OnnxNetworks, KeywordSpotting) {
  const auto folder = models() / "mlperf_tiny_kws_dscnn";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto features = integers(array(folder / "inputs_i8.npy"));
  const auto labels = integers(array(folder / "labels_u8.npy"));
  std::vector<std::vector<float>> inputs(100);
  for (std::size_t i = 0; i < features.size(); ++i) {
    inputs[i / 490].push_back(static_cast<float>(features[i] - 83) * 0.5847029F);
  }
  expect_score(folder / "kws_w8_fp32act.onnx", inputs, "expected_w8_fp32act_probs.npy", labels, false,
               {.worst = 1e-5, .agreeing = 100, .right = 94});
  expect_score(folder / "kws_int8_qdq.onnx", inputs, "expected_int8_probs.npy", labels, true,
               {.worst = 0.1, .agreeing = 98, .right = 92});
}

TEST(OnnxNetworks, MobileNets) {
  const auto folder = models() / "mobilenet_imagenet";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto inputs_of = [](const std::filesystem::path& images) {
    const auto photographs = testing_support::read_photographs(images);
    EXPECT_TRUE(photographs) << photographs.error().message;
    std::vector<std::vector<float>> inputs;
    for (const auto& photograph : *photographs) {
      std::vector<float> pixels = photograph.pixels;
      for (float& pixel : pixels) pixel = (pixel - 128) / 128;
      inputs.push_back(channel_first(pixels, 3));
    }
    return inputs;
  };
  expect_score(folder / "mobilenet_v1_0.25_128_quant_qdq.onnx", inputs_of(models() / "imagenet_samples/128"),
               "expected_mobilenet_v1_0.25_128_quant_probs.npy", {}, true, {.worst = 0.03, .agreeing = 9, .right = 0});
  // The file's own rounding, with sums in binary64 in place of float32, is up to 0.043 from what ONNX Runtime recorded.
  expect_score(folder / "mobilenet_v2_1.0_224_quant_qdq.onnx", inputs_of(models() / "imagenet_samples"),
               "expected_mobilenet_v2_1.0_224_quant_probs.npy", {}, true, {.worst = 0.11, .agreeing = 10, .right = 0});
}

// The anomaly score: mean over windows of the mean squared error; 10.265209 is what the file gives in float.
TEST(OnnxNetworks, Autoencoder) {
  const auto folder = models() / "mlperf_tiny_ad_autoencoder";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto sample = read_file(folder / "normal_id_01_00000000_hist_librosa.bin");
  ASSERT_TRUE(sample);
  const std::span<const float> frames(reinterpret_cast<const float*>(sample->data()), sample->size() / sizeof(float));
  const auto network = Network::open(folder / "ad01_int8_qdq.onnx");
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_TRUE(network->is_integer());
  double sum = 0;
  for (std::size_t i = 0; i < 196; ++i) {
    const auto window = frames.subspan(i * 128, 640);
    const auto given = network->infer(window);
    for (std::size_t k = 0; k < 640; ++k) sum += std::pow(static_cast<double>(given.at(k) - window[k]), 2);
  }
  const double mean = sum / (196 * 640);
  fmt::print("ad01_int8_qdq.onnx: mean squared error {:.4f}\n", mean);
  EXPECT_NEAR(mean, 10.265209, 0.05);
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
