// Arithmetic between layers: values worked out by hand, in the forms of Keras 2 and 3, and rejected twins.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

using testing::ElementsAreArray;
using testing::FloatEq;
using testing::FloatNear;
using testing::Pointwise;

Result<kernels::Graph> import(const std::string& json) {
  const Folder folder;
  {
    Hdf5Writer(folder / "w.h5").attribute("", "layer_names", {});
  }
  return import_keras({folder.write("m.json", json), folder / "w.h5"}, kernels::library());
}

const std::string a_tensor = R"({"class_name":"__keras_tensor__","config":{"keras_history":["a",0,0]}})";
const std::string b_tensor = R"({"class_name":"__keras_tensor__","config":{"keras_history":["b",0,0]}})";

// Inputs a and b of these extents, and one node of Keras 3.
std::string keras_3(const std::string& operation, const std::string& arguments, const std::string& config,
                    const std::string& extents, int output = 0) {
  return fmt::format(
      R"({{"class_name":"Functional","module":"keras","config":{{"name":"net","layers":[
          {},{},{{"module":"keras.src.ops.numpy","class_name":"{}","config":{{{}}},"name":"y",
                  "inbound_nodes":[{{"args":[{}],"kwargs":{{}}}}]}}],
          "input_layers":[["a",0,0],["b",0,0]],"output_layers":["y",0,{}]}}}})",
      layer("InputLayer", "a", fmt::format(R"("batch_shape":{})", extents), "[]"),
      layer("InputLayer", "b", fmt::format(R"("batch_shape":{})", extents), "[]"), operation, config, arguments,
      output);
}

// The same of Keras 2: inbound_nodes holds one call.
std::string keras_2(const std::string& function, const std::string& call, const std::string& extents) {
  return functional({layer("InputLayer", "a", fmt::format(R"("batch_input_shape":{})", extents), "[]"),
                     layer("InputLayer", "b", fmt::format(R"("batch_input_shape":{})", extents), "[]"),
                     layer("TFOpLambda", "y", fmt::format(R"("function":"{}")", function), "[" + call + "]")},
                    R"([["a",0,0],["b",0,0]])", R"([["y",0,0]])");
}

struct Value {
  std::string operation;
  std::string arguments;
  std::string config;
  std::vector<float> expected;  // of a = 1, -2, 3, 4 and b = 2, 4, -8, 5
};

TEST(KerasOperations, OfVectors) {
  const std::string ab = a_tensor + "," + b_tensor;
  const std::vector<Value> values{
      {"Add", ab, "", {3, 2, -5, 9}},
      {"Add", a_tensor + ",2", "", {3, 0, 5, 6}},
      {"Add", a_tensor + ",[1,2,3,4]", "", {2, 0, 6, 8}},
      {"Add", a_tensor + ",[[1,2,3,4]]", "", {2, 0, 6, 8}},
      {"Add",
       R"({"class_name":"__numpy__","config":{"value":[1,2,3,4],"dtype":"float32"}},)" + a_tensor,
       "",
       {2, 0, 6, 8}},
      {"Subtract", ab, "", {-1, -6, 11, -1}},
      {"Subtract", a_tensor + ",0.5", "", {0.5F, -2.5F, 2.5F, 3.5F}},
      {"Subtract", "0.5," + a_tensor, "", {-0.5F, 2.5F, -2.5F, -3.5F}},
      {"Subtract", "[1,2,3,4]," + a_tensor, "", {0, 4, 0, 0}},
      {"Multiply", "3," + a_tensor, "", {3, -6, 9, 12}},
      {"TrueDivide", ab, "", {0.5F, -0.5F, -0.375F, 0.8F}},
      {"TrueDivide", a_tensor + ",4", "", {0.25F, -0.5F, 0.75F, 1}},
      {"TrueDivide", a_tensor + ",[1,2,4,8]", "", {1, -1, 0.75F, 0.5F}},
      {"Divide", "12," + a_tensor, "", {12, -6, 4, 3}},
      {"Maximum", ab, "", {2, 4, 3, 5}},
      {"Maximum", a_tensor + ",2.5", "", {2.5F, 2.5F, 3, 4}},
      {"Minimum", "2.5," + a_tensor, "", {1, -2, 2.5F, 2.5F}},
      {"Power", a_tensor + ",2", "", {1, 4, 9, 16}},
      {"Power", a_tensor + ",3", "", {1, -8, 27, 64}},
      {"Power", a_tensor + ",-1", "", {1, -0.5F, 1.0F / 3, 0.25F}},
      {"Clip", a_tensor, R"("x_min":-1,"x_max":3)", {1, -1, 3, 3}},
      {"Negative", a_tensor, "", {-1, 2, -3, -4}},
      {"Absolute", a_tensor, "", {1, 2, 3, 4}},
      {"Square", a_tensor, "", {1, 4, 9, 16}},
      {"Relu6", b_tensor, "", {2, 4, 0, 5}},
      {"LeakyRelu", a_tensor, R"("negative_slope":0.5)", {1, -1, 3, 4}},
      {"HardSigmoid", a_tensor, "", {4.0F / 6, 1.0F / 6, 1, 1}},
      {"Elu", a_tensor, R"("alpha":2)", {1, 2 * (std::exp(-2.0F) - 1), 3, 4}},
      {"Concatenate", "[" + ab + "]", R"("axis":-1)", {1, -2, 3, 4, 2, 4, -8, 5}},
      {"Sum", a_tensor, R"("axis":-1,"keepdims":true)", {6}},
      {"Mean", a_tensor, R"("axis":[1])", {1.5F}},
      {"Max", a_tensor, R"("axis":1)", {4}},
      {"Min", a_tensor, R"("axis":-1)", {-2}},
      {"Reshape", a_tensor, R"("newshape":[-1,2,2])", {1, -2, 3, 4}},
      {"ExpandDims", a_tensor, R"("axis":1)", {1, -2, 3, 4}},
      {"Flip", a_tensor, R"("axis":1)", {4, 3, -2, 1}},
      {"Pad", a_tensor, R"("pad_width":[[0,0],[1,2]],"mode":"constant")", {0, 1, -2, 3, 4, 0, 0}},
  };
  for (const Value& value : values) {
    const auto graph = import(keras_3(value.operation, value.arguments, value.config, "[null,4]"));
    ASSERT_TRUE(graph) << value.operation << ": " << graph.error().message;
    EXPECT_THAT(infer(*graph, {{1, -2, 3, 4}, {2, 4, -8, 5}}).at(0), Pointwise(FloatNear(1e-6F), value.expected))
        << value.operation << "(" << value.arguments << ")";
  }
}

