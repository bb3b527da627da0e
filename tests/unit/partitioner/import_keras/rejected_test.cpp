// The rejected twins: what is wrong with a file, and what the message says.
#include <gmock/gmock.h>

#include <limits>

#include "tests/unit/partitioner/import_keras/models.hpp"

namespace algean::partitioner::testing_keras {
namespace {

const std::string x2 = layer("InputLayer", "x", R"("batch_input_shape":[null,2])", "[]");
const std::string two_units = R"("units":2,"use_bias":false)";
const std::vector<StoredLayer> doubling{{"d", "dense", {{"kernel:0", {2, 2}, {2, 0, 0, 2}}}}};

class Rejected : public testing::Test {
 protected:
  // The message of importing `json` (as m.json) with `stored` (as w.h5), without the folder's path.
  std::string message(const std::string& json, const std::vector<StoredLayer>& stored = doubling,
                      bool by_class = false) {
    {
      Hdf5Writer file(folder_ / "w.h5");
      if (by_class) {
        write_by_class(file, stored);
      } else {
        write_by_names(file, "", stored);
      }
    }
    return message(KerasFiles{folder_.write("m.json", json), folder_ / "w.h5"});
  }

  std::string message(const KerasFiles& files) {
    const auto graph = import_keras(files, kernels::library());
    if (graph) return "imported";
    EXPECT_EQ(graph.error().kind, ErrorKind::bad_input);
    std::string text = graph.error().message;
    const std::string path = (folder_ / "").string();
    for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) text.erase(at, path.size());
    return text;
  }

  Folder folder_;
};

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Rejected, TheTwinIsImported) {
  EXPECT_EQ(message(sequential({x2, layer("Dense", "d", two_units)})), "imported");
}

TEST_F(Rejected, MissingFiles) {
  const auto json = folder_.write("net.json", sequential({x2, layer("Dense", "d", two_units)}));
  EXPECT_EQ(message(KerasFiles{folder_ / "gone.json", std::nullopt}),
            "gone.json: cannot read: No such file or directory");
  EXPECT_EQ(message(KerasFiles{json, folder_ / "gone.h5"}), "gone.h5: cannot read: No such file or directory");
  EXPECT_EQ(message(KerasFiles{json, std::nullopt}),
            "net.json: no weights file given, and none of net_weights.h5, net.weights.h5, net.h5 beside it");
}

TEST_F(Rejected, UnsupportedLayersAllInOneRun) {
  const std::string json = sequential(
      {layer("InputLayer", "x", R"("batch_input_shape":[null,4,2])"), layer("Conv3D", "conv1", R"("filters":2)"),
       layer("Activation", "act2", R"("activation":"sparsemax")"),
       sequential({layer("LSTM", "lstm"), layer("Dense", "d", R"("units":2,"activation":"threshold")")}, "inner"),
       layer("Dense", "e", R"("units":2,"dtype":{"class_name":"QuantizedDTypePolicy","config":{"mode":"int8"}})")});
  EXPECT_EQ(
      message(json),
      "m.json: conv1 (Conv3D): layer type not supported; act2 (Activation): activation 'sparsemax' not supported; "
      "inner/lstm (LSTM): layer type not supported; inner/d (Dense): activation 'threshold' not supported; "
      "e (Dense): dtype 'QuantizedDTypePolicy' not supported");
}

TEST_F(Rejected, WhatOnlyShapesShow) {
  const std::string x = layer("InputLayer", "x", R"("batch_input_shape":[null,4,2])");
  EXPECT_EQ(message(sequential({x, layer("Softmax", "s", R"("axis":0)")})),
            "m.json: s (Softmax): axis 0 is not one of the input's shape [4,2]");
  EXPECT_EQ(message(sequential({x, layer("Reshape", "r", R"("target_shape":[3,-1])")})),
            "m.json: r (Reshape): target_shape [3,-1] does not hold the input's shape [4,2]");
  EXPECT_EQ(message(sequential({x, layer("Reshape", "r", R"("target_shape":[-1,-1])")})),
            "m.json: r (Reshape): target_shape [-1,-1] has more than one -1");
  EXPECT_EQ(message(sequential({x, layer("BatchNormalization", "n", R"("axis":3)")})),
            "m.json: n (BatchNormalization): axis 3 is not one of the input's shape [4,2]");
  EXPECT_EQ(message(sequential(
                {layer("InputLayer", "x", R"("batch_input_shape":[null,null,2])"), layer("Dense", "d", two_units)})),
            "m.json: x (InputLayer): axis 1 of the input has no fixed extent, which is not supported");
}

