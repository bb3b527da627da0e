// Each layer type: a config that is good, and rejected twins of it with what the message says. No weights are needed:
// what is wrong with a topology comes before what is wrong with the weights.
#include <gmock/gmock.h>

#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

struct Twin {
  std::string config;      // in place of the good one
  std::string message;     // behind "m.json: l (TYPE): "
  std::string input = "";  // extents in place of the good ones
};

struct Rule {
  std::string type;
  std::string input;  // extents with the batch axis
  std::string good;
  std::vector<Twin> twins;
};

class LayerRules : public testing::TestWithParam<Rule> {};

std::string message(const Folder& folder, const std::string& json) {
  {
    Hdf5Writer(folder / "w.h5").attribute("", "layer_names", {});
  }
  const auto graph = import_keras({folder.write("m.json", json), folder / "w.h5"}, kernels::library());
  if (graph) return "imported";
  std::string text = graph.error().message;
  const std::string path = (folder / "").string();
  for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) text.erase(at, path.size());
  return text;
}

TEST_P(LayerRules, GoodAndRejectedTwins) {
  const Rule& rule = GetParam();
  const Folder folder;
  const auto of = [&](const std::string& input, const std::string& config) {
    const std::string x = layer("InputLayer", "x", fmt::format(R"("batch_input_shape":{})", input));
    return message(folder, sequential({x, layer(rule.type, "l", config)}));
  };
  EXPECT_THAT(of(rule.input, rule.good), testing::AnyOf("imported", testing::StartsWith("w.h5: "))) << "the good one";
  for (const Twin& twin : rule.twins) {
    EXPECT_EQ(of(twin.input.empty() ? rule.input : twin.input, twin.config),
              fmt::format("m.json: l ({}): {}", rule.type, twin.message))
        << twin.config;
  }
}

const std::string big = "1073741824";
const std::string conv2d = R"("filters":2,"kernel_size":[3,3])";

std::vector<Rule> conv_rules() {
  return {
      {"Conv2D",
       "[null,8,8,4]",
       conv2d + R"(,"strides":[2,1],"padding":"same","groups":2)",
       {{R"("kernel_size":3)", "attribute 'filters' must be a positive integer"},
        {R"("filters":2.5,"kernel_size":3)", "attribute 'filters' must be a positive integer"},
        {R"("filters":2,"kernel_size":[3,3,3])",
         "attribute 'kernel_size' must be a positive integer or 2 of them, up to " + big},
        {R"("filters":2,"kernel_size":[3,"3"])",
         "attribute 'kernel_size' must be a positive integer or 2 of them, up to " + big},
        {conv2d + R"(,"strides":[-1,1])", "attribute 'strides' must be a positive integer or 2 of them, up to " + big},
        {conv2d + R"(,"strides":0)", "attribute 'strides' must be a positive integer or 2 of them, up to " + big},
        {conv2d + R"(,"strides":1099511627776)",
         "attribute 'strides' must be a positive integer or 2 of them, up to " + big},
        {conv2d + R"(,"strides":18446744073709551615)",
         "attribute 'strides' must be a positive integer or 2 of them, up to " + big},
        {conv2d + R"(,"dilation_rate":[1,0])",
         "attribute 'dilation_rate' must be a positive integer or 2 of them, up to " + big},
        {conv2d + R"(,"padding":"full")", "attribute 'padding' must be 'valid' or 'same', not \"full\""},
        {conv2d + R"(,"padding":"causal")", "attribute 'padding' must be 'valid' or 'same', not \"causal\""},
        {conv2d + R"(,"padding":1)", "attribute 'padding' must be 'valid' or 'same', not 1"},
        {conv2d + R"(,"groups":3)", "3 groups do not divide 4 input channels and 2 filters"},
        {conv2d + R"(,"groups":0)", "attribute 'groups' must be a positive integer"},
        {conv2d + R"(,"use_bias":"yes")", "attribute 'use_bias' must be true or false"},
        {conv2d + R"(,"data_format":"NHWC")", "attribute 'data_format' must be 'channels_last' or 'channels_first'"},
        {conv2d + R"(,"activation":"maxout")", "activation 'maxout' not supported"},
        {conv2d + R"(,"lora_rank":2)", "attribute 'lora_rank' not supported"},
        {conv2d + R"(,"dtype":"int8")", "dtype 'int8' not supported"},
        {R"("filters":2,"kernel_size":9)", "a window of 9 does not fit axis 1 of the input's shape [8,8,4]"},
        {R"("filters":2,"kernel_size":[1,1073741824],"dilation_rate":1073741824,"padding":"same")",
         "kernel: shape [1,1073741824,4,2]: more than 4294967296 elements"},
        {conv2d, "its input has shape [8,8], 3 axes wanted", "[null,8,8]"}}},
      {"Conv1D",
       "[null,8,4]",
       R"("filters":2,"kernel_size":[3],"padding":"causal","dilation_rate":2)",
       {{R"("filters":2,"kernel_size":[3,3])", "attribute 'kernel_size' must be a positive integer, up to " + big},
        {R"("filters":2,"kernel_size":3,"padding":"x")",
         "attribute 'padding' must be 'valid' or 'same' or 'causal', not \"x\""}}},
      {"DepthwiseConv2D",
       "[null,8,8,4]",
       R"("kernel_size":3,"depth_multiplier":2)",
       {{R"("kernel_size":3,"depth_multiplier":0)", "attribute 'depth_multiplier' must be a positive integer"},
        {R"("kernel_size":3,"depth_multiplier":1073741824)",
         "depthwise_kernel: shape [3,3,4,1073741824]: more than 4294967296 elements"}}},
      {"SeparableConv2D",
       "[null,8,8,4]",
       conv2d,
       {{R"("kernel_size":3)", "attribute 'filters' must be a positive integer"},
        {conv2d + R"(,"depth_multiplier":-1)", "attribute 'depth_multiplier' must be a positive integer"}}},
      {"Conv2DTranspose",
       "[null,8,8,4]",
       conv2d + R"(,"strides":2,"output_padding":1,"padding":"same")",
       {{conv2d + R"(,"strides":2,"output_padding":2)", "attribute 'output_padding' must be less than the strides"},
        {conv2d + R"(,"output_padding":-1)",
         "attribute 'output_padding' must be an integer of at least 0 or 2 of them, up to " + big},
        {conv2d + R"(,"strides":1073741824)", "shape [8589934592,8589934592,2]: more than 4294967296 elements"},
        {conv2d + R"(,"groups":2)", "attribute 'groups' of 2 not supported"}}},
      {"Conv1DTranspose",
       "[null,8,4]",
       R"("filters":2,"kernel_size":3)",
       {{R"("filters":2,"kernel_size":3,"padding":"causal")", "padding 'causal' not supported here"}}},
      {"Dense",
       "[null,4]",
       R"("units":2)",
       {{R"("units":-2)", "attribute 'units' must be a positive integer"},
        {R"("units":1e3)", "attribute 'units' must be a positive integer"}}},
  };
}

