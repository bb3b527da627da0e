#include <gmock/gmock.h>

#include <cmath>

#include "runtime/base/random.hpp"
#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;
using testing::Pointwise;

std::vector<std::string> names(const std::vector<kernels::GraphPort>& ports) {
  std::vector<std::string> result;
  for (const auto& port : ports) result.push_back(port.name);
  return result;
}

std::vector<std::string> layer_names(const kernels::Graph& graph) {
  std::vector<std::string> result;
  for (const auto& layer : graph.layers) result.push_back(layer.spec.name + " " + layer.spec.operation);
  return result;
}

const std::string input4 = layer("InputLayer", "x", R"("batch_input_shape":[null,4],"dtype":"float32")");

// Dense 4 -> 3 with relu, batch normalisation without gamma, Dense 3 -> 2 with softmax: small enough to compute by
// hand.
struct Net {
  Net() {
    Random random(7);
    for (auto* values : {&kernel, &bias, &beta, &mean, &variance, &kernel2, &bias2, &x}) {
      for (float& value : *values) value = static_cast<float>(random.unit()) - (values == &variance ? -0.5F : 0.5F);
    }
  }

  [[nodiscard]] static std::string json() {
    return sequential({input4, layer("Dense", "first", R"("units":3,"activation":"relu","use_bias":true)"),
                       layer("Dropout", "dropout", R"("rate":0.5)"),
                       layer("BatchNormalization", "norm", R"("axis":[1],"epsilon":0.01,"scale":false,"center":true)"),
                       layer("Dense", "second", R"("units":2,"activation":"softmax","use_bias":true)")});
  }

  [[nodiscard]] std::vector<StoredLayer> stored() const {
    return {
        {"first", "dense", {{"first/kernel:0", {4, 3}, kernel}, {"first/bias:0", {3}, bias}}},
        {"dropout", "dropout", {}},
        {"norm",
         "batch_normalization",
         {{"norm/beta:0", {3}, beta}, {"norm/moving_mean:0", {3}, mean}, {"norm/moving_variance:0", {3}, variance}}},
        {"second", "dense_1", {{"second/kernel:0", {3, 2}, kernel2}, {"second/bias:0", {2}, bias2}}}};
  }

  // y by the definitions of Keras, in double.
  [[nodiscard]] std::vector<float> expected() const {
    std::vector<double> hidden(3);
    for (std::size_t o = 0; o < 3; ++o) {
      double sum = static_cast<double>(bias[o]);
      for (std::size_t i = 0; i < 4; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(kernel[i * 3 + o]);
      sum = std::max(sum, 0.0);
      hidden[o] = (sum - static_cast<double>(mean[o])) / std::sqrt(static_cast<double>(variance[o]) + 0.01) +
                  static_cast<double>(beta[o]);
    }
    double y[2];
    for (std::size_t o = 0; o < 2; ++o) {
      y[o] = static_cast<double>(bias2[o]);
      for (std::size_t i = 0; i < 3; ++i) y[o] += hidden[i] * static_cast<double>(kernel2[i * 2 + o]);
      y[o] = std::exp(y[o]);
    }
    return {static_cast<float>(y[0] / (y[0] + y[1])), static_cast<float>(y[1] / (y[0] + y[1]))};
  }

  std::vector<float> kernel = std::vector<float>(12), bias = std::vector<float>(3), beta = bias, mean = bias,
                     variance = bias, kernel2 = std::vector<float>(6), bias2 = std::vector<float>(2),
                     x = std::vector<float>(4);
};

struct Form {
  std::string layout;  // "names", "whole", "class"
  Packing packing;
  Strings strings;
};

class Layouts : public testing::TestWithParam<Form> {};

TEST_P(Layouts, GiveTheSameNetwork) {
  const Net net;
  const Folder folder;
  const auto path = folder / "weights.h5";
  {
    Hdf5Writer file(path, GetParam().packing, GetParam().strings);
    if (GetParam().layout == "class") {
      write_by_class(file, net.stored());
    } else {
      write_by_names(file, GetParam().layout == "whole" ? "model_weights" : "", net.stored());
      if (GetParam().layout == "whole") file.scalar("", "model_config", Net::json());
    }
  }
  KerasFiles files{folder.write("net.json", Net::json()), path};
  if (GetParam().layout == "whole") files = {path, std::nullopt};
  const auto graph = import_keras(files, kernels::library());
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->name, "net");
  EXPECT_THAT(names(graph->inputs), ElementsAre("x"));
  EXPECT_THAT(names(graph->outputs), ElementsAre("second"));
  EXPECT_THAT(layer_names(*graph), ElementsAre("first dense", "first/relu relu", "norm batch_norm", "second dense",
                                               "second/softmax softmax"));
  EXPECT_THAT(infer(*graph, {net.x}).at(0), Pointwise(FloatNear(1e-6F), net.expected()));
}