TEST_F(Rejected, OperationNodesAndArguments) {
  const std::string operation =
      R"({"module":"keras.src.ops.numpy","class_name":"NotEqual","config":{"name":"multiply"},"name":"multiply","inbound_nodes":[{"args":[{"class_name":"__keras_tensor__","config":{"keras_history":["x",0,0]}},2.0],"kwargs":{}}]})";
  EXPECT_EQ(message(functional({x2, operation}, R"(["x",0,0])", R"(["multiply",0,0])")),
            "m.json: multiply (NotEqual): operation 'keras.ops.NotEqual' not supported");
  EXPECT_EQ(message(functional({x2, layer("Dropout", "d", "", R"([[["x",0,0,{"training":true}]]])")}, R"([["x",0,0]])",
                               R"([["d",0,0]])")),
            "m.json: d (Dropout): call with training not supported");
  EXPECT_EQ(message(functional({x2, layer("Dense", "d", two_units, R"([[["x",0,0,{}],["x",0,0,{}]]])")},
                               R"([["x",0,0]])", R"([["d",0,0]])")),
            "m.json: d (Dense): 2 inputs, 1 wanted");
}

// Keras 1 said the same in other words, which must not be passed over.
TEST_F(Rejected, WordsOfKeras1) {
  const std::string x = layer("InputLayer", "x", R"("batch_input_shape":[null,4,4,2])");
  EXPECT_EQ(message(sequential({x, layer("MaxPooling2D", "p", R"("pool_size":2,"border_mode":"same")")})),
            "m.json: p (MaxPooling2D): attribute 'border_mode' not supported");
  EXPECT_EQ(message(sequential({x, layer("BatchNormalization", "n", R"("mode":2)")})),
            "m.json: n (BatchNormalization): attribute 'mode' of 2 not supported");
}

TEST_F(Rejected, NestedModelsCalledForTraining) {
  std::string inner = sequential({x2, layer("Dropout", "d")}, "inner");
  inner.pop_back();
  inner += R"(,"name":"inner","inbound_nodes":[[["x",0,0,{"training":true}]]]})";
  EXPECT_EQ(message(functional({x2, inner}, R"([["x",0,0]])", R"([["inner",1,0]])")),
            "m.json: inner (Sequential): call with training not supported");
}

// 1,000 numbers, used 65,536 times by models that use each other.
TEST_F(Rejected, MultiplyingNumbers) {
  std::string numbers = "1";
  for (int i = 1; i < 2048; ++i) numbers += ",1";
  const std::string operation = fmt::format(
      R"({{"module":"keras.src.ops.numpy","class_name":"Add","config":{{}},"name":"d","inbound_nodes":[{{"args":[{{"class_name":"__keras_tensor__","config":{{"keras_history":["x",0,0]}}}},[{}]],"kwargs":{{}}}}]}})",
      numbers);
  const std::string wide = layer("InputLayer", "x", R"("batch_input_shape":[null,1])", "[]");
  std::string inner = functional({wide, operation}, R"([["x",0,0]])", R"([["d",0,0]])", "m0");
  for (int i = 1; i < 10; ++i) {
    const std::string call = R"([["x",0,0,{}]])";
    inner.pop_back();
    inner = functional(
        {wide, fmt::format(R"({},"name":"m{}","inbound_nodes":[{},{},{},{}]}})", inner, i - 1, call, call, call, call)},
        R"([["x",0,0]])", fmt::format(R"([["m{}",1,0]])", i - 1), fmt::format("m{}", i));
  }
  EXPECT_THAT(message(inner), HasSubstr("more than 67108864 numbers in the topology"));
}

TEST_F(Rejected, WrongAttributes) {
  const auto dense = [&](const std::string& config) { return message(sequential({x2, layer("Dense", "d", config)})); };
  EXPECT_EQ(dense(R"("units":0)"), "m.json: d (Dense): attribute 'units' must be a positive integer");
  EXPECT_EQ(dense(R"("units":"2")"), "m.json: d (Dense): attribute 'units' must be a positive integer");
  EXPECT_EQ(dense(R"("units":2,"use_bias":1)"), "m.json: d (Dense): attribute 'use_bias' must be true or false");
  EXPECT_EQ(dense(R"("units":2,"lora_rank":4)"), "m.json: d (Dense): attribute 'lora_rank' not supported");
  EXPECT_EQ(dense(R"("units":2,"activation":{"class_name":"Custom","config":{}})"),
            "m.json: d (Dense): activation 'Custom' not supported");
  EXPECT_EQ(message(sequential({x2, layer("LeakyReLU", "l", R"("alpha":[0.1,0.2])")})),
            "m.json: l (LeakyReLU): attribute 'alpha' must be a number");
  EXPECT_EQ(message(sequential({x2, layer("BatchNormalization", "n", R"("axis":[1,2])")})),
            "m.json: n (BatchNormalization): axis [1,2] not supported (one axis is)");
}