TEST(KerasOperations, OfMatrices) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6};  // [2,3]
  const auto index = [](const std::string& key) { return a_tensor + "," + key; };
  const std::string all = R"({"class_name":"__slice__","config":{"start":null,"stop":null,"step":null}})";
  const auto slice = [](const std::string& start, const std::string& stop, const std::string& step) {
    return fmt::format(R"({{"class_name":"__slice__","config":{{"start":{},"stop":{},"step":{}}}}})", start, stop,
                       step);
  };
  const std::string dots = R"({"class_name":"__ellipsis__","config":{}})";
  const std::vector<std::pair<Value, Shape>> values{
      {{"Transpose", a_tensor, R"("axes":[0,2,1])", {1, 4, 2, 5, 3, 6}}, Shape{3, 2}},
      {{"Sum", a_tensor, R"("axis":[1,2])", {21}}, Shape{}},
      {{"Mean", a_tensor, R"("axis":1,"keepdims":true)", {2.5F, 3.5F, 4.5F}}, Shape{1, 3}},
      {{"Softmax", a_tensor, R"("axis":1)", {0.0474259F, 0.0474259F, 0.0474259F, 0.9525741F, 0.9525741F, 0.9525741F}},
       Shape{2, 3}},
      {{"GetItem", index("[" + all + ",1]"), "", {4, 5, 6}}, Shape{3}},
      {{"GetItem", index("[" + dots + ",-1]"), "", {3, 6}}, Shape{2}},
      {{"GetItem", index("[" + all + "," + all + "," + slice("1", "null", "null") + "]"), "", {2, 3, 5, 6}},
       Shape{2, 2}},
      {{"GetItem", index("[" + all + "," + all + "," + slice("null", "null", "-2") + "]"), "", {3, 1, 6, 4}},
       Shape{2, 2}},
      {{"GetItem", index("[" + all + "," + all + "," + slice("-5", "-1", "2") + "]"), "", {1, 4}}, Shape{2, 1}},
      {{"GetItem", index("[" + all + ",null,0]"), "", {1, 2, 3}}, Shape{1, 3}},
      {{"GetItem", index("[" + all + "," + dots + ",null]"), "", {1, 2, 3, 4, 5, 6}}, Shape{2, 3, 1}},
      {{"GetItem", index(all), "", {1, 2, 3, 4, 5, 6}}, Shape{2, 3}},
      {{"Squeeze", a_tensor, R"("axis":-1)", {1, 2, 3, 4, 5, 6}}, Shape{2, 3}},
  };
  for (const auto& [value, shape] : values) {
    const std::string extents = value.operation == "Squeeze" ? "[null,2,3,1]" : "[null,2,3]";
    const auto graph = import(keras_3(value.operation, value.arguments, value.config, extents));
    ASSERT_TRUE(graph) << value.operation << ": " << graph.error().message;
    EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, shape) << value.arguments;
    EXPECT_THAT(infer(*graph, {a, a}).at(0), Pointwise(FloatNear(1e-6F), value.expected)) << value.arguments;
  }
}