std::vector<Rule> pool_rules() {
  return {
      {"MaxPooling2D",
       "[null,8,8,4]",
       R"("pool_size":[2,2],"strides":null,"padding":"same")",
       {{R"("strides":2)", "attribute 'pool_size' must be a positive integer or 2 of them, up to " + big},
        {R"("pool_size":0)", "attribute 'pool_size' must be a positive integer or 2 of them, up to " + big},
        {R"("pool_size":2,"strides":[2,-2])",
         "attribute 'strides' must be a positive integer or 2 of them, up to " + big},
        {R"("pool_size":9)", "a window of 9 does not fit axis 1 of the input's shape [8,8,4]"}}},
      {"AveragePooling1D",
       "[null,8,4]",
       R"("pool_size":2)",
       {{R"("pool_size":2,"padding":"causal")", "padding 'causal' not supported here"},
        {R"("pool_size":"2")", "attribute 'pool_size' must be a positive integer, up to " + big}}},
      {"GlobalAveragePooling2D",
       "[null,8,8,4]",
       R"("keepdims":true)",
       {{R"("keepdims":1)", "attribute 'keepdims' must be true or false"}}},
      {"GlobalMaxPooling1D",
       "[null,8,4]",
       "",
       {{R"("data_format":7)", "attribute 'data_format' must be 'channels_last' or 'channels_first'"}}},
      {"UpSampling2D",
       "[null,8,8,4]",
       R"("size":[2,3],"interpolation":"bilinear")",
       {{R"("size":[2,0])", "attribute 'size' must be a positive integer or 2 of them, up to " + big},
        {R"("size":2,"interpolation":"bicubic")", "interpolation 'bicubic' not supported"},
        {R"("size":1073741824)", "shape [8589934592,8589934592,4]: more than 4294967296 elements"}}},
  };
}