TEST_F(Rejected, NoJson) {
  EXPECT_THAT(message("{\n  \"class_name\": \"Sequential\",\n  oops"), StartsWith("m.json:3:3: not JSON: "));
  EXPECT_THAT(message(""), StartsWith("m.json:1:1: not JSON: "));
  EXPECT_EQ(message(std::string(300, '[')), "m.json: JSON nested more than 200 deep");
  EXPECT_EQ(message("[1, 2]"), "m.json: not a Keras model: no 'class_name' and 'config' at its top");
  EXPECT_EQ(message("PK\x03\x04 and so on"), "m.json: not a sound zip archive: Not a zip archive");
}

TEST_F(Rejected, NoModel) {
  EXPECT_EQ(message(R"({"class_name":"Subclassed","config":{}})"),
            "m.json: class_name is 'Subclassed'; a model is Sequential or Functional");
  EXPECT_EQ(message(R"({"class_name":"Sequential","config":7})"), "m.json: 'config' must be an object");
  EXPECT_EQ(message(R"({"class_name":"Sequential","config":{}})"), "m.json: config has no list 'layers'");
  EXPECT_EQ(message(sequential({})), "m.json: a model without layers");
  EXPECT_EQ(message(sequential({"3"})), "m.json: layers[0] must be an object");
  EXPECT_EQ(message(sequential({R"({"config":{}})"})), "m.json: layers[0] has no 'class_name'");
  EXPECT_EQ(message(sequential({R"({"class_name":"Dense"})"})), "m.json: layers[0] has no 'config'");
  EXPECT_EQ(message(sequential({layer("Dense", "d", two_units)})),
            "m.json: the model does not say the shape of its input");
  EXPECT_EQ(message(sequential({x2, layer("Dense", "d", two_units), layer("Dense", "d", two_units)})),
            "m.json: two layers are called 'd'");
  std::string deep = layer("Dense", "d", two_units);
  for (int i = 0; i < 20; ++i) deep = sequential({x2, deep}, fmt::format("m{}", i));
  EXPECT_EQ(message(deep), "m.json: models nested more than 16 deep");
}

TEST_F(Rejected, WrongReferences) {
  const auto with = [&](const std::string& inbound, const std::string& outputs = R"([["d",0,0]])") {
    return message(functional({x2, layer("Dense", "d", two_units, inbound)}, R"([["x",0,0]])", outputs));
  };
  EXPECT_EQ(with(R"([[["y",0,0,{}]]])"), "m.json: d refers to a layer 'y', which is not there");
  EXPECT_EQ(with(R"([[["x",3,0,{}]]])"), "m.json: d refers to call 3 of layer 'x', which has 1");
  EXPECT_EQ(with(R"([[["d",0,0,{}]]])"), "m.json: layer 'd' depends on its own output");
  EXPECT_EQ(with(R"([[["x","0",0,{}]]])"), "m.json: d: 'inbound_nodes' is of an unknown form");
  EXPECT_EQ(with(R"([[["x",0,0,{}]]])", R"([["z",0,0]])"),
            "m.json: output_layers refers to a layer 'z', which is not there");
  EXPECT_EQ(with(R"([[["x",0,0,{}]]])", "[]"), "m.json: no 'output_layers'");
  EXPECT_EQ(with(R"([[["x",0,5,{}]]])"), "m.json: d (Dense): reads an output that its layer has not");
  EXPECT_EQ(with(R"([[["x",0,0,{}]]])", R"([["d",0,1]])"), "m.json: output 0 ('d') is not computed from the inputs");
}