INSTANTIATE_TEST_SUITE_P(ImportKeras, Layouts,
                         testing::Values(Form{"names", Packing::contiguous, Strings::variable},
                                         Form{"names", Packing::contiguous, Strings::fixed},
                                         Form{"names", Packing::deflated, Strings::variable},
                                         Form{"names", Packing::deflated, Strings::fixed},
                                         Form{"whole", Packing::contiguous, Strings::variable},
                                         Form{"whole", Packing::deflated, Strings::fixed},
                                         Form{"class", Packing::contiguous, Strings::variable},
                                         Form{"class", Packing::deflated, Strings::fixed}),
                         [](const auto& form) {
                           return form.param.layout + (form.param.packing == Packing::deflated ? "_deflated" : "") +
                                  (form.param.strings == Strings::fixed ? "_fixed" : "");
                         });

// Imports `json` with the layers' weights stored by names.
Result<kernels::Graph> import_with(const std::string& json, const std::vector<StoredLayer>& layers) {
  const Folder folder;
  {
    Hdf5Writer file(folder / "weights.h5");
    write_by_names(file, "", layers);
  }
  return import_keras({folder.write("net.json", json), folder / "weights.h5"}, kernels::library());
}

// Dense n -> n without bias that multiplies by `factor`.
StoredLayer scaling(const std::string& name, std::size_t n, float factor) {
  std::vector<float> kernel(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) kernel[i * n + i] = factor;
  return {name, "", {{name + "/kernel:0", {n, n}, kernel}}};
}

const std::string two_units = R"("units":2,"activation":"linear","use_bias":false)";
const std::string input2 = layer("InputLayer", "x", R"("batch_input_shape":[null,2],"dtype":"float32")", "[]");