std::vector<Rule> shape_rules() {
  const std::string padding_rule = "must be an integer, or one or a pair of them for each of 2 axes, from 0 to " + big;
  return {
      {"ZeroPadding2D",
       "[null,8,8,4]",
       R"("padding":[[1,2],[3,4]])",
       {{R"("padding":-1)", "attribute 'padding' " + padding_rule},
        {R"("padding":[1,2,3])", "attribute 'padding' " + padding_rule},
        {"", "attribute 'padding' " + padding_rule},
        {R"("padding":1073741824)", "shape [2147483656,2147483656,4]: more than 4294967296 elements"}}},
      {"Cropping2D",
       "[null,8,8,4]",
       R"("cropping":[1,2])",
       {{R"("cropping":[[1,2],[1]])", "attribute 'cropping' " + padding_rule},
        {R"("cropping":4)", "nothing is left of axis 1 of the input's shape [8,8,4]"}}},
      {"Flatten",
       "[null,8,4]",
       "",
       {{R"("data_format":1)", "attribute 'data_format' must be 'channels_last' or 'channels_first'"}}},
      {"Reshape",
       "[null,8,4]",
       R"("target_shape":[4,-1])",
       {{R"("target_shape":"x")", "attribute 'target_shape' must be a list of integers"},
        {R"("target_shape":[0])", "target_shape [0] is none"},
        {R"("target_shape":[9223372036854775807,2])", "attribute 'target_shape' must be a list of integers"}}},
      {"Permute",
       "[null,8,4]",
       R"("dims":[2,1])",
       {{R"("dims":[1,1])", "axes [1,1] are not those of the input's shape [8,4] in another order"},
        {R"("dims":[1])", "axes [1] are not those of the input's shape [8,4] in another order"},
        {R"("dims":[-9223372036854775808,1])", "'dims' must be an integer or a list of them"}}},
      {"RepeatVector",
       "[null,8]",
       R"("n":3)",
       {{R"("n":0)", "attribute 'n' must be a positive integer"},
        {R"("n":1073741824)", "shape [1073741824,8]: more than 4294967296 elements"},
        {R"("n":3)", "its input has shape [8,2], one axis wanted", "[null,8,2]"}}},
  };
}

std::vector<Rule> value_rules() {
  return {
      {"BatchNormalization",
       "[null,8,4]",
       R"("axis":1)",
       {{R"("axis":0)", "axis 0 is not one of the input's shape [8,4]"},
        {R"("axis":-9223372036854775808)", "axis -9223372036854775808 is not one of the input's shape [8,4]"},
        {R"("epsilon":"x")", "attribute 'epsilon' must be a number"},
        {R"("epsilon":-1)", "attribute 'epsilon' must be at least 0"},
        {R"("epsilon":1e300)", "attribute 'epsilon' must be finite"},
        {R"("scale":2)", "attribute 'scale' must be true or false"},
        {R"("renorm":true)", "attribute 'renorm' not supported"}}},
      {"Normalization",
       "[null,3]",
       R"("axis":-1,"mean":[0,1,2],"variance":[1,1,1])",
       {{R"("axis":null)", "axis null not supported (one axis is)"},
        {R"("mean":[0,1,2])", "'mean' and 'variance' must be given together"},
        {R"("mean":[0,1],"variance":[1,1])", "'mean' and 'variance' must have an element for each of 3 channels"},
        {R"("mean":[0,[1]],"variance":1)", "'mean' must be finite numbers in lists of equal lengths"},
        {R"("mean":[],"variance":1)", "'mean' must be finite numbers in lists of equal lengths"}}},
      {"Rescaling",
       "[null,3]",
       R"("scale":[1,2,3],"offset":0.5)",
       {{R"("scale":"x")", "'scale' must be finite numbers in lists of equal lengths"},
        {R"("scale":[1,2])", "2 numbers for 3 channels"}}},
      {"PReLU",
       "[null,8,4]",
       R"("shared_axes":[1])",
       {{R"("shared_axes":[0])", "axis 0 is not one of the input's shape [8,4]"},
        {R"("shared_axes":"x")", "'shared_axes' must be an integer or a list of them"}}},
      {"LeakyReLU", "[null,3]", R"("alpha":0.1)", {{R"("alpha":"x")", "attribute 'alpha' must be a number"}}},
      {"ELU", "[null,3]", R"("alpha":0.5)", {{R"("alpha":[1])", "attribute 'alpha' must be a number"}}},
      {"ReLU", "[null,3]", R"("max_value":6)", {{R"("threshold":{})", "attribute 'threshold' must be a number"}}},
      {"ThresholdedReLU", "[null,3]", R"("theta":1)", {{R"("theta":true)", "attribute 'theta' must be a number"}}},
      {"Softmax", "[null,3,4]", R"("axis":1)", {{R"("axis":[1,2])", "axis [1,2] not supported (one axis is)"}}},
      {"Activation",
       "[null,3]",
       R"("activation":"mish")",
       {{R"("activation":"glu")", "activation 'glu' needs an even last axis, not shape [3]"},
        {R"("activation":7)", "activation '7' not supported"}}},
  };
}