// Inner models that call each other twice multiply: 2^15 calls in 4 kB of text.
TEST_F(Rejected, MultiplyingModels) {
  std::string inner =
      functional({x2, layer("Dropout", "d", "", R"([[["x",0,0,{}]]])")}, R"([["x",0,0]])", R"([["d",0,0]])", "m0");
  for (int i = 1; i < 16; ++i) {
    const std::string call = R"([["x",0,0,{}]])";
    inner.pop_back();
    inner = functional(
        {x2, fmt::format(R"({},"name":"m{}","inbound_nodes":[{},{},{},{}]}})", inner, i - 1, call, call, call, call)},
        R"([["x",0,0]])", fmt::format(R"([["m{}",1,0]])", i - 1), fmt::format("m{}", i));
  }
  EXPECT_THAT(message(inner), HasSubstr("more than 100000 calls of layers"));
}

TEST_F(Rejected, WrongWeights) {
  const std::string json =
      sequential({x2, layer("Dense", "d", R"("units":3)"), layer("ReLU", "r"), layer("Dense", "e", two_units)});
  const Variable kernel{"kernel:0", {2, 3}, std::vector<float>(6, 1)};
  const Variable bias{"bias:0", {3}, {1, 2, 3}};
  const StoredLayer e{"e", "dense_1", {{"kernel:0", {3, 2}, std::vector<float>(6, 1)}}};
  EXPECT_EQ(message(json, {{"d", "dense", {kernel, bias}}, e}), "imported");
  EXPECT_EQ(
      message(json, {{"d", "dense", {{"kernel:0", {3, 2}, std::vector<float>(6, 1)}, {"bias:0", {2}, {1, 2}}}}, e}),
      "w.h5: d (Dense): kernel has shape [3,2] in the file, [2,3] expected; d (Dense): bias has shape [2] in the file, "
      "[3] expected");
  EXPECT_EQ(message(json, {{"d", "dense", {kernel}}, e}),
            "w.h5: d (Dense): 2 weights expected (kernel, bias), the file has 1");
  EXPECT_EQ(message(json, {{"d", "dense", {kernel, bias}}}), "w.h5: e (Dense): no weights in the file");
  EXPECT_EQ(message(json, {{"d", "dense", {kernel, bias}}, e, {"f", "dense_2", {bias}}}),
            "w.h5: the file has weights of a layer 'f', which the model has not");
  // the other layout
  EXPECT_EQ(message(json, {{"d", "dense", {kernel, bias}}, e}, true), "imported");
  EXPECT_EQ(message(json, {{"d", "dense", {kernel}}}, true),
            "w.h5: d (Dense): 2 weights expected (kernel, bias), the file has 1; e (Dense): no weights at "
            "'layers/dense_1/vars'");
  EXPECT_EQ(message(json, {{"d", "dense", {kernel, bias}}, e, {"f", "dense_2", {bias}}}, true),
            "w.h5: the file has weights at 'layers/dense_2', where the model has no layer");
}

TEST_F(Rejected, NotANumber) {
  const auto with = [&](float value) {
    return message(sequential({x2, layer("Dense", "d", two_units)}),
                   {{"d", "dense", {{"kernel:0", {2, 2}, {1, 2, value, 4}}}}});
  };
  EXPECT_EQ(with(std::numeric_limits<float>::quiet_NaN()), "w.h5: d (Dense): kernel[1,0] is NaN");
  EXPECT_EQ(with(std::numeric_limits<float>::infinity()), "w.h5: d (Dense): kernel[1,0] is infinite");
  EXPECT_EQ(message(sequential({x2, layer("BatchNormalization", "n", R"("scale":false,"center":false)")}),
                    {{"n", "", {{"m", {2}, {1, std::numeric_limits<float>::quiet_NaN()}}, {"v", {2}, {1, 1}}}}}),
            "w.h5: n (BatchNormalization): moving_mean[1] is NaN");
}

TEST_F(Rejected, OtherHdf5Content) {
  const auto json = folder_.write("net.json", sequential({x2, layer("Dense", "d", two_units)}));
  const KerasFiles files{json, folder_ / "w.h5"};
  {
    Hdf5Writer file(folder_ / "w.h5");
    file.dataset("data", {2}, {1, 2});
  }
  EXPECT_EQ(message(files),
            "w.h5: none of Keras' layouts: no attribute 'layer_names' at the root or at group 'model_weights', no "
            "group 'layers'");
  EXPECT_EQ(message(KerasFiles{folder_ / "w.h5", std::nullopt}),
            "w.h5: weights alone: it has no attribute 'model_config'; name the model's .json too");
  {
    Hdf5Writer file(folder_ / "w.h5");
    file.dataset("layers/dense/vars/0", {2, 2}, {1, 2, 3, 4}, H5T_STD_I8LE);
  }
  EXPECT_EQ(message(files), "w.h5: d (Dense): kernel is int8 in the file, float16, float32 or float64 expected");
  {
    Hdf5Writer file(folder_ / "w.h5");
    file.attribute("", "layer_names", {"d"});
    file.attribute("d", "weight_names", {"d/kernel:0"});
  }
  EXPECT_EQ(message(files), "w.h5: d (Dense): kernel: no dataset 'd/d/kernel:0' in the file");
  folder_.write("w.h5", "no HDF5 at all");
  EXPECT_EQ(message(files), "w.h5: not an HDF5 file: its first bytes are not the HDF5 signature");
}

