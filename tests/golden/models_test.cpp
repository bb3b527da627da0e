// Published networks against what others' software computes of them (../shared/models; each folder's README has the
// origin).
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "partitioner/pipeline/samples.hpp"
#include "runtime/base/file.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner {
namespace {

namespace fs = std::filesystem;

// The shared folder of models, or none.
std::optional<fs::path> models() {
  const char* shared = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe): one thread
  if (shared == nullptr || !fs::exists(fs::path(shared) / "models")) return std::nullopt;
  return fs::path(shared) / "models";
}

class Models : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!models()) GTEST_SKIP() << "../shared/models is absent";
    folder_ = fs::temp_directory_path() / fmt::format("algean-models-{}", ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  // The net in float, or in int8 calibrated on the arrays of the given file.
  static Loaded open(const fs::path& net, const std::optional<fs::path>& calibration = std::nullopt) {
    LoadOptions options;
    options.quantise = calibration.has_value();
    options.calibration_inputs = calibration;
    auto loaded = load(net, kernels::library(), options);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? *std::move(loaded) : Loaded{};
  }

  static Tensor read(const fs::path& path) {
    auto arrays = read_arrays(path);
    EXPECT_TRUE(arrays) << arrays.error().message;
    return arrays ? std::move(arrays->front().tensor) : Tensor();
  }

  fs::path folder_;
};

// Row `index` of [rows, columns], in the form that the graph's first input takes.
Tensor row_of(const kernels::Graph& graph, const Tensor& rows, std::size_t index) {
  const TensorType& type = graph.values[graph.inputs[0].value].type;
  const auto size = static_cast<std::size_t>(type.shape.elements());
  Tensor real({ElementType::float32(), type.shape}, rows.elements<float>().subspan(index * size, size));
  return type.element.is_integer() ? *quantise(real, type.element) : real;
}

std::vector<float> real_outputs(const kernels::Graph& graph, const Tensor& input) {
  const auto outputs = kernels::interpret(graph, kernels::library(), std::span(&input, 1));
  EXPECT_TRUE(outputs) << outputs.error().message;
  const Tensor real = outputs->front().type().element.is_integer() ? dequantise(outputs->front()) : outputs->front();
  return {real.elements<float>().begin(), real.elements<float>().end()};
}

// Every instruction set of this CPU gives the integer reference's bits, on every row.
void expect_program_is_reference(const kernels::Graph& graph, const Tensor& rows) {
  for (const auto instructions : kernels::usable_instruction_sets()) {
    auto program = kernels::compile(graph, kernels::library(), {.instructions = instructions, .taps = {}});
    ASSERT_TRUE(program) << program.error().message;
    Tensor got((*program)->outputs()[0].type);
    std::byte* const to = got.bytes().data();
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows.shape()[0]); ++i) {
      const Tensor input = row_of(graph, rows, i);
      const std::byte* const from = input.bytes().data();
      (*program)->run(std::span(&from, 1), std::span(&to, 1));
      const auto wanted = kernels::interpret(graph, kernels::library(), std::span(&input, 1));
      ASSERT_TRUE(wanted) << wanted.error().message;
      ASSERT_EQ(std::memcmp(to, wanted->front().bytes().data(), got.bytes().size()), 0)
          << "row " << i << ", " << kernels::to_text(instructions);
    }
  }
}

class ToyAdmos : public Models {
 protected:
  // 196 windows of 5 successive frames of 128 mels, as a .npy for calibration too.
  Tensor windows() {
    const auto bytes = read_file(*models() / "mlperf_tiny_ad_autoencoder" / "normal_id_01_00000000_hist_librosa.bin");
    EXPECT_TRUE(bytes) << bytes.error().message;
    Tensor rows({ElementType::float32(), {196, 640}});
    for (std::size_t i = 0; i < 196; ++i) {
      std::memcpy(rows.elements<float>().data() + i * 640, bytes->data() + i * 128 * 4, std::size_t{640} * 4);
    }
    EXPECT_TRUE(write_arrays(folder_ / "windows.npy", std::vector<NamedArray>{{"", rows}}));
    return rows;
  }

  // Mean over the windows of the mean squared error between input and output.
  static double score(const kernels::Graph& graph, const Tensor& rows) {
    double sum = 0;
    for (std::size_t i = 0; i < 196; ++i) {
      const auto output = real_outputs(graph, row_of(graph, rows, i));
      const auto input = rows.elements<float>().subspan(i * 640, 640);
      for (std::size_t j = 0; j < 640; ++j)
        sum += std::pow(static_cast<double>(input[j]) - static_cast<double>(output[j]), 2);
    }
    return sum / (196 * 640);
  }
};

constexpr double published_score = 9.491290;  // MLPerf Tiny's own, of the .h5

TEST_F(ToyAdmos, FloatScoreIsThePublishedOne) {
  const Tensor rows = windows();
  const fs::path folder = *models() / "mlperf_tiny_ad_autoencoder";
  for (const char* name : {"ad01.json", "ad01.h5", "ad01_fp32_bn.onnx"}) {
    const Loaded loaded = open(folder / name);
    ASSERT_TRUE(loaded.has_float());
    EXPECT_NEAR(score(loaded.imported, rows), published_score, 1e-4) << name;
    EXPECT_NEAR(score(loaded.float_graph, rows), published_score, 1e-4) << name << " after the float passes";
    for (const kernels::Layer& layer : loaded.float_graph.layers) EXPECT_EQ(layer.spec.operation, "dense") << name;
  }
}