std::vector<Rule> all_rules() {
  std::vector<Rule> rules;
  for (const auto& group : {conv_rules(), pool_rules(), shape_rules(), value_rules()}) {
    rules.insert(rules.end(), group.begin(), group.end());
  }
  return rules;
}

INSTANTIATE_TEST_SUITE_P(ImportKeras, LayerRules, testing::ValuesIn(all_rules()),
                         [](const auto& rule) { return fmt::format("{}_{}", rule.param.type, rule.index); });

// Layers of several inputs.
struct Join {
  std::string type;
  std::string config;
  std::vector<std::string> inputs;  // extents
  std::string message;
};

TEST(JoinRules, AllOfThem) {
  const Folder folder;
  const std::vector<Join> joins{
      {"Add", "", {"[null,4]", "[null,4]", "[null,1]"}, "imported"},
      {"Add", "", {"[null,4,5,3]", "[null,3]"}, "imported"},
      {"Add", "", {"[null,4]", "[null,3]"}, "shapes [4] and [3] do not go together"},
      {"Multiply", "", {"[null,4]"}, "1 inputs, at least 2 wanted"},
      {"Subtract", "", {"[null,4]", "[null,4]", "[null,4]"}, "3 inputs, 2 wanted"},
      {"Average", "", {"[null,4]", "[null,4]", "[null,4]"}, "imported"},
      {"Maximum", "", {"[null,65536,1]", "[null,1,65537]"}, "shape [65536,65537]: more than 4294967296 elements"},
      {"Minimum", "", {"[null,2]", "[null,2]"}, "imported"},
      {"Concatenate", R"("axis":1)", {"[null,4,2]", "[null,3,2]"}, "imported"},
      {"Concatenate",
       R"("axis":-1)",
       {"[null,4,2]", "[null,3,2]"},
       "shapes [4,2] and [3,2] do not go together along axis -1"},
      {"Concatenate", R"("axis":0)", {"[null,4]", "[null,4]"}, "axis 0 is not one of the input's shape [4]"},
      {"Concatenate",
       R"("axis":1)",
       {"[null,4,2]", "[null,4]"},
       "shapes [4,2] and [4] do not go together along axis 1"},
      {"Concatenate",
       R"("axis":1)",
       {"[null,2147483648,1]", "[null,2147483648,1]", "[null,1,1]"},
       "shape [4294967297,1]: more than 4294967296 elements"},
      {"Dot", R"("axes":1)", {"[null,4]", "[null,4]"}, "imported"},
      {"Dot", R"("axes":[2,1])", {"[null,4,3]", "[null,3,5]"}, "imported"},
      {"Dot",
       R"("axes":[1,1])",
       {"[null,4,3]", "[null,3,5]"},
       "a dot product of shapes [4,3] and [3,5] over axes 1, 1 not supported"},
      {"Dot", R"("axes":1,"normalize":true)", {"[null,4]", "[null,4]"}, "attribute 'normalize' not supported"},
      {"Dot", R"("axes":[1,2,3])", {"[null,4]", "[null,4]"}, "attribute 'axes' must be one or two integers"},
  };
  for (const Join& join : joins) {
    std::vector<std::string> layers;
    std::vector<std::string> references;
    for (std::size_t i = 0; i < join.inputs.size(); ++i) {
      layers.push_back(
          layer("InputLayer", fmt::format("x{}", i), fmt::format(R"("batch_input_shape":{})", join.inputs[i]), "[]"));
      references.push_back(fmt::format(R"(["x{}",0,0])", i));
    }
    const std::string list = fmt::format("[{}]", fmt::join(references, ","));
    layers.push_back(layer(join.type, "l", join.config, "[" + list + "]"));
    const std::string expected =
        join.message == "imported" ? "imported" : fmt::format("m.json: l ({}): {}", join.type, join.message);
    const std::string got = message(folder, functional(layers, list, R"([["l",0,0]])"));
    EXPECT_EQ(got, expected) << join.type << join.config;
  }
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
