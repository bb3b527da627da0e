#include <gmock/gmock.h>

#include <limits>

#include "networks.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/passes.hpp"
#include "same_function.hpp"

namespace algean::partitioner::testing {
namespace {

using ::testing::ElementsAre;

TEST(FloatPasses, ListHasEachPassOnce) {
  std::vector<std::string_view> names;
  for (const Pass& pass : float_passes()) names.push_back(pass.name);
  EXPECT_THAT(names, ElementsAre("remove_dead", "merge_transposes", "remove_reshape", "fold_batch_norm", "fuse_relu",
                                 "fold_pad", "fuse_scores"));
}

TEST(RemoveDead, RemovesWhatNoOutputNeeds) {
  Network net(1, {4});
  const ValueId fc1 = net.dense("fc1", 5);
  net.dense("unused", 3);
  net.layer("unused_relu", "relu");
  net.at = fc1;
  net.dense("fc2", 2);
  const Graph graph = after(remove_dead, net.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("fc1", "fc2"));
  EXPECT_THAT(value_names(graph), ElementsAre("x", "fc1", "fc2"));
}

TEST(FuseRelu, FusesAPlainReluAndKeepsItsName) {
  Network net(2, {4});
  net.dense("fc1", 5);
  net.layer("relu1", "relu");
  net.dense("fc2", 2);
  const Graph graph = after(fuse_relu, net.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("fc1", "fc2"));
  EXPECT_THAT(value_names(graph), ElementsAre("x", "relu1", "fc2"));
  EXPECT_EQ(spec_of(graph, "fc1").attributes.text_or("activation", ""), "relu");
}

TEST(FuseRelu, TakesAttributesThatChangeNothing) {
  Network net(2, {4});
  net.dense("fc1", 5);
  net.layer("relu1", "relu", {{"negative_slope", 0.0}, {"threshold", std::int64_t{0}}});
  EXPECT_THAT(layer_names(after(fuse_relu, net.finish())), ElementsAre("fc1"));
}

TEST(FuseRelu, LeavesWhatItMayNotFuse) {
  for (const char* attribute : {"max_value", "negative_slope", "threshold"}) {
    Network net(3, {4});
    net.dense("fc1", 5);
    net.layer("relu1", "relu", {{attribute, 0.125}});
    EXPECT_THAT(layer_names(after(fuse_relu, net.finish())), ElementsAre("fc1", "relu1")) << attribute;
  }
  Network output(4, {4});
  output.output("raw", output.dense("fc1", 5));
  output.layer("relu1", "relu");
  EXPECT_THAT(layer_names(after(fuse_relu, output.finish())), ElementsAre("fc1", "relu1"));

  Network readers(5, {4});
  const ValueId fc1 = readers.dense("fc1", 5);
  readers.output("a", readers.layer("relu1", "relu"));
  readers.at = fc1;
  readers.layer("tanh1", "tanh");
  EXPECT_THAT(layer_names(after(fuse_relu, readers.finish())), ElementsAre("fc1", "relu1", "tanh1"));

  Network twice(6, {4});
  twice.dense("fc1", 5);
  twice.layer("relu1", "relu");
  twice.layer("relu2", "relu");
  EXPECT_THAT(layer_names(after(fuse_relu, twice.finish())), ElementsAre("fc1", "relu2"));
}

TEST(FoldBatchNorm, FoldsIntoTheDenseBefore) {
  Network net(7, {4});
  net.dense("fc1", 5, false);
  net.batch_norm("bn1");
  net.layer("relu1", "relu");
  const Graph graph = after(fold_batch_norm, net.finish(), fold_tolerance);
  EXPECT_THAT(layer_names(graph), ElementsAre("fc1", "relu1"));
  EXPECT_THAT(value_names(graph), ElementsAre("x", "bn1", "relu1"));
}

TEST(FoldBatchNorm, ComputesInBinary64AndRoundsOnce) {
  Graph graph;
  const ValueId x = graph.add_value("x", {ElementType::float32(), {1}});
  const ValueId h = graph.add_value("h", {ElementType::float32(), {1}});
  const ValueId y = graph.add_value("y", {ElementType::float32(), {1}});
  graph.inputs = {{"x", x, ExternalForm::float32}};
  graph.outputs = {{"y", y, ExternalForm::float32}};
  const auto one = [](float value) { return floats({1}, {value}); };
  graph.layers = {{{"fc", "dense", {}, {{"weight", floats({1, 1}, {0.3F})}, {"bias", one(0.7F)}}}, {x}, {h}},
                  {{"bn",
                    "batch_norm",
                    {{"epsilon", 0.001}},
                    {{"gamma", one(1.1F)}, {"beta", one(-0.2F)}, {"mean", one(0.9F)}, {"variance", one(2.3F)}}},
                   {h},
                   {y}}};
  ASSERT_TRUE(fold_batch_norm(graph, library()).has_value());
  const double factor = double{1.1F} / std::sqrt(double{2.3F} + 0.001);
  const LayerSpec& fc = spec_of(graph, "fc");
  EXPECT_EQ(fc.required("weight").elements<float>()[0], static_cast<float>(factor * double{0.3F}));
  EXPECT_EQ(fc.required("bias").elements<float>()[0],
            static_cast<float>(factor * double{0.7F} + (double{-0.2F} - factor * double{0.9F})));
}

TEST(FoldBatchNorm, FoldsIntoTheDenseBehind) {
  Network relu(8, {4});
  relu.dense("fc1", 5);
  relu.layer("relu1", "relu");
  relu.batch_norm("bn1");
  relu.dense("fc2", 3, false);
  const Graph behind_relu = after(fold_batch_norm, relu.finish(), fold_tolerance);
  EXPECT_THAT(layer_names(behind_relu), ElementsAre("fc1", "relu1", "fc2"));
  EXPECT_THAT(value_names(behind_relu), ElementsAre("x", "fc1", "relu1", "fc2"));

  Network input(9, {3, 4});
  input.batch_norm("bn1");
  input.dense("fc1", 6);
  EXPECT_THAT(layer_names(after(fold_batch_norm, input.finish(), fold_tolerance)), ElementsAre("fc1"));

  Network fused(10, {4});
  fused.dense("fc1", 5);
  fused.graph.layers[0].spec.attributes.set("activation", std::string("relu"));
  fused.batch_norm("bn1");
  fused.dense("fc2", 3);
  EXPECT_THAT(layer_names(after(fold_batch_norm, fused.finish(), fold_tolerance)), ElementsAre("fc1", "fc2"));
}

TEST(FoldBatchNorm, FoldsIntoAllReadersAndThroughReshapes) {
  Network readers(11, {4});
  const ValueId bn = readers.batch_norm("bn1");
  readers.output("a", readers.dense("fc1", 5));
  readers.at = bn;
  readers.dense("fc2", 3);
  EXPECT_THAT(layer_names(after(fold_batch_norm, readers.finish(), fold_tolerance)), ElementsAre("fc1", "fc2"));

  Network reshaped(12, {3, 4});
  reshaped.batch_norm("bn1");
  reshaped.reshape("flatten", {12});
  reshaped.dense("fc1", 5);
  EXPECT_THAT(layer_names(after(fold_batch_norm, reshaped.finish(), fold_tolerance)), ElementsAre("flatten", "fc1"));

  Network split(13, {12});  // a row of 4 does not begin at channel 0
  split.batch_norm("bn1");
  split.reshape("split", {3, 4});
  split.dense("fc1", 5);
  EXPECT_THAT(layer_names(after(fold_batch_norm, split.finish())), ElementsAre("bn1", "split", "fc1"));
}

TEST(FoldBatchNorm, FoldsSeveralInARow) {
  Network before(14, {4});
  before.dense("fc1", 5);
  before.batch_norm("bn1");
  before.batch_norm("bn2");
  EXPECT_THAT(layer_names(after(fold_batch_norm, before.finish(), fold_tolerance)), ElementsAre("fc1"));
  Network behind(15, {4});
  behind.batch_norm("bn1");
  behind.batch_norm("bn2");
  behind.dense("fc1", 5);
  EXPECT_THAT(layer_names(after(fold_batch_norm, behind.finish(), fold_tolerance)), ElementsAre("fc1"));
}

TEST(FoldBatchNorm, LeavesWhatHasNoNeighbour) {
  Network last(16, {4});
  last.dense("fc1", 5);
  last.layer("relu1", "relu");
  last.batch_norm("bn1");
  EXPECT_THAT(layer_names(after(fold_batch_norm, last.finish())), ElementsAre("fc1", "relu1", "bn1"));

  Network output(17, {4});
  output.output("raw", output.dense("fc1", 5));
  output.batch_norm("bn1");
  output.layer("tanh1", "tanh");
  EXPECT_THAT(layer_names(after(fold_batch_norm, output.finish())), ElementsAre("fc1", "bn1", "tanh1"));

  Network mixed(18, {4});  // one of two readers is no dense layer
  const ValueId bn = mixed.batch_norm("bn1");
  mixed.output("a", mixed.dense("fc1", 5));
  mixed.at = bn;
  mixed.layer("tanh1", "tanh");
  EXPECT_THAT(layer_names(after(fold_batch_norm, mixed.finish())), ElementsAre("bn1", "fc1", "tanh1"));
}

TEST(FoldBatchNorm, NamesWhatOverflows) {
  Network net(19, {1});
  net.dense("fc1", 1);
  net.graph.layers[0].spec.constants["weight"] = floats({1, 1}, {1e30F});
  net.add({"bn1",
           "batch_norm",
           {{"epsilon", 0.0}},
           {{"gamma", floats({1}, {1e30F})},
            {"beta", floats({1}, {0})},
            {"mean", floats({1}, {0})},
            {"variance", floats({1}, {1})}}});
  Graph graph = net.finish();
  const auto done = simplify(graph, library());
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(
      done.error().message,
      ::testing::StartsWith("fold_batch_norm: layer 'bn1': folded into the weight of 'fc1': element 0 becomes 1"));
}

TEST(RemoveReshape, RemovesWhatChangesNothing) {
  Network middle(20, {4});
  middle.dense("fc1", 5);
  middle.reshape("same", {5});
  middle.dense("fc2", 3);
  const Graph graph = after(remove_reshape, middle.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("fc1", "fc2"));

  Network last(21, {4});
  last.dense("fc1", 5);
  last.reshape("same", {5});
  const Graph at_output = after(remove_reshape, last.finish());
  EXPECT_THAT(layer_names(at_output), ElementsAre("fc1"));
  EXPECT_THAT(value_names(at_output), ElementsAre("x", "same"));

  Network only(22, {4});
  only.reshape("same", {4});
  EXPECT_THAT(layer_names(after(remove_reshape, only.finish())), ElementsAre("same"));
}

TEST(RemoveReshape, RemovesChainsThatNobodyCaresFor) {
  Network net(23, {6});
  net.reshape("a", {2, 3});
  net.layer("tanh1", "tanh");
  net.reshape("b", {3, 2});
  net.layer("relu1", "relu");
  net.reshape("c", {6});
  net.dense("fc1", 4);
  const Graph graph = after(remove_reshape, net.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("tanh1", "relu1", "fc1"));
  EXPECT_EQ(graph.values[1].type.shape, Shape{6});

  Network rows(24, {1, 6});
  rows.reshape("a", {6});
  rows.dense("fc1", 4);
  rows.layer("softmax1", "softmax");
  rows.reshape("b", {1, 4});
  const Graph along_rows = after(remove_reshape, rows.finish());
  EXPECT_THAT(layer_names(along_rows), ElementsAre("fc1", "softmax1"));
}

TEST(RemoveReshape, LeavesWhatLayersOrPortsNeed) {
  Network net(25, {2, 3});
  net.reshape("flatten", {6});
  net.dense("fc1", 4);
  net.reshape("fold", {2, 2});
  EXPECT_THAT(layer_names(after(remove_reshape, net.finish())), ElementsAre("flatten", "fc1", "fold"));

  Network output(26, {6});
  output.reshape("a", {2, 3});
  output.output("early", output.layer("tanh1", "tanh"));
  output.reshape("b", {6});
  EXPECT_THAT(layer_names(after(remove_reshape, output.finish())), ElementsAre("a", "tanh1", "b"));

  Network softmax(27, {6});
  softmax.reshape("a", {2, 3});
  softmax.layer("softmax1", "softmax");
  softmax.reshape("b", {6});
  EXPECT_THAT(layer_names(after(remove_reshape, softmax.finish())), ElementsAre("a", "softmax1", "b"));
}

TEST(RemoveReshape, TurnsAPositiveAxisIntoTheLast) {
  Network net(28, {3, 4});
  net.reshape("a", {1, 3, 4});
  net.layer("softmax1", "softmax", {{"axis", std::int64_t{2}}});
  net.reshape("b", {12});
  const Graph graph = after(simplify, net.finish());
  EXPECT_THAT(layer_names(graph), ElementsAre("softmax1", "b"));
  EXPECT_EQ(spec_of(graph, "softmax1").attributes.integer_or("axis", 0), -1);
}

// An integer dense layer and relu with a table of its own, beside a float dense layer, relu and reshapes.
TEST(FloatPasses, LeaveIntegerLayersAlone) {
  Network net(29, {4});
  net.dense("fc1", 5);
  net.layer("relu1", "relu");
  Graph graph = net.finish();
  const ElementType int8 = ElementType::int8(Quantisation::per_tensor(1.0 / 32, 0));
  ValueId at = graph.add_value("i", {int8, {4}});
  graph.inputs.push_back({"i", at, ExternalForm::integer});
  Network other(30, {4});
  other.dense("int_fc", 6);
  other.layer("int_relu", "relu");
  other.reshape("int_rows", {2, 3});
  other.layer("int_tanh", "tanh");
  other.reshape("int_flat", {6});
  for (const Layer& layer : other.finish().layers) {
    const kernels::Family& family = *kernels::find_family(library(), layer.spec.operation);
    const TensorType from = graph.values[at].type;
    const TensorType to{int8, family.infer(layer.spec, {&from, 1})->at(0)};
    auto spec = family.quantise(layer.spec, {&from, 1}, {&to, 1});
    ASSERT_TRUE(spec.has_value()) << spec.error().message;
    const ValueId next = graph.add_value(layer.spec.name, to);
    graph.layers.push_back({*std::move(spec), {at}, {next}});
    at = next;
  }
  graph.outputs.push_back({"int_y", at, ExternalForm::integer});
  for (Layer& layer : graph.layers) {
    if (layer.spec.name != "int_relu") continue;
    auto table = std::make_shared<Tensor>(layer.spec.required("table"));
    table->elements<std::int8_t>()[200] = 77;
    layer.spec.constants["table"] = table;
  }
  const Graph before = graph;
  const auto done = simplify(graph, library());
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_THAT(layer_names(graph), ElementsAre("fc1", "int_fc", "int_relu", "int_rows", "int_tanh", "int_flat"));
  EXPECT_EQ(spec_of(graph, "int_relu").required("table"), spec_of(before, "int_relu").required("table"));
}

// Without a run of all those layers: simplify() verifies what it leaves, and other tests compare functions.
Graph simplified(Graph graph) {
  const auto done = simplify(graph, library());
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return graph;
}

// Each pass looks at every layer a few times, not at every pair of layers.
TEST(Simplify, TakesLongChains) {
  constexpr int pairs = 10'000;
  Network reshapes(31, {6});
  for (int i = 0; i < pairs; ++i) {
    reshapes.reshape("rows" + std::to_string(i), i % 2 == 0 ? std::vector<std::int64_t>{2, 3} : std::vector{6L});
    reshapes.layer("relu" + std::to_string(i), "relu");
  }
  const Graph chain = simplified(reshapes.finish());
  EXPECT_EQ(chain.layers.size(), static_cast<std::size_t>(pairs));  // the relus

  Network identities(32, {6});
  for (int i = 0; i < pairs; ++i) identities.reshape("same" + std::to_string(i), {6});
  identities.layer("tanh1", "tanh");
  EXPECT_THAT(layer_names(simplified(identities.finish())), ElementsAre("tanh1"));

  Network norms(33, {2});
  for (int i = 0; i < pairs; ++i) {
    norms.add({"bn" + std::to_string(i),
               "batch_norm",
               {{"epsilon", 0.0}},
               {{"gamma", floats({2}, {1, -1})},
                {"beta", floats({2}, {0, 0})},
                {"mean", floats({2}, {0, 0})},
                {"variance", floats({2}, {1, 1})}}});
  }
  norms.dense("fc1", 2);
  EXPECT_THAT(layer_names(simplified(norms.finish())), ElementsAre("fc1"));

  Network dense(34, {1});
  for (int i = 0; i < pairs; ++i) {
    dense.add({"fc" + std::to_string(i), "dense", {}, {{"weight", floats({1, 1}, {1})}}});
    dense.layer("act" + std::to_string(i), "relu");
  }
  EXPECT_EQ(simplified(dense.finish()).layers.size(), static_cast<std::size_t>(pairs));
}

// Chains of random layers.
Graph random_chain(std::uint64_t seed) {
  Network net(seed, seed % 2 == 0 ? Shape{12} : Shape{3, 4});
  const std::uint64_t layers = 1 + net.random.below(8);
  for (std::uint64_t i = 0; i < layers; ++i) {
    const std::string name = "layer" + std::to_string(i);
    const std::int64_t elements = net.graph.values[net.at].type.shape.elements();
    switch (net.random.below(7)) {
      case 0:
      case 1:
        net.dense(name, net.random.between(1, 6) * 2, net.random.below(2) == 0);
        break;
      case 2:
        net.batch_norm(name);
        break;
      case 3:
        net.layer(name, "relu");
        break;
      case 4:
        net.layer(name, "tanh");
        break;
      case 5:
        net.reshape(name, {elements});
        break;
      default:
        net.reshape(name, {elements / 2, 2});
    }
    if (net.random.below(8) == 0) net.output("tap" + std::to_string(i), net.at);
  }
  return net.finish();
}

TEST(Simplify, KeepsTheFunctionOfRandomChains) {
  std::size_t removed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const Graph before = random_chain(seed);
    const Graph simplified = after(simplify, before, 2e-5);
    EXPECT_LE(simplified.layers.size(), before.layers.size());
    removed += before.layers.size() - simplified.layers.size();
  }
  EXPECT_GT(removed, 300U);
}

TEST(Simplify, RejectsAGraphThatIsNotWellFormed) {
  Graph graph = random_chain(1);
  graph.layers[0].spec.operation = "lstm";
  EXPECT_EQ(simplify(graph, library()).error().message, "unsupported operation 'lstm' of layer 'layer0'");
}

}  // namespace
}  // namespace algean::partitioner::testing
