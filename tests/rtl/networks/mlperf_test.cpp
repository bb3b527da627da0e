// MLPerf Tiny's ResNet-8 and DS-CNN, trained, complete in SystemVerilog: with the integers that their TensorFlow Lite
// files state, and with those of our own quantisation.
#include <gtest/gtest.h>

#include "kernels/library/library.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/rtl/networks/network.hpp"

namespace algean::rtl {
namespace {

constexpr std::size_t inferences = 10;

Tensor read(const fs::path& path) {
  auto arrays = read_arrays(path);
  EXPECT_TRUE(arrays.has_value()) << arrays.error().message;
  return arrays ? std::move(arrays->front().tensor) : Tensor();
}

// All elements of an integer array as scale * (element - zero).
Tensor reals(const Tensor& integers, double scale, int zero) {
  Tensor result({ElementType::float32(), integers.shape()});
  const auto to = result.elements<float>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<float>(scale * static_cast<double>(integers.integer_at(i) - zero));
  }
  return result;
}

// The first inferences of an array, in the shape of the graph's input.
std::vector<Tensor> first(const Tensor& array, const kernels::Graph& graph) {
  const TensorType type{ElementType::float32(), graph.values[graph.inputs[0].value].type.shape};
  const auto size = static_cast<std::size_t>(type.shape.elements());
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < inferences; ++i)
    result.emplace_back(type, array.elements<float>().subspan(i * size, size));
  return result;
}

struct Case {
  const char* name;
  const char* model;
  bool quantised;  // by the file
  std::int64_t interval;
  Shape input;  // of an inference, as the file has it
  Tensor (*inputs)();
};

Tensor pictures() { return reals(read(*shared_models() / "cifar10_test100" / "images_u8_nhwc.npy"), 1, 0); }
Tensor sounds() { return reals(read(*shared_models() / "mlperf_tiny_kws_dscnn" / "inputs_i8.npy"), 0.5847029, 83); }

class MlperfTiny : public ::testing::TestWithParam<Case> {};

TEST_P(MlperfTiny, CompleteInHardware) {
  if (!shared_models()) GTEST_SKIP() << "../shared/models is absent";
  const Tensor inputs = GetParam().inputs();
  partitioner::LoadOptions options;
  const fs::path calibration = build_folder() / (std::string(GetParam().name) + "_inputs.npy");
  if (!GetParam().quantised) {
    fs::create_directories(build_folder());
    std::vector<std::int64_t> extents{inputs.shape()[0]};
    extents.insert(extents.end(), GetParam().input.extents().begin(), GetParam().input.extents().end());
    Tensor shaped = inputs;
    shaped.retype({inputs.type().element, Shape::make(extents).value()});
    ASSERT_TRUE(write_arrays(calibration, std::vector<NamedArray>{{"", shaped}}).has_value());
    options.calibration_inputs = calibration;
  }
  const auto loaded = load_network(*shared_models() / GetParam().model, options);
  ASSERT_TRUE(loaded.has_value());
  const kernels::Graph& graph = loaded->runnable();
  const auto run =
      run_network(GetParam().name, graph, GetParam().interval, vectors_of(graph, first(inputs, graph)), {});
  ASSERT_TRUE(run.has_value());
  print(GetParam().name, *run);
  EXPECT_EQ(run->run.inferences, static_cast<std::int64_t>(inferences));
  EXPECT_LE(run->design.interval, GetParam().interval);
  EXPECT_EQ(run->run.interval, static_cast<double>(run->design.interval));  // predicted = simulated
}

INSTANTIATE_TEST_SUITE_P(
    All, MlperfTiny,
    ::testing::Values(
        Case{"resnet8_tflite",
             "mlperf_tiny_ic_resnet8/pretrainedResnet_quant.tflite",
             true,
             100'000,
             {32, 32, 3},
             pictures},
        Case{"resnet8_scaled", "mlperf_tiny_ic_resnet8/pretrainedResnet.h5", false, 100'000, {32, 32, 3}, pictures},
        Case{"dscnn_tflite", "mlperf_tiny_kws_dscnn/kws_ref_model.tflite", true, 50'000, {49, 10, 1}, sounds},
        Case{"dscnn_scaled", "mlperf_tiny_kws_dscnn/kws_w8_fp32act.onnx", false, 50'000, {1, 49, 10}, sounds}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace algean::rtl