TEST(KerasOperations, SplitsAndMultipliesMatrices) {
  const auto second = import(keras_3("Split", a_tensor, R"("indices_or_sections":[1,3],"axis":-1)", "[null,4]", 1));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_THAT(infer(*second, {{1, 2, 3, 4}, {0, 0, 0, 0}}).at(0), ElementsAreArray({2, 3}));
  const auto product = import(keras_3("Matmul", a_tensor + "," + b_tensor, "", "[null,2,2]"));
  ASSERT_TRUE(product) << product.error().message;
  EXPECT_THAT(infer(*product, {{1, 2, 3, 4}, {1, 1, 0, 1}}).at(0), ElementsAreArray({1, 3, 3, 7}));
}

TEST(KerasOperations, InTheFormOfKeras2) {
  const std::vector<Value> values{
      {"math.multiply", R"(["a",0,0,{"y":2.0,"name":null}])", "", {2, -4, 6, 8}},
      {"__operators__.add", R"(["a",0,0,{"y":["b",0,0],"name":null}])", "", {3, 2, -5, 9}},
      {"math.subtract", R"(["_CONSTANT_VALUE",-1,0.5,{"y":["a",0,0],"name":null}])", "", {-0.5F, 2.5F, -2.5F, -3.5F}},
      {"math.truediv", R"(["a",0,0,{"y":["b",0,0]}])", "", {0.5F, -0.5F, -0.375F, 0.8F}},
      {"concat", R"([["a",0,0,{"axis":-1}],["b",0,0,{"axis":-1}]])", "", {1, -2, 3, 4, 2, 4, -8, 5}},
      {"math.reduce_mean", R"(["a",0,0,{"axis":-1,"keepdims":true}])", "", {1.5F}},
      {"nn.leaky_relu", R"(["a",0,0,{"alpha":0.5}])", "", {1, -1, 3, 4}},
      {"clip_by_value", R"(["a",0,0,{"clip_value_min":0,"clip_value_max":3}])", "", {1, 0, 3, 3}},
      {"reshape", R"(["a",0,0,{"shape":[-1,4,1]}])", "", {1, -2, 3, 4}},
      {"compat.v1.transpose", R"(["a",0,0,{"perm":[0,1]}])", "", {1, -2, 3, 4}},
      {"split", R"(["a",0,0,{"num_or_size_splits":[1,3],"axis":1}])", "", {1}},
      {"__operators__.getitem",
       R"(["a",0,0,{"slice_spec":[{"start":null,"stop":null,"step":null},{"start":1,"stop":3,"step":null}]}])",
       "",
       {-2, 3}},
  };
  for (const Value& value : values) {
    const auto graph = import(keras_2(value.operation, value.arguments, "[null,4]"));
    ASSERT_TRUE(graph) << value.operation << ": " << graph.error().message;
    EXPECT_THAT(infer(*graph, {{1, -2, 3, 4}, {2, 4, -8, 5}}).at(0), Pointwise(FloatNear(1e-6F), value.expected))
        << value.operation << " " << value.arguments;
  }
}

// Keras 2 cuts at 0.2 x + 0.5, Keras 3 at x / 6 + 0.5; the file's version decides.
TEST(KerasOperations, TakesTheHardSigmoidOfTheVersion) {
  const auto model = [](const std::string& version) {
    std::string json = sequential({layer("InputLayer", "a", R"("batch_input_shape":[null,1])"),
                                   layer("Activation", "h", R"("activation":"hard_sigmoid")")});
    json.pop_back();
    return json + version + "}";
  };
  const std::vector<std::pair<std::string, float>> cases{{"", 0.7F},
                                                         {R"(,"keras_version":"2.15.0")", 0.7F},
                                                         {R"(,"module":"keras","keras_version":"2.15.0")", 0.7F},
                                                         {R"(,"module":"keras")", 0.5F + 1.0F / 6},
                                                         {R"(,"keras_version":"3.0.5")", 0.5F + 1.0F / 6}};
  for (const auto& [version, expected] : cases) {
    const auto graph = import(model(version));
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_THAT(infer(*graph, {{1}}).at(0), Pointwise(FloatEq(), {expected})) << version;
  }
}

struct Refusal {
  std::string operation;
  std::string arguments;
  std::string config;
  std::string extents;
  std::string message;
};

