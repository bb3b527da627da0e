// Single layers of every family, by C simulation of what is generated for them.
#include <gtest/gtest.h>

#include "kernels/library/library.hpp"
#include "tests/hls/harness.hpp"

namespace algean::hls_tests {
namespace {

const std::vector<std::string> arithmetics{"scaled", "tflite"};

TensorType x_of(Shape shape) { return codes(std::move(shape), 0.05, -3); }
TensorType y_of(Shape shape) { return codes(std::move(shape), 0.11, 9); }

TEST(HlsLayers, Matrices) {
  Layers layers;
  for (const std::string arithmetic : {"scaled", "tflite", "tflite_double"}) {
    layers.add("dense", {{"activation", "relu"}}, {x_of({13})}, {y_of({7})}, arithmetic,
               {{"weight", reals({7, 13})}, {"bias", reals({7}, 2)}}, {0, 4, 1});
  }
  layers.add("dense", {}, {x_of({2, 3, 5})}, {y_of({2, 3, 6})}, "scaled", {{"weight", reals({6, 5})}}, {0, 12});
  for (const std::string& arithmetic : arithmetics) {
    layers.add("conv2d", {{"strides", List{2, 1}}, {"padding", List{1, 0, 1, 2}}}, {x_of({7, 6, 3})}, {y_of({4, 6, 5})},
               arithmetic, {{"weight", reals({5, 3, 3, 3})}, {"bias", reals({5}, 2)}}, {0, 300, 100, 1});
    layers.add("conv2d", {{"groups", std::int64_t{6}}, {"padding", List{1, 1, 1, 1}}}, {x_of({5, 4, 6})},
               {y_of({5, 4, 12})}, arithmetic, {{"weight", reals({12, 3, 3, 1})}, {"bias", reals({12}, 2)}},
               {0, 400, 1});
  }
  const Constants pointwise{{"weight", reals({9, 1, 1, 7})}, {"bias", reals({9}, 2)}};
  layers.add("conv2d", {}, {x_of({3, 4, 7})}, {y_of({3, 4, 9})}, "scaled", pointwise, {0, 60, 1});
  layers.add("conv2d", {{"strides", List{2, 2}}}, {x_of({5, 5, 7})}, {y_of({3, 3, 9})}, "scaled", pointwise, {0, 60});
  layers.add("conv2d", {{"dilations", List{2, 3}}, {"padding", List{0, 3, 2, 0}}}, {x_of({9, 8, 4})}, {y_of({7, 5, 3})},
             "scaled", {{"weight", reals({3, 3, 3, 4})}}, {0, 500});
  layers.add("conv2d", {{"groups", std::int64_t{2}}}, {x_of({4, 5, 6})}, {y_of({3, 4, 4})}, "scaled",
             {{"weight", reals({4, 2, 2, 3})}, {"bias", reals({4})}}, {0, 100, 1});
  layers.add("conv1d", {{"strides", List{3}}, {"padding", List{2, 4}}}, {x_of({11, 3})}, {y_of({5, 4})}, "tflite",
             {{"weight", reals({4, 4, 3})}, {"bias", reals({4})}}, {0, 1});
  layers.add("conv1d", {{"groups", std::int64_t{3}}}, {x_of({6, 3})}, {y_of({5, 3})}, "scaled",
             {{"weight", reals({3, 2, 1})}}, {0, 1});
  layers.add("conv2d_transpose", {{"strides", List{2, 3}}, {"padding", List{1, 0, 0, 1}}}, {x_of({3, 4, 3})},
             {y_of({6, 10, 5})}, "scaled", {{"weight", reals({5, 3, 2, 3})}, {"bias", reals({5})}}, {0, 1});
  layers.add("conv1d_transpose", {{"strides", List{2}}, {"padding", List{3, -1}}}, {x_of({5, 4})}, {y_of({7, 2})},
             "tflite", {{"weight", reals({2, 1, 4})}}, {0, 1});
  layers.run("matrices");
}

TEST(HlsLayers, TwoOperandsAndFunctions) {
  Layers layers;
  const Shape shape{2, 3, 7};
  const TensorType a = codes(shape, 0.031, -7), b = codes(shape, 0.024, 12), y = codes(shape, 0.047, 3);
  for (const std::string& arithmetic : arithmetics) {
    layers.add("add", {}, {a, b}, {y}, arithmetic);
    layers.add("subtract", {{"activation", "relu"}}, {a, b}, {y}, arithmetic);
    layers.add("multiply", {{"activation", "relu6"}}, {a, b}, {y}, arithmetic);
    layers.add("maximum", {}, {a, b}, {y}, arithmetic);
    layers.add("minimum", {}, {a, a}, {a}, arithmetic);
    layers.add("subtract", {}, {a, codes({1, 1, 7}, 0.024, 12)}, {y}, arithmetic);
    layers.add("subtract", {}, {codes({7}, 0.024, 12), a}, {y}, arithmetic);
    layers.add("subtract", {{"reversed", std::int64_t{1}}}, {a}, {y}, arithmetic, {{"operand", reals({7})}});
    layers.add("add", {}, {a}, {y}, arithmetic, {{"operand", reals(shape)}});
    layers.add("multiply", {}, {a}, {y}, arithmetic, {{"operand", reals({1})}});
    layers.add("prelu", {}, {a}, {y}, arithmetic, {{"slope", reals({7})}});
    layers.add("prelu", {}, {a}, {y}, arithmetic, {{"slope", reals(shape)}});
    layers.add("tanh", {}, {a}, {codes(shape, 1.0 / 128, 0)}, arithmetic);
    for (const std::int64_t n : {1, 2, 10, 33}) {
      layers.add("softmax", {}, {codes({3, n}, 0.08, 5)}, {codes({3, n}, 1.0 / 256, -128)}, arithmetic);
    }
    layers.add("softmax", {{"beta", 2.5}}, {codes({4}, 0.3, 0)}, {codes({4}, 1.0 / 256, -128)}, arithmetic);
  }
  layers.add("average", {}, {a, b}, {y}, "scaled");
  layers.add("log_softmax", {}, {codes({3, 10}, 0.08, 5)}, {codes({3, 10}, 0.1, 100)});
  layers.add("log_softmax", {}, {codes({40}, 0.01, 5)}, {codes({40}, 0.05, 127)});
  layers.add("requantise", {}, {a}, {{ElementType::integer(8, false, Quantisation::per_tensor(0.03, 120)), shape}},
             "scaled");
  layers.add(
      "batch_norm", {{"epsilon", 0.01}}, {a}, {y}, "scaled",
      {{"gamma", reals({7})},
       {"beta", reals({7})},
       {"mean", reals({7})},
       {"variance", std::make_shared<const Tensor>(TensorType{ElementType::float32(), Shape{7}},
                                                   std::span<const float>(std::vector<float>{1, 2, 3, 4, 5, 6, 7}))}});
  layers.run("elements");
}

TEST(HlsLayers, PoolsAndReductions) {
  Layers layers;
  const TensorType x = x_of({6, 5, 7});
  for (const std::string& arithmetic : arithmetics) {
    const auto like = [&](Shape shape) {
      return arithmetic == "scaled" ? y_of(std::move(shape)) : x_of(std::move(shape));
    };
    layers.add("average_pool2d", {{"window", List{2, 2}}, {"strides", List{2, 2}}}, {x}, {like({3, 2, 7})}, arithmetic,
               {}, {0, 40, 1});
    layers.add("average_pool2d", {{"window", List{3, 3}}, {"padding", List{1, 1, 1, 1}}, {"activation", "relu"}}, {x},
               {like({6, 5, 7})}, arithmetic);
    layers.add("average_pool2d", {{"window", List{6, 5}}}, {x}, {like({1, 1, 7})}, arithmetic);
    layers.add("average_pool1d", {{"window", List{4}}, {"strides", List{3}}}, {x_of({13, 3})}, {like({4, 3})},
               arithmetic);
    layers.add("reduce_mean", {{"axes", List{0, 1}}}, {x}, {y_of({7})}, arithmetic);
    layers.add("reduce_mean", {{"axes", List{0, 1, 2}}}, {x}, {y_of({})}, arithmetic);
    layers.add("reduce_sum", {{"axes", List{1}}, {"keep_axes", std::int64_t{1}}}, {x}, {y_of({6, 1, 7})}, arithmetic);
    layers.add("reduce_mean", {{"axes", List{2}}}, {x}, {y_of({6, 5})}, arithmetic);
  }
  layers.add("average_pool2d", {{"window", List{3, 2}}, {"rounding", "half_up"}, {"padding", List{0, 1, 0, 0}}}, {x},
             {x_of({4, 5, 7})}, "tflite");
  layers.add("average_pool2d",
             {{"window", List{3, 3}}, {"padding", List{1, 1, 1, 1}}, {"count_padding", std::int64_t{1}}}, {x},
             {y_of({6, 5, 7})}, "scaled");
  layers.add("max_pool2d", {{"window", List{3, 3}}, {"strides", List{2, 2}}, {"padding", List{0, 0, 1, 1}}}, {x},
             {x_of({3, 2, 7})}, "", {}, {0, 60, 1});
  layers.add("max_pool2d", {{"window", List{2, 3}}, {"dilations", List{2, 1}}, {"activation", "relu"}}, {x},
             {x_of({4, 3, 7})});
  layers.add("max_pool1d", {{"window", List{3}}, {"strides", List{2}}}, {x_of({11, 5})}, {x_of({5, 5})});
  layers.add("max_pool2d", {{"window", List{6, 5}}}, {x}, {x_of({1, 1, 7})});
  layers.add("reduce_max", {{"axes", List{0}}}, {x}, {x_of({5, 7})});
  layers.add("reduce_min", {{"axes", List{1, 2}}}, {x}, {x_of({6})});
  const auto indices = [](Shape shape) {
    return TensorType{ElementType::int32(Quantisation::per_tensor(1, 0)), std::move(shape)};
  };
  layers.add("arg_max", {{"axes", List{0}}}, {x_of({10})}, {indices({})});
  layers.add("arg_max", {{"axes", List{2}}}, {x}, {indices({6, 5})});
  layers.add("arg_max", {{"axes", List{0}}}, {x}, {indices({5, 7})});
  for (const std::string operation : {"mean_squared_error", "kl_divergence"}) {
    const kernels::LayerSpec layer{operation, operation, {{"axes", List{0, 1, 2}}}, {}};
    const std::vector<TensorType> inputs{x, codes({6, 5, 7}, 0.017, 4)};
    const auto type = kernels::find_family(kernels::library(), operation)->fixed_output(layer, inputs);
    ASSERT_TRUE(type.has_value()) << operation;
    layers.add(operation, {{"axes", List{0, 1, 2}}}, inputs, {{*type, Shape{}}}, "scaled");
  }
  layers.run("pools");
}

TEST(HlsLayers, Movements) {
  Layers layers;
  const TensorType x = x_of({4, 6, 5});
  for (const std::string& arithmetic : arithmetics) {
    layers.add("concat", {{"axis", std::int64_t{2}}},
               {codes({2, 3, 4}, 0.04, 7), x_of({2, 3, 8}), codes({2, 3, 6}, 0.01, 0)}, {x_of({2, 3, 18})}, arithmetic);
  }
  layers.add("concat", {{"axis", std::int64_t{2}}}, {x_of({2, 3, 3}), x_of({2, 3, 4})}, {x_of({2, 3, 7})});
  layers.add("concat", {{"axis", std::int64_t{0}}}, {x_of({2, 3, 5}), x_of({1, 3, 5})}, {x_of({3, 3, 5})});
  layers.add("concat", {{"axis", std::int64_t{1}}}, {x_of({2, 1, 5}), x_of({2, 3, 5})}, {x_of({2, 4, 5})});
  layers.add("split", {{"axis", std::int64_t{2}}, {"sizes", List{4, 2, 6}}}, {x_of({2, 3, 12})},
             {x_of({2, 3, 4}), x_of({2, 3, 2}), x_of({2, 3, 6})});
  layers.add("split", {{"axis", std::int64_t{1}}, {"sizes", List{1, 2}}}, {x_of({2, 3, 5})},
             {x_of({2, 1, 5}), x_of({2, 2, 5})});
  layers.add("pad", {{"before", List{1, 2, 0}}, {"after", List{3, 0, 0}}, {"value", 0.5}}, {x}, {x_of({8, 8, 5})});
  layers.add("pad", {{"before", List{2, 0}}, {"after", List{1, 0}}}, {x_of({6, 5})}, {x_of({9, 5})});
  layers.add("pad", {{"before", List{0, 0, 1}}, {"after", List{1, 0, 2}}, {"value", -1.0}}, {x}, {x_of({5, 6, 8})});
  layers.add("pad", {{"before", List{1, 2, 0}}, {"after", List{1, 1, 0}}, {"mode", "reflect"}}, {x}, {x_of({6, 9, 5})});
  layers.add("transpose", {{"permutation", List{2, 0, 1}}}, {x}, {x_of({5, 4, 6})});
  layers.add("slice", {{"begin", List{3, 1, 0}}, {"end", List{-1, 6, 5}}, {"strides", List{-2, 2, 1}}}, {x},
             {x_of({2, 3, 5})});
  layers.add("tile", {{"repeats", List{2, 1, 3}}}, {x_of({2, 3, 4})}, {x_of({4, 3, 12})});
  const auto indices = std::make_shared<const Tensor>(
      TensorType{ElementType::int32(), Shape{3}}, std::span<const std::int32_t>(std::vector<std::int32_t>{5, 0, 0}));
  layers.add("gather", {{"axis", std::int64_t{1}}}, {x}, {x_of({4, 3, 5})}, "", {{"indices", indices}});
  layers.add("depth_to_space", {{"block", std::int64_t{2}}}, {x_of({2, 3, 12})}, {x_of({4, 6, 3})});
  layers.add("space_to_depth", {{"block", std::int64_t{2}}, {"mode", "CRD"}}, {x}, {x_of({2, 3, 20})});
  layers.add("resize", {{"size", List{8, 12}}, {"coordinates", "asymmetric"}}, {x}, {x_of({8, 12, 5})}, "", {},
             {0, 200});
  layers.add("resize", {{"size", List{9}}, {"coordinates", "asymmetric"}}, {x_of({3, 5})}, {x_of({9, 5})});
  layers.add("resize", {{"size", List{7, 9}}}, {x}, {x_of({7, 9, 5})});
  layers.add("reshape", {{"shape", List{24, 5}}}, {x}, {x_of({24, 5})});
  layers.add("reshape", {{"shape", List{120}}}, {x}, {x_of({120})});
  layers.add("reshape", {{"shape", List{4, 30}}}, {x}, {x_of({4, 30})}, "", {}, {0, 30});
  layers.run("movements");
}

// What has no HLS is refused by layer, operation and reason.
TEST(HlsRefusals, NameLayerAndReason) {
  const auto refusal = [](const std::string& operation, const kernels::Attributes& attributes,
                          const std::vector<TensorType>& inputs, const TensorType& output) {
    kernels::LayerSpec layer{"mine", operation, attributes, {}};
    const auto integer = kernels::find_family(kernels::library(), operation)->quantise(layer, inputs, {&output, 1});
    EXPECT_TRUE(integer.has_value()) << operation << integer.error().message;
    kernels::Graph graph;
    kernels::Layer added{*integer, {}, {}};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      added.inputs.push_back(graph.add_value(fmt::format("in{}", i), inputs[i]));
      graph.inputs.push_back({fmt::format("in{}", i), added.inputs.back(), ExternalForm::integer});
    }
    added.outputs.push_back(graph.add_value("out", output));
    graph.outputs.push_back({"out", added.outputs.back(), ExternalForm::integer});
    graph.layers.push_back(std::move(added));
    const auto foldings = kernels::choose_hls_foldings(graph, kernels::library(), 0);
    EXPECT_FALSE(foldings.has_value());
    EXPECT_EQ(foldings.error().kind, ErrorKind::bad_input);
    return foldings.error().message;
  };
  EXPECT_EQ(refusal("matmul", {}, {x_of({4, 5}), x_of({5, 6})}, y_of({4, 6})),
            "layer 'mine': operation 'matmul' has no HLS C++");
  EXPECT_EQ(refusal("resize", {{"mode", "bilinear"}, {"size", List{8, 12}}}, {x_of({4, 6, 5})}, x_of({8, 12, 5})),
            "layer 'mine': mode 'bilinear': HLS resizes by the nearest element");
  EXPECT_EQ(refusal("reduce_max", {{"axes", List{0, 2}}}, {x_of({4, 6, 5})}, x_of({6})),
            "layer 'mine': attribute 'axes': HLS reduces axes of [4,6,5] that lie side by side");
  EXPECT_EQ(
      refusal("add", {}, {x_of({4, 6, 5}), x_of({4, 1, 5})}, y_of({4, 6, 5})),
      "layer 'mine': operands [4,6,5] and [4,1,5]: HLS takes two of the output's shape [4,6,5], or one of them and one "
      "row of it");
}

}  // namespace
}  // namespace algean::hls_tests