TEST(ImportKeras, TransposesTheKernel) {
  const auto graph = import_with(sequential({input2, layer("Dense", "d", R"("units":3,"use_bias":false)")}),
                                 {{"d", "", {{"k", {2, 3}, {1, 2, 3, 4, 5, 6}}}}});
  ASSERT_TRUE(graph) << graph.error().message;
  const Tensor& weight = graph->layers.at(0).spec.required("weight");
  EXPECT_EQ(weight.shape(), (Shape{3, 2}));
  EXPECT_THAT(weight.elements<float>(), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(infer(*graph, {{1, 10}}).at(0), ElementsAre(41, 52, 63));
}

TEST(ImportKeras, UsesASharedLayerAgain) {
  const auto graph = import_with(
      functional({input2, layer("Dense", "d", two_units, R"([[["x",0,0,{}]],[["d",0,0,{}]],[["d",1,0,{}]]])")},
                 R"([["x",0,0]])", R"([["d",2,0],["d",0,0]])"),
      {scaling("d", 2, 3)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(layer_names(*graph), ElementsAre("d dense", "d:1 dense", "d:2 dense"));
  EXPECT_EQ(graph->layers[0].spec.constants.at("weight"), graph->layers[2].spec.constants.at("weight"));
  EXPECT_THAT(names(graph->outputs), ElementsAre("d", "d:1"));
  EXPECT_THAT(infer(*graph, {{1, -2}}), ElementsAre(ElementsAre(27, -54), ElementsAre(3, -6)));
}

TEST(ImportKeras, KeepsTheOrderOfInputsAndOutputs) {
  const std::string y = layer("InputLayer", "y", R"("batch_input_shape":[8,2])", "[]");
  const auto graph =
      import_with(functional({input2, y, layer("Dense", "b", two_units, R"([[["y",0,0,{}]]])"),
                              layer("Dense", "a", two_units, R"([[["x",0,0,{"training":false,"mask":null}]]])")},
                             R"([["y",0,0],["x",0,0]])", R"([["a",0,0],["b",0,0]])"),
                  {scaling("a", 2, 10), scaling("b", 2, 100)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(names(graph->inputs), ElementsAre("y", "x"));
  EXPECT_THAT(infer(*graph, {{1, 2}, {3, 4}}), ElementsAre(ElementsAre(30, 40), ElementsAre(100, 200)));
}

TEST(ImportKeras, TakesLayersInAnyOrder) {
  const auto graph = import_with(functional({layer("Dense", "b", two_units, R"([[["a",0,0,{}]]])"),
                                             layer("Dense", "a", two_units, R"([[["x",0,0,{}]]])"), input2},
                                            R"([["x",0,0]])", R"([["b",0,0]])"),
                                 {scaling("b", 2, 10), scaling("a", 2, 100)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(layer_names(*graph), ElementsAre("a dense", "b dense"));
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(1000, 2000));
}

std::string keras_3_node(const std::string& layer, int call) {
  return fmt::format(
      R"([{{"args":[{{"class_name":"__keras_tensor__","config":{{"shape":[null,2],"dtype":"float32","keras_history":["{}",{},0]}}}}],"kwargs":{{"mask":null}}}}])",
      layer, call);
}

// An inner model of these layers, called with `inbound`.
std::string nested(const std::vector<std::string>& layers, const std::string& inbound) {
  std::string text = sequential(layers, "inner");
  text.pop_back();
  return fmt::format(R"({},"name":"inner","inbound_nodes":{}}})", text, inbound);
}

TEST(ImportKeras, ReadsTheFormOfKeras3) {
  const std::string x =
      R"({"module":"keras.layers","class_name":"InputLayer","config":{"batch_shape":[null,2],"dtype":"float32","name":"x"},"name":"x","inbound_nodes":[]})";
  const std::string policy = R"(,"dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"float32"}})";
  const auto graph = import_with(functional({x, layer("Dense", "a", two_units + policy, keras_3_node("x", 0))},
                                            R"(["x",0,0])", R"({"out":["a",0,0]})"),
                                 {scaling("a", 2, 10)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(10, 20));
}

// An inner model `inner` of two layers within an outer one; Keras 2 refers to its call as 1, Keras 3 as 0.
TEST(ImportKeras, OpensNestedModels) {
  const std::vector<std::string> inner{layer("InputLayer", "i", R"("batch_input_shape":[null,2])"),
                                       layer("Dense", "d", two_units), layer("Dense", "e", two_units)};
  const std::vector<StoredLayer> stored{
      {"inner", "", {{"d/kernel:0", {2, 2}, {2, 0, 0, 2}}, {"e/kernel:0", {2, 2}, {5, 0, 0, 5}}}},
      scaling("last", 2, 10)};
  const auto keras_2 = import_with(functional({input2, nested(inner, R"([[["x",0,0,{}]]])"),
                                               layer("Dense", "last", two_units, R"([[["inner",1,0,{}]]])")},
                                              R"([["x",0,0]])", R"([["last",0,0]])"),
                                   stored);
  const auto keras_3 = import_with(functional({input2, nested(inner, keras_3_node("x", 0)),
                                               layer("Dense", "last", two_units, keras_3_node("inner", 0))},
                                              R"(["x",0,0])", R"(["last",0,0])"),
                                   stored);
  for (const auto* graph : {&keras_2, &keras_3}) {
    ASSERT_TRUE(*graph) << graph->error().message;
    EXPECT_THAT(layer_names(**graph), ElementsAre("inner/d dense", "inner/e dense", "last dense"));
    EXPECT_THAT(infer(**graph, {{1, 2}}).at(0), ElementsAre(100, 200));
  }
}

// Two calls of an inner model in Keras 2, of which only the first is used: the references alone leave open whether they
// count from 1.
TEST(ImportKeras, CountsCallsOfNestedModelsAsKeras2) {
  const std::string called_twice =
      nested({layer("InputLayer", "i", R"("batch_input_shape":[null,2])"), layer("Dense", "d", two_units)},
             R"([[["x",0,0,{}]],[["inner",1,0,{}]]])");
  const auto graph = import_with(functional({input2, called_twice}, R"([["x",0,0]])", R"([["inner",1,0]])"),
                                 {{"inner", "", {{"d/kernel:0", {2, 2}, {2, 0, 0, 2}}}}});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(2, 4));
}

// Keras 2 stores the trainable weights of all inner layers before the others.
TEST(ImportKeras, OrdersTheWeightsOfANestedModel) {
  const std::string frozen = layer("Dense", "frozen", two_units + R"(,"trainable":false)");
  const std::string inner = sequential(
      {layer("BatchNormalization", "n", R"("axis":-1,"epsilon":0)"), frozen, layer("Dense", "d", two_units)}, "inner");
  const auto graph = import_with(sequential({input2, inner}), {{"inner",
                                                                "",
                                                                {{"n/gamma:0", {2}, {1, 2}},
                                                                 {"n/beta:0", {2}, {3, 4}},
                                                                 {"d/kernel:0", {2, 2}, {10, 0, 0, 10}},
                                                                 {"n/moving_mean:0", {2}, {5, 6}},
                                                                 {"n/moving_variance:0", {2}, {1, 4}},
                                                                 {"frozen/kernel:0", {2, 2}, {0, 1, 1, 0}}}}});
  ASSERT_TRUE(graph) << graph.error().message;
  // n: (7 - 5) * 1 + 3 = 5, (10 - 6) / 2 * 2 + 4 = 8; swapped; times ten
  EXPECT_THAT(infer(*graph, {{7, 10}}).at(0), ElementsAre(80, 50));
}

TEST(ImportKeras, NormalisesOverAnInnerAxis) {
  const auto graph = import_with(
      sequential({layer("InputLayer", "x", R"("batch_input_shape":[null,2,3])"),
                  layer("BatchNormalization", "n", R"("axis":1,"epsilon":0.0)")}),
      {{"n", "", {{"gamma", {2}, {1, 2}}, {"beta", {2}, {0, 100}}, {"mean", {2}, {1, 2}}, {"variance", {2}, {1, 4}}}}});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, (Shape{2, 3}));
  EXPECT_THAT(infer(*graph, {{1, 2, 3, 4, 5, 6}}).at(0), ElementsAre(0, 1, 2, 102, 103, 104));
}

TEST(ImportKeras, ReshapesAndFlattens) {
  const auto graph =
      import_with(sequential({layer("InputLayer", "x", R"("batch_input_shape":[5,2,3])"),
                              layer("Reshape", "r", R"("target_shape":[3,-1])"), layer("Dense", "d", two_units),
                              layer("Flatten", "f", R"("data_format":"channels_last")")}),
                  {scaling("d", 2, 2)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, (Shape{6}));
  EXPECT_THAT(infer(*graph, {{1, 2, 3, 4, 5, 6}}).at(0), ElementsAre(2, 4, 6, 8, 10, 12));
}

TEST(ImportKeras, TakesEveryFormOfActivation) {
  const auto act = [](const std::string& value) { return R"("activation":)" + value; };
  const std::vector<std::pair<std::string, std::vector<float>>> cases{
      {layer("Activation", "a", act(R"("linear")")), {-2, 8}},
      {layer("Activation", "a", act(R"("relu")")), {0, 8}},
      {layer("Activation", "a", act(R"("relu6")")), {0, 6}},
      {layer("Activation", "a", act(R"("leaky_relu")")), {-0.4F, 8}},
      {layer("Activation", "a", act(R"("sigmoid")")), {1 / (1 + std::exp(2.0F)), 1 / (1 + std::exp(-8.0F))}},
      {layer("Activation", "a", act(R"("tanh")")), {std::tanh(-2.0F), std::tanh(8.0F)}},
      {layer("Activation", "a", act(R"("softmax")")), {1 / (1 + std::exp(10.0F)), 1 / (1 + std::exp(-10.0F))}},
      {layer("Activation", "a", act(R"({"class_name":"function","config":"relu"})")), {0, 8}},
      {layer("Activation", "a", act(R"({"class_name":"LeakyReLU","config":{"negative_slope":0.5}})")), {-1, 8}},
      {layer("Softmax", "a", R"("axis":-1)"), {1 / (1 + std::exp(10.0F)), 1 / (1 + std::exp(-10.0F))}},
      {layer("Softmax", "a", R"("axis":[1])"), {1 / (1 + std::exp(10.0F)), 1 / (1 + std::exp(-10.0F))}},
      {layer("LeakyReLU", "a"), {-0.6F, 8}},
      {layer("LeakyReLU", "a", R"("alpha":0.25)"), {-0.5F, 8}},
      {layer("LeakyReLU", "a", R"("alpha":{"class_name":"__numpy__","config":{"value":0.25,"dtype":"float32"}})"),
       {-0.5F, 8}},
      {layer("ReLU", "a", R"("max_value":null,"negative_slope":0.5,"threshold":1.0)"), {-1.5F, 8}},
      {layer("ReLU", "a", R"("max_value":4)"), {0, 4}},
      {layer("GaussianNoise", "a"), {-2, 8}},
      {layer("SpatialDropout1D", "a"), {-2, 8}},
  };
  for (const auto& [text, expected] : cases) {
    const auto graph = import_with(sequential({input2, layer("Dense", "d", two_units), text}), {scaling("d", 2, 2)});
    ASSERT_TRUE(graph) << text << graph.error().message;
    EXPECT_THAT(names(graph->outputs), ElementsAre("a"));
    EXPECT_THAT(infer(*graph, {{-1, 4}}).at(0), Pointwise(FloatNear(1e-6F), expected)) << text;
  }
}

TEST(ImportKeras, ReadsTheFirstSequentials) {  // a bare list, the shape on the first layer
  const auto graph = import_with(R"({"class_name":"Sequential","config":[)" +
                                     layer("Dense", "d", two_units + R"(,"batch_input_shape":[null,2])") + "]}",
                                 {scaling("d", 2, 2)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(names(graph->inputs), ElementsAre("d_input"));
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(2, 4));
}

TEST(ImportKeras, JoinsNamesThatKerasCut) {
  const Folder folder;
  {
    Hdf5Writer file(folder / "w.h5");
    file.dataset("a/k/0", {2, 2}, {2, 0, 0, 2});
    file.dataset("b/k", {2, 2}, {3, 0, 0, 3});
    file.dataset("b/bias", {2}, {1, 1});
    file.attribute("a", "weight_names", {"k/0"});
    file.attribute("b", "weight_names0", {"k"});
    file.attribute("b", "weight_names1", {"bias"});
    file.attribute("", "layer_names0", {"a"});
    file.attribute("", "layer_names1", {"b"});
  }
  const std::string json = sequential({input2, layer("Dense", "a", two_units), layer("Dense", "b", R"("units":2)")});
  const auto graph = import_keras({folder.write("m.json", json), folder / "w.h5"}, kernels::library());
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(7, 13));
}

TEST(ImportKeras, GoesByPositionWhereNamesDiffer) {
  const auto graph = import_with(sequential({input2, layer("Dense", "a", two_units), layer("Dense", "b", two_units)}),
                                 {scaling("dense_7", 2, 2), {"dropout_3", "", {}}, scaling("dense_8", 2, 3)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(6, 12));
}

// IEEE 754 binary16, which HDF5 1.10 has no name for.
hid_t half_type() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_precision(type, 16);
  H5Tset_ebias(type, 15);
  H5Tset_size(type, 2);
  return type;
}

TEST(ImportKeras, ConvertsOtherFloats) {
  for (const hid_t type : {H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_IEEE_F32BE, half_type()}) {
    const Folder folder;
    {
      Hdf5Writer file(folder / "w.h5", Packing::deflated);
      file.dataset("d/k", {2, 2}, {0.125F, 2, 3, 4}, type);
      file.attribute("d", "weight_names", {"k"});
      file.attribute("", "layer_names", {"d"});
    }
    const auto graph =
        import_keras({folder.write("m.json", sequential({input2, layer("Dense", "d", two_units)})), folder / "w.h5"},
                     kernels::library());
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_THAT(graph->layers[0].spec.required("weight").elements<float>(), ElementsAre(0.125F, 3, 2, 4));
  }
}

TEST(ImportKeras, TakesNamesWithSlashes) {
  const auto graph = import_with(
      sequential({input2, layer("Dense", "block/1/dense", two_units), layer("Dense", "block/1", two_units)}),
      {scaling("block/1/dense", 2, 3), scaling("block/1", 2, 5)});
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(layer_names(*graph), ElementsAre("block/1/dense dense", "block/1 dense"));
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(15, 30));
}

TEST(ImportKeras, NumbersLayersOfAClassInOrder) {
  const Folder folder;
  {
    Hdf5Writer file(folder / "m.weights.h5");
    file.dataset("layers/dense/vars/0", {2, 2}, {2, 0, 0, 2});
    file.dataset("layers/sequential/layers/dense/vars/0", {2, 2}, {3, 0, 0, 3});
    file.dataset("layers/dense_1/vars/0", {2, 2}, {0, 5, 7, 0});
    file.group("layers/re_lu/vars");
  }
  const std::string json =
      sequential({input2, layer("Dense", "dense_1", two_units), sequential({layer("Dense", "x", two_units)}, "inner"),
                  layer("ReLU", "r"), layer("Dense", "dense", two_units)});
  const auto graph = import_keras({folder.write("m.json", json), std::nullopt}, kernels::library());  // found beside
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2}}).at(0), ElementsAre(84, 30));
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
