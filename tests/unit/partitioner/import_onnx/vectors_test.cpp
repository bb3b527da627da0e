// Models as ONNX Runtime, PyTorch, tf2onnx and scikit-learn write them, beside the outputs that ONNX Runtime recorded.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>

#include "kernels/graph/text.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "runtime/tensor/array_file.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using testing::HasSubstr;

// What a model that this version does not take is refused by: part of the message.
const std::map<std::string, std::string> refused{
    {"ort_conv_pool_gemm_dynamic", "(DynamicQuantizeLinear): dynamic quantisation is not supported"},
    {"ort_dense_ae_dynamic", "(DynamicQuantizeLinear): dynamic quantisation is not supported"},
    {"ort_lstm_dynamic", "(com.microsoft.DynamicQuantizeLSTM): dynamic quantisation is not supported"},
    {"ort_conv_pool_gemm_qdq_s16s8_channel", "(QuantizeLinear): activations of type int16 not supported"},
    {"skl_forest_classifier", "(ai.onnx.ml.TreeEnsembleClassifier): operator not supported"},
    {"skl_gbt_binary", "(ai.onnx.ml.TreeEnsembleClassifier): operator not supported"},
    {"skl_gbt_classifier", "(ai.onnx.ml.TreeEnsembleClassifier): operator not supported"},
    {"skl_gbt_regressor", "(ai.onnx.ml.TreeEnsembleRegressor): operator not supported"},
    {"skl_tree_regressor", "(ai.onnx.ml.TreeEnsembleRegressor): operator not supported"},
    {"skl_logistic", "(ai.onnx.ml.LinearClassifier): operator not supported"},
    {"tf2onnx_keras_rnn", "(LSTM): operator not supported"},
    {"torch_birnn_dynamo", "(LSTM): operator not supported"},
    {"torch_birnn_legacy", "(LSTM): operator not supported"},
    {"torch_rnn_dynamo", "(LSTM): operator not supported"},
    {"torch_rnn_legacy", "(LSTM): operator not supported"},
    {"torch_transformer_dynamo", "(LayerNormalization): operator not supported"},
    {"torch_transformer_legacy", "(LayerNormalization): operator not supported"},
};

// Models that leave their output unrounded, so that no int8 network is what they say: they run in float, rounded where
// they round.
const std::set<std::string> partly_quantised{"torch_fake_quant_dynamo", "torch_fake_quant_legacy"};

// Steps that a model may be away where that is more than one: the average of four integers in front of its last layer
// lies halfway between two codes for one in four, where the recording's sums of float32 go either way.
const std::map<std::string, double> further{{"ort_depthwise_qdq_u8s8_channel", 2.001}};

std::map<std::string, Tensor> read_npz(const std::filesystem::path& path) {
  std::map<std::string, Tensor> result;
  auto arrays = read_arrays(path);
  EXPECT_TRUE(arrays) << arrays.error().message;
  if (!arrays) return result;
  for (NamedArray& array : *arrays) result.emplace(array.name, std::move(array.tensor));
  return result;
}

double at(const Tensor& tensor, std::size_t i) {
  return tensor.type().element.is_float() ? static_cast<double>(tensor.elements<float>()[i])
                                          : static_cast<double>(tensor.integer_at(i));
}

// Row n of a batch, as the graph's port takes it.
Tensor row(const Tensor& batch, const TensorType& type, std::size_t n) {
  Tensor reals({ElementType::float32(), type.shape});
  const auto to = reals.elements<float>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = batch.elements<float>()[n * to.size() + i];
  if (type.element.is_float()) return reals;
  auto integers = algean::quantise(reals, type.element);
  EXPECT_TRUE(integers) << integers.error().message;
  return *std::move(integers);
}

struct Difference {
  double worst = 0;  // in the unit of its allowance
  double equal = 1;  // share of equal values
};