TEST(KerasOperations, Refuses) {
  const std::string all = R"({"class_name":"__slice__","config":{"start":null,"stop":null,"step":null}})";
  const std::vector<Refusal> refusals{
      {"Sort", a_tensor, "", "[null,4]", "operation 'keras.ops.Sort' not supported"},
      {"Add", "1,2", "", "[null,4]", "numbers alone not supported"},
      {"Add", a_tensor, "", "[null,4]", "argument 'x2' is missing"},
      {"Add", a_tensor + ",\"x\"", "", "[null,4]", "'x2' must be finite numbers in lists of equal lengths"},
      {"Add", a_tensor + R"(,{"$tensor":9})", "", "[null,4]", "'x2' must be finite numbers in lists of equal lengths"},
      {"Add", a_tensor + ",[1,2,3]", "", "[null,4]", "shapes [4] and [3] do not go together"},
      {"Add", a_tensor + ",[[1,1,1,1],[2,2,2,2]]", "", "[null,4]",
       "numbers of shape [2,4] and a tensor of shape [4] do not go together"},
      {"TrueDivide", a_tensor + ",0", "", "[null,4]", "a division by 0, or by less than a float's smallest number"},
      {"Power", a_tensor + "," + b_tensor, "", "[null,4]", "argument 'x2' must be a finite number"},
      {"Clip", a_tensor, R"("x_min":2,"x_max":1)", "[null,4]",
       "clipping to 2 and 1: the first must not be above the second"},
      {"Mean", a_tensor, R"("axis":null)", "[null,4]", "without 'axis' it takes in the batch, not supported"},
      {"Mean", a_tensor, R"("axis":0)", "[null,4]", "axis 0 is not one of the input's shape [4]"},
      {"Mean", a_tensor, R"("axis":[1,-1])", "[null,4]", "axis -1 is named twice"},
      {"Concatenate", "[]", R"("axis":1)", "[null,4]", "argument 'xs' must be a list of tensors"},
      {"Concatenate", "[" + a_tensor + ",1]", R"("axis":1)", "[null,4]", "argument 'xs' must be a list of tensors"},
      {"Reshape", a_tensor, R"("newshape":[4])", "[null,4]",
       "a reshape to [4] not supported (-1 first, for the batch, is)"},
      {"Reshape", a_tensor, R"("newshape":[-1,3])", "[null,4]", "target_shape [3] does not hold the input's shape [4]"},
      {"Transpose", a_tensor, R"("axes":[1,0])", "[null,4]", "a transposition of the batch axis not supported"},
      {"Squeeze", a_tensor, R"("axis":1)", "[null,4]", "axis 1 of shape [4] is not 1 long"},
      {"ExpandDims", a_tensor, R"("axis":0)", "[null,4]", "a new axis at 0 not supported"},
      {"Split", a_tensor, R"("indices_or_sections":3,"axis":1)", "[null,4]", "3 parts of 4 not supported"},
      {"Split", a_tensor, R"("indices_or_sections":4294967296,"axis":1)", "[null,4294967296]",
       "4294967296 parts of 4294967296 not supported"},
      {"Split", a_tensor, R"("indices_or_sections":[3,2],"axis":1)", "[null,4]", "parts [3,-1,2] do not make up 4"},
      {"Pad", a_tensor, R"("pad_width":[[1,0],[0,0]])", "[null,4]", "a padding of the batch axis not supported"},
      {"Pad", a_tensor, R"("pad_width":[[0,0],[0,0]],"mode":"reflect")", "[null,4]",
       "a padding of mode \"reflect\" not supported"},
      {"GetItem", a_tensor + ",0", "", "[null,4]", "an index into the batch axis not supported"},
      {"GetItem", a_tensor + ",[" + all + ",4]", "", "[null,4]",
       "an index that leaves nothing of axis 1, which is 4 long"},
      {"GetItem", a_tensor + ",[" + all + ",{\"start\":3,\"stop\":1}]", "", "[null,4]",
       "an index that leaves nothing of axis 1, which is 4 long"},
      {"GetItem", a_tensor + ",[" + all + ",{\"step\":0}]", "", "[null,4]",
       "an index that leaves nothing of axis 1, which is 4 long"},
      {"GetItem", a_tensor + ",[" + all + ",0,0]", "", "[null,4]", "an index of more axes than the tensor has"},
      {"GetItem", a_tensor + ",[" + all + "," + b_tensor + "]", "", "[null,4]", "an index of this form not supported"},
      {"Matmul", a_tensor + "," + b_tensor, "", "[null,2,3]",
       "a product of matrices of shapes [2,3] and [2,3] not supported"},
  };
  for (const Refusal& refusal : refusals) {
    const auto graph = import(keras_3(refusal.operation, refusal.arguments, refusal.config, refusal.extents));
    ASSERT_FALSE(graph) << refusal.operation << " " << refusal.message;
    EXPECT_THAT(graph.error().message,
                testing::HasSubstr(fmt::format("m.json: y ({}): {}", refusal.operation, refusal.message)));
  }
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