TEST_F(Rejected, DatasetsOfOtherFiles) {
  const auto json = folder_.write("net.json", sequential({x2, layer("Dense", "d", two_units)}));
  folder_.write("secret", std::string(16, 'x'));
  {
    Hdf5Writer file(folder_ / "w.h5");
    file.group("layers/dense/vars");
    const hsize_t extents[] = {2, 2};
    const hid_t space = H5Screate_simple(2, extents, nullptr);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(creation, (folder_ / "secret").c_str(), 0, 16);
    H5Dclose(H5Dcreate2(file.file(), "layers/dense/vars/0", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5Pclose(creation);
    H5Sclose(space);
  }
  EXPECT_EQ(message(KerasFiles{json, folder_ / "w.h5"}), "w.h5: dataset 'layers/dense/vars/0' lies in another file");
}

TEST_F(Rejected, MoreDataThanMayBe) {
  const auto json = folder_.write("net.json", sequential({x2, layer("Dense", "d", two_units)}));
  {
    Hdf5Writer file(folder_ / "w.h5");
    file.dataset("layers/dense/vars/0", {1U << 20U, 1U << 14U}, {});
  }
  EXPECT_EQ(message(KerasFiles{json, folder_ / "w.h5"}), "w.h5: more than 1024 MiB of weights");
}

TEST_F(Rejected, GroupsInACircle) {
  const auto json = folder_.write("net.json", sequential({x2, layer("Dense", "d", two_units)}));
  {
    Hdf5Writer file(folder_ / "w.h5");
    file.group("layers/dense");
    H5Lcreate_hard(file.file(), "/", file.file(), "layers/dense/again", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_THAT(message(KerasFiles{json, folder_ / "w.h5"}), HasSubstr("nested more than 64 deep"));
}

TEST_F(Rejected, CutOffFiles) {
  const std::string json = sequential({x2, layer("Dense", "d", two_units)});
  ASSERT_EQ(message(json), "imported");
  const auto whole = read_text(folder_ / "w.h5");
  ASSERT_TRUE(whole);
  folder_.write("w.h5", whole->substr(0, whole->size() / 2));
  EXPECT_THAT(message(KerasFiles{folder_ / "m.json", folder_ / "w.h5"}),
              StartsWith("w.h5: not a whole HDF5 file: truncated file: eof = "));
  folder_.write("w.h5", "");
  EXPECT_EQ(message(KerasFiles{folder_ / "m.json", folder_ / "w.h5"}),
            "w.h5: not an HDF5 file: its first bytes are not the HDF5 signature");
}

TEST_F(Rejected, KernelsOfTooManyElements) {
  const std::string x100 = layer("InputLayer", "x", R"("batch_input_shape":[null,100])", "[]");
  EXPECT_EQ(message(sequential({x100, layer("Dense", "d", R"("units":42949673)")})),
            "m.json: d (Dense): kernel: shape [100,42949673]: more than 4294967296 elements");
}

TEST_F(Rejected, TooManyLayers) {
  const auto relus = [](std::size_t count) {
    std::vector<std::string> layers{x2};
    for (std::size_t i = 0; i < count; ++i) layers.push_back(layer("ReLU", fmt::format("r{}", i)));
    return layers;
  };
  EXPECT_EQ(message(sequential(relus(max_keras_layers - 1)), {}), "imported");
  EXPECT_EQ(message(sequential(relus(max_keras_layers)), {}), "m.json: 10001 layers, at most 10000 are accepted");
  EXPECT_EQ(message(sequential({x2, sequential(relus(max_keras_layers - 2), "inner")}), {}),
            "m.json: 10001 layers, at most 10000 are accepted");
}

}  // namespace
}  // namespace algean::partitioner::testing_keras
