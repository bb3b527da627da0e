// Passes over convolutions, their padding, and transposes.
#include <gmock/gmock.h>

#include "networks.hpp"
#include "partitioner/passes/passes.hpp"
#include "same_function.hpp"

namespace algean::partitioner::testing {
namespace {

using ::testing::ElementsAre;
using Integers = std::vector<std::int64_t>;

// A layer of `operation` whose windows are 3 wide along each of the input's axes.
ValueId convolution(Network& net, const std::string& name, const std::string& operation, std::int64_t channels,
                    kernels::Attributes attributes = {}, bool with_bias = true) {
  const Shape& input = net.graph.values[net.at].type.shape;
  Integers weight{channels};
  for (std::size_t axis = 0; axis + 1 < input.rank(); ++axis) weight.push_back(3);
  weight.push_back(input.channels() / attributes.integer_or("groups", 1));
  LayerSpec spec{name, operation, std::move(attributes), {{"weight", net.uniform(*Shape::make(weight), 0.5)}}};
  if (with_bias) spec.constants["bias"] = net.uniform({channels}, 0.5);
  return net.add(std::move(spec));
}

ValueId add(Network& net, const std::string& name, ValueId other) {
  const ValueId to = net.graph.add_value(name, net.graph.values[net.at].type);
  net.graph.layers.push_back({{name, "add", {}, {}}, {other, net.at}, {to}});
  return net.at = to;
}

ValueId pad(Network& net, const std::string& name, Integers before, Integers after, kernels::Attributes more = {}) {
  more.set("before", std::move(before));
  more.set("after", std::move(after));
  return net.layer(name, "pad", std::move(more));
}

TEST(FoldBatchNorm, FoldsIntoEveryConvolutionBefore) {
  for (const char* operation : {"conv2d", "conv2d_transpose"}) {
    for (const std::int64_t groups : {1, 2, 4}) {
      SCOPED_TRACE(fmt::format("{} of {} groups", operation, groups));
      Network net(21, {6, 5, 4});
      convolution(net, "conv", operation, 8,
                  {{"groups", groups}, {"padding", Integers{1, 1, 1, 1}}, {"strides", Integers{2, 1}}}, groups != 2);
      net.batch_norm("bn");
      EXPECT_THAT(layer_names(after(fold_batch_norm, net.finish(), fold_tolerance)), ElementsAre("conv"));
    }
  }
  for (const char* operation : {"conv1d", "conv1d_transpose"}) {
    Network net(22, {7, 4});
    convolution(net, "conv", operation, 6);
    net.batch_norm("bn");
    EXPECT_THAT(layer_names(after(fold_batch_norm, net.finish(), fold_tolerance)), ElementsAre("conv")) << operation;
  }
}

TEST(FoldBatchNorm, FoldsIntoAConvolutionBehindThatDoesNotPad) {
  for (const std::int64_t groups : {1, 2, 4}) {
    Network net(23, {6, 5, 4});
    net.layer("relu1", "relu");
    net.batch_norm("bn");
    convolution(net, "conv", "conv2d", 8, {{"groups", groups}, {"dilations", Integers{1, 2}}});
    EXPECT_THAT(layer_names(after(fold_batch_norm, net.finish(), fold_tolerance)), ElementsAre("relu1", "conv"))
        << groups;
  }
  Network pads(24, {6, 5, 4});
  pads.layer("relu1", "relu");
  pads.batch_norm("bn");
  convolution(pads, "conv", "conv2d", 8, {{"padding", Integers{0, 0, 0, 1}}});
  EXPECT_THAT(layer_names(after(fold_batch_norm, pads.finish())), ElementsAre("relu1", "bn", "conv"))
      << "padding is 0 behind the batch_norm";
  Network transposed(24, {6, 5, 4});
  transposed.batch_norm("bn");
  convolution(transposed, "conv", "conv2d_transpose", 8);
  EXPECT_THAT(layer_names(after(fold_batch_norm, transposed.finish())), ElementsAre("bn", "conv"))
      << "at the edge fewer taps meet than inside";
}

TEST(FoldBatchNorm, LeavesWeightsThatTheFileQuantised) {
  Network net(25, {6, 5, 4});
  convolution(net, "conv", "conv2d", 2, {}, false);
  const ElementType type = ElementType::int8(Quantisation{{0.5, 0.25}, {0, 0}, 0});
  net.graph.layers[0].spec.constants["weight"] = std::make_shared<Tensor>(TensorType{type, {2, 3, 3, 4}});
  net.batch_norm("bn");
  Graph graph = net.finish();
  ASSERT_TRUE(fold_batch_norm(graph, library()).has_value());
  EXPECT_THAT(layer_names(graph), ElementsAre("conv", "bn"));
}

TEST(FuseRelu, FusesIntoConvolutionsAndJoins) {
  Network net(26, {6, 5, 4});
  convolution(net, "conv1", "conv2d", 4, {{"padding", Integers{1, 1, 1, 1}}});
  const ValueId skip = net.layer("relu_a", "relu", {{"max_value", 6.0}});
  convolution(net, "conv2", "conv2d", 4, {{"padding", Integers{1, 1, 1, 1}}});
  add(net, "sum", skip);
  net.layer("clip_b", "clip", {{"low", 0.0}, {"high", 6.0}});
  convolution(net, "up", "conv2d_transpose", 3);
  net.layer("relu_c", "relu");
  const Graph graph = after(fuse_relu, net.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("conv1", "conv2", "sum", "up"));
  EXPECT_THAT(value_names(graph), ElementsAre("x", "relu_a", "conv2", "clip_b", "relu_c"));
  EXPECT_EQ(spec_of(graph, "conv1").attributes.text_or("activation", ""), "relu6");
  EXPECT_EQ(spec_of(graph, "conv2").attributes.text_or("activation", ""), "");
  EXPECT_EQ(spec_of(graph, "sum").attributes.text_or("activation", ""), "relu6");
  EXPECT_EQ(spec_of(graph, "up").attributes.text_or("activation", ""), "relu");
}

TEST(FuseRelu, LeavesOtherBoundsAndLayersWithoutActivation) {
  Network bound(27, {6, 5, 4});
  convolution(bound, "conv", "conv2d", 4);
  bound.layer("relu5", "relu", {{"max_value", 5.0}});
  EXPECT_THAT(layer_names(after(fuse_relu, bound.finish())), ElementsAre("conv", "relu5"));
  Network clip(28, {6, 5, 4});
  convolution(clip, "conv", "conv2d", 4);
  clip.layer("clip1", "clip", {{"low", -0.5}, {"high", 6.0}});
  EXPECT_THAT(layer_names(after(fuse_relu, clip.finish())), ElementsAre("conv", "clip1"));
  Network moved(29, {6, 5, 4});
  moved.layer("turn", "transpose", {{"permutation", Integers{1, 0, 2}}});
  moved.layer("relu1", "relu");
  EXPECT_THAT(layer_names(after(fuse_relu, moved.finish())), ElementsAre("turn", "relu1"));
}

TEST(FoldPad, FoldsZerosIntoAllConvolutionsBehind) {
  Network net(30, {6, 5, 4});
  const ValueId padded = pad(net, "pad", {1, 2, 0}, {0, 1, 0});
  net.output("a", convolution(net, "conv1", "conv2d", 4, {{"strides", Integers{2, 2}}}));
  net.at = padded;
  convolution(net, "conv2", "conv2d", 3, {{"padding", Integers{1, 0, 0, 1}}});
  const Graph graph = after(fold_pad, net.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("conv1", "conv2"));
  EXPECT_EQ(*spec_of(graph, "conv1").attributes.integers("padding"), (Integers{1, 2, 0, 1}));
  EXPECT_EQ(*spec_of(graph, "conv2").attributes.integers("padding"), (Integers{2, 2, 0, 2}));
}

TEST(FoldPad, FoldsIntoPoolsThatComputeTheSame) {
  const kernels::Attributes window = {{"window", Integers{3, 3}}, {"strides", Integers{2, 2}}};
  Network max(31, {6, 5, 4});
  max.layer("relu1", "relu");
  pad(max, "pad", {1, 1, 0}, {1, 1, 0});
  max.layer("pool", "max_pool2d", window);
  EXPECT_THAT(layer_names(after(fold_pad, max.finish())), ElementsAre("relu1", "pool"));
  Network below(32, {6, 5, 4});  // a window of negative numbers and padding has the maximum 0
  pad(below, "pad", {1, 1, 0}, {1, 1, 0});
  below.layer("pool", "max_pool2d", window);
  EXPECT_THAT(layer_names(after(fold_pad, below.finish())), ElementsAre("pad", "pool"));
  Network outside(33, {6, 5, 4});  // a window of padding only
  outside.layer("relu1", "relu");
  pad(outside, "pad", {3, 3, 0}, {3, 3, 0});
  outside.layer("pool", "max_pool2d", window);
  EXPECT_THAT(layer_names(after(fold_pad, outside.finish())), ElementsAre("relu1", "pad", "pool"));
  Network average(34, {6, 5, 4});
  pad(average, "pad", {1, 1, 0}, {1, 1, 0});
  average.layer("pool", "average_pool2d", window);
  EXPECT_THAT(layer_names(after(fold_pad, average.finish(), 1e-6)), ElementsAre("pool"));
}

TEST(FoldPad, LeavesWhatIsNoPadding) {
  const auto kept = [](Integers before, Integers behind, kernels::Attributes more) {
    Network net(35, {6, 5, 4});
    pad(net, "pad", std::move(before), std::move(behind), std::move(more));
    convolution(net, "conv", "conv2d", 4);
    return layer_names(after(fold_pad, net.finish()));
  };
  EXPECT_THAT(kept({1, 1, 0}, {1, 1, 0}, {{"value", 0.5}}), ElementsAre("pad", "conv"));
  EXPECT_THAT(kept({1, 1, 1}, {1, 1, 0}, {}), ElementsAre("pad", "conv")) << "channels";
  EXPECT_THAT(kept({1, 1, 0}, {1, 1, 0}, {{"mode", std::string("reflect")}}), ElementsAre("pad", "conv"));
  Network other(36, {6, 5, 4});
  const ValueId padded = pad(other, "pad", {1, 1, 0}, {1, 1, 0});
  other.output("a", convolution(other, "conv", "conv2d", 4));
  other.at = padded;
  other.layer("tanh1", "tanh");
  EXPECT_THAT(layer_names(after(fold_pad, other.finish())), ElementsAre("pad", "conv", "tanh1"));
}

TEST(MergeTransposes, MergesAndCancels) {
  Network net(37, {3, 4, 5});
  net.layer("a", "transpose", {{"permutation", Integers{2, 0, 1}}});
  net.layer("b", "transpose", {{"permutation", Integers{0, 2, 1}}});
  net.layer("tanh1", "tanh");
  const Graph merged = after(merge_transposes, net.finish());
  EXPECT_THAT(layer_names(merged), ElementsAre("b", "tanh1"));
  EXPECT_EQ(*spec_of(merged, "b").attributes.integers("permutation"), (Integers{2, 1, 0}));

  Network back(38, {3, 4, 5});
  back.layer("tanh1", "tanh");
  const ValueId turned = back.layer("a", "transpose", {{"permutation", Integers{2, 0, 1}}});
  back.layer("b", "transpose", {{"permutation", Integers{1, 2, 0}}});
  back.layer("tanh2", "tanh");
  back.output("turned", turned);  // which another reads
  Graph graph = back.finish();
  graph = after(merge_transposes, graph);
  EXPECT_EQ(spec_of(graph, "b").operation, "reshape");
  EXPECT_THAT(layer_names(after(remove_reshape, graph)), ElementsAre("tanh1", "a", "tanh2"));
}

TEST(MergeTransposes, MakesAReshapeOfWhatMovesNoElement) {
  Network net(39, {1, 4, 5});
  net.layer("a", "transpose", {{"permutation", Integers{1, 2, 0}}});
  net.layer("tanh1", "tanh");
  const Graph graph = after(merge_transposes, net.finish());
  EXPECT_EQ(spec_of(graph, "a").operation, "reshape");
  Network moves(40, {2, 4, 5});
  moves.layer("a", "transpose", {{"permutation", Integers{1, 2, 0}}});
  EXPECT_EQ(spec_of(after(merge_transposes, moves.finish()), "a").operation, "transpose");
}

// A residual block as ResNet has it: everything folds into three convolutions and a join.
TEST(Simplify, LeavesConvolutionsAndJoinsOfAResidualBlock) {
  Network net(41, {8, 8, 4});
  pad(net, "pad", {1, 1, 0}, {1, 1, 0});
  convolution(net, "conv1", "conv2d", 4);
  net.batch_norm("bn1");
  const ValueId skip = net.layer("relu1", "relu");
  convolution(net, "conv2", "conv2d", 4, {{"padding", Integers{1, 1, 1, 1}}});
  net.batch_norm("bn2");
  net.layer("relu2", "relu");
  convolution(net, "conv3", "conv2d", 4, {{"padding", Integers{1, 1, 1, 1}}});
  net.batch_norm("bn3");
  add(net, "sum", skip);
  net.layer("relu3", "relu");
  const Graph before = net.finish();
  Graph graph = before;
  const auto done = simplify(graph, library());
  ASSERT_TRUE(done.has_value()) << done.error().message;
  expect_same_function(before, graph, fold_tolerance);
  EXPECT_THAT(layer_names(graph), ElementsAre("conv1", "conv2", "conv3", "sum"));
}

}  // namespace
}  // namespace algean::partitioner::testing