// All outputs of all rows against what was recorded: a step of the output's own grid where it has one, else
// 2e-6 * max(1, max|out|).
Difference differ(const kernels::Graph& graph, const std::map<std::string, Tensor>& arrays) {
  Difference result;
  std::size_t equal = 0;
  std::size_t all = 0;
  const auto batch = static_cast<std::size_t>(arrays.at("in_" + graph.inputs[0].name).shape()[0]);
  for (std::size_t n = 0; n < batch; ++n) {
    std::vector<Tensor> inputs;
    for (const auto& port : graph.inputs)
      inputs.push_back(row(arrays.at("in_" + port.name), graph.values[port.value].type, n));
    auto outputs = kernels::interpret(graph, kernels::library(), inputs);
    EXPECT_TRUE(outputs) << outputs.error().message;
    if (!outputs) return {.worst = 1e9, .equal = 0};
    for (std::size_t o = 0; o < outputs->size(); ++o) {
      const Tensor& expected = arrays.at("out_" + graph.outputs[o].name);
      const auto quantisation = (*outputs)[o].type().element.quantisation();
      const Tensor value = quantisation ? dequantise((*outputs)[o]) : (*outputs)[o];
      const auto size = static_cast<std::size_t>(value.shape().elements());
      double largest = 1;
      for (std::size_t i = 0; i < static_cast<std::size_t>(expected.shape().elements()); ++i) {
        largest = std::max(largest, std::abs(at(expected, i)));
      }
      const double unit = quantisation ? quantisation->scale() : 2e-6 * largest;
      for (std::size_t i = 0; i < size; ++i, ++all) {
        const double difference = std::abs(at(value, i) - at(expected, n * size + i)) / unit;
        result.worst = std::max(result.worst, difference);
        equal += difference < 0.5 ? 1 : 0;
      }
    }
  }
  result.equal = static_cast<double>(equal) / static_cast<double>(all);
  return result;
}

class OnnxVectors : public testing::Test {
 protected:
  void SetUp() override {
    const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
    folder_ = std::filesystem::path(root == nullptr ? "" : root) / "vectors/onnx_quantized";
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << folder_ << " is absent";
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".onnx") models_.push_back(entry.path());
    }
    std::ranges::sort(models_);
  }

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> models_;
};

TEST_F(OnnxVectors, AllOfThem) {
  int passed = 0;
  int named = 0;
  for (const auto& model : models_) {
    const std::string name = model.stem();
    const auto loaded = load(model, kernels::library());
    if (const auto why = refused.find(name); why != refused.end()) {
      EXPECT_FALSE(loaded) << name;
      EXPECT_THAT(loaded ? "imported" : loaded.error().message, HasSubstr(why->second)) << name;
      ++named;
      continue;
    }
    EXPECT_TRUE(loaded) << name << ": " << loaded.error().message;
    if (!loaded) continue;
    EXPECT_EQ(loaded->integer_graph.has_value(), name.starts_with("ort_"))
        << name << ": " << testing::PrintToString(loaded->warnings);
    if (loaded->integer_graph) {  // what the file says of its integers needs no quantiser
      LoadOptions import_only;
      import_only.quantise = false;
      const auto imported = load(model, kernels::library(), import_only);
      ASSERT_TRUE(imported && imported->integer_graph) << name;
      EXPECT_EQ(kernels::serialise(*imported->integer_graph), kernels::serialise(*loaded->integer_graph)) << name;
    }
    const bool said = std::ranges::any_of(loaded->warnings, [](const std::string& warning) {
      return warning.find("rounded where the file rounds") != std::string::npos;
    });
    EXPECT_EQ(said, partly_quantised.contains(name)) << name;
    auto arrays = read_npz(folder_ / (name + ".npz"));
    const Difference difference = differ(loaded->runnable(), arrays);
    fmt::print("{}: {} {:.3f}, equal {:.1f} %\n", name, loaded->integer_graph ? "steps" : "of the allowance",
               difference.worst, 100 * difference.equal);
    const double allowed = further.contains(name) ? further.at(name) : 1.001;
    EXPECT_LE(difference.worst, loaded->integer_graph ? allowed : 1) << name;
    EXPECT_GE(difference.equal, 0.5) << name;
    ++passed;
  }
  fmt::print("onnx_quantized: {} of {} models imported and within tolerance, {} refused by the named error\n", passed,
             models_.size(), named);
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