TEST_F(ToyAdmos, FloatOutputsAreTheRecordedOnes) {
  const Tensor rows = windows();
  const fs::path folder = *models() / "mlperf_tiny_ad_autoencoder";
  const Tensor wanted = read(folder / "expected_fp32_first16.npy");
  const Loaded loaded = open(folder / "ad01.json");
  for (std::size_t i = 0; i < 16; ++i) {
    const auto output = real_outputs(loaded.float_graph, row_of(loaded.float_graph, rows, i));
    for (std::size_t j = 0; j < 640; ++j)
      ASSERT_NEAR(output[j], wanted.elements<float>()[i * 640 + j], 1e-3) << i << "," << j;
  }
}

TEST_F(ToyAdmos, Int8ScoreIsNearAndTheProgramIsTheReference) {
  const Tensor rows = windows();
  for (const char* name : {"ad01.json", "ad01_fp32_bn.onnx"}) {
    const Loaded loaded = open(*models() / "mlperf_tiny_ad_autoencoder" / name, folder_ / "windows.npy");
    ASSERT_TRUE(loaded.integer_graph);
    EXPECT_NEAR(score(*loaded.integer_graph, rows), published_score, 0.3) << name;
    expect_program_is_reference(*loaded.integer_graph, rows);
  }
}

struct JetTagger {
  const char* model;
  const char* weights;  // "" where they are in the model
  const char* expected;
};

class JetTaggers : public Models, public ::testing::WithParamInterface<JetTagger> {
 protected:
  // A net.json of the model, since not all weights are where the convention looks.
  [[nodiscard]] fs::path net() const {
    const fs::path from = fs::absolute(*models()) / "hls4ml_jet_tagging";
    const std::string weights =
        *GetParam().weights == 0 ? "" : fmt::format(R"(, "weights": "{}")", (from / GetParam().weights).string());
    EXPECT_TRUE(
        write_text(folder_ / "net.json", fmt::format(R"({{"version": 1, "name": "jets", "model": {{"file": "{}"{}}}}})",
                                                     (from / GetParam().model).string(), weights)));
    return folder_ / "net.json";
  }
};

TEST_P(JetTaggers, FloatOutputsAreTheRecordedOnes) {
  const fs::path folder = *models() / "hls4ml_jet_tagging";
  const Tensor rows = read(folder / "synthetic_inputs.npy");
  const Tensor wanted = read(folder / GetParam().expected);
  const Loaded loaded = open(net());
  ASSERT_TRUE(loaded.has_float());
  for (const kernels::Graph* graph : {&loaded.imported, &loaded.float_graph}) {
    for (std::size_t i = 0; i < 64; ++i) {
      const auto output = real_outputs(*graph, row_of(*graph, rows, i));
      ASSERT_EQ(output.size(), 5);
      for (std::size_t j = 0; j < 5; ++j)
        ASSERT_NEAR(output[j], wanted.elements<float>()[i * 5 + j], 1e-5) << i << "," << j;
    }
  }
}

TEST_P(JetTaggers, Int8ProgramIsTheReference) {
  const fs::path inputs = *models() / "hls4ml_jet_tagging" / "synthetic_inputs.npy";
  const Loaded loaded = open(net(), inputs);
  ASSERT_TRUE(loaded.integer_graph);
  const Tensor rows = read(inputs);
  expect_program_is_reference(*loaded.integer_graph, rows);
  // And it stays near the float network. (The PyTorch one is nearly undecided between classes on these inputs.)
  double difference = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    const auto real = real_outputs(loaded.float_graph, row_of(loaded.float_graph, rows, i));
    const auto integer = real_outputs(*loaded.integer_graph, row_of(*loaded.integer_graph, rows, i));
    for (std::size_t j = 0; j < 5; ++j) {
      difference += static_cast<double>(std::abs(real[j] - integer[j]));
      EXPECT_NEAR(real[j], integer[j], 0.2) << i << "," << j;
    }
  }
  EXPECT_LT(difference / (64 * 5), 0.01);
}

INSTANTIATE_TEST_SUITE_P(
    All, JetTaggers,
    ::testing::Values(JetTagger{"KERAS_3layer.json", "KERAS_3layer_weights.h5", "expected_KERAS_3layer.npy"},
                      JetTagger{"KERAS_3layer.json", "KERAS_3layer_70pruned_retrained_weights.h5",
                                "expected_KERAS_3layer_70pruned.npy"},
                      JetTagger{"KERAS_3layer_batch_norm.json", "KERAS_3layer_batch_norm_weights.h5",
                                "expected_KERAS_3layer_batch_norm.npy"},
                      JetTagger{"three_layer_keras.onnx", "", "expected_three_layer_keras.npy"},
                      JetTagger{"three_layer_pytorch.onnx", "", "expected_three_layer_pytorch.npy"}),
    [](const auto& test) {
      std::string name = std::string(test.param.expected).substr(9);
      name.resize(name.size() - 4);
      return name;
    });

}  // namespace
}  // namespace algean::partitioner
