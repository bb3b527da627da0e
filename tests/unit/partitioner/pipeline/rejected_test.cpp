// Every way that loading can fail, with its message.
#include <cmath>

#include "tests/unit/partitioner/pipeline/fixture.hpp"

namespace algean::partitioner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using LoadRejects = SmallNet;

TEST_F(LoadRejects, FilesOfNoKind) {
  EXPECT_EQ(message(folder_ / "gone.json"), "gone.json: cannot read: No such file or directory");
  EXPECT_EQ(message(folder_ / "gone"), "gone: cannot read: No such file or directory");
  EXPECT_EQ(message(folder_.write("x.txt", "text")),
            "x.txt: neither a net.json, a Keras .json, .h5 or .keras, an .onnx, a .tflite, nor a graph file");
  EXPECT_EQ(message(folder_.write("x.keras", "PK")), "x.keras: not a sound zip archive: Not a zip archive");
  EXPECT_EQ(message(folder_.write("x.json", R"({"name": {"model": 1, "class_name": 2}, "x": "model"})")),
            "x.json: neither a net.json (it needs the keys 'version' and 'model') nor a Keras model (it needs "
            "'class_name')");
  EXPECT_THAT(message(folder_.write("y.json", "")), HasSubstr("y.json: neither a net.json"));
  EXPECT_THAT(message(folder_.write("z.json", "{\"a\\")), HasSubstr("z.json: neither a net.json"));
  EXPECT_THAT(message(folder_.write("x.h5", "text")), StartsWith("x.h5: "));
  EXPECT_EQ(message(folder_.write("x.tflite", "text")), "x.tflite: no TensorFlow Lite file");
  EXPECT_EQ(message(folder_.write("other", std::string("\0\0\0\0TFL3", 8))),
            "other: not whole, or no TensorFlow Lite file");
  EXPECT_THAT(message(folder_.write("x.graph", "algean-graph 9\n")), StartsWith("x.graph:1: "));
}

TEST_F(LoadRejects, NetJsonWithLineAndColumn) {
  EXPECT_EQ(message(write_net(keras_model_, R"("precision": {"default": "int9"})")),
            "net.json:3:26: 'precision.default' must be one of int8, float; it is 'int9'");
  EXPECT_EQ(message(write_net(keras_model_, R"("calibrations": {})")),
            "net.json:3:1: unknown key 'calibrations'; did you mean 'calibration'?; known are version, name, model, "
            "precision, calibration, check, io, target, layers");
  EXPECT_EQ(message(write_net(keras_model_, R"("model": {})")),
            "net.json:3:1: key 'model' stands twice in its map; the first is in line 2");
  EXPECT_EQ(message(write_net(R"("file": "m.json", "weights": "gone_weights.h5")")),
            "net.json:2:40: 'model.weights' names a file that does not exist: gone_weights.h5");
  EXPECT_EQ(message(write_net(R"("file": "net.json")")),
            "net.json:2:19: 'model.file' must name a model; net.json is a net.json");
  EXPECT_EQ(message(write_net(R"("file": "whole.h5", "weights": "m_weights.h5")")),
            "net.json:2:42: 'model.weights' goes with a Keras .json only; whole.h5 has its weights inside");
  EXPECT_EQ(message(write_net(R"("file": "whole.h5", "fully_connected": "double")")),
            "net.json:2:50: 'model.fully_connected' goes with a .tflite only");
  EXPECT_EQ(message(write_net(R"("file": "calibration.npy")")),
            "net.json:2:19: calibration.npy: neither a net.json, a Keras .json, .h5 or .keras, an .onnx, a .tflite, "
            "nor a graph file");
}

TEST_F(LoadRejects, MissingWeights) {
  std::filesystem::remove(folder_ / "m_weights.h5");
  EXPECT_EQ(message(folder_ / "m.json"),
            "m.json: no weights file given, and none of m_weights.h5, m.weights.h5, m.h5 beside it");
}

TEST_F(LoadRejects, NanInWeights) {
  auto weights = random_weights();
  weights[1].variables[0].values[4] = NAN;  // kernel [1,1]
  write_weights("m_weights.h5", weights);
  const std::string rule = "m_weights.h5: d2 (Dense): kernel[1,1] is NaN";
  EXPECT_EQ(message(write_net(keras_model_, calibrated_)), rule);
  EXPECT_EQ(message(write_net(keras_model_, R"("precision": {"default": "float"})")), rule);
  EXPECT_EQ(message(folder_ / "m.json"), rule);
}

TEST_F(LoadRejects, NanInAGraphFile) {
  auto graph = open(folder_ / "m.json")->imported;
  for (kernels::Layer& layer : graph.layers) {
    if (layer.spec.name != "d2") continue;
    Tensor weight = layer.spec.required("weight");
    weight.elements<float>()[7] = HUGE_VALF;
    layer.spec.constants["weight"] = std::make_shared<const Tensor>(weight);
  }
  ASSERT_TRUE(kernels::write_graph(folder_ / "float.graph", graph));
  EXPECT_EQ(message(folder_ / "float.graph"),
            "float.graph: layer 'd2': constant 'weight': element 7 is inf, must be finite");
}

TEST_F(LoadRejects, LayersThatTheModelLacksOrCannotHave) {
  EXPECT_THAT(message(write_net(keras_model_, R"("precision": {"layers": {"d3": "int8"}})")),
              StartsWith("net.json:3:32: 'precision.layers.d3' names no layer of the model; it has 'd1', "));
  EXPECT_THAT(message(write_net(keras_model_, R"("layers": {"dense": {}})")),
              StartsWith("net.json:3:21: 'layers.dense' names no layer of the model; it has 'd1', "));
  EXPECT_EQ(message(write_net(keras_model_, R"("precision": {"layers": {"d2": "float"}})")),
            "net.json:3:32: 'precision.layers.d2': a layer of another precision than the default is not supported yet");
  EXPECT_EQ(message(write_net(keras_model_, R"("precision": {"default": "float", "layers": {"d2": "int8"}})")),
            "net.json:3:52: 'precision.layers.d2': a layer of another precision than the default is not supported yet");
}

TEST_F(LoadRejects, QuantiseWithoutCalibrationNamesIt) {
  LoadOptions options;
  options.require_integer = true;
  const std::string how =
      ": no calibration inputs; net.json's 'calibration' names a file of sample inputs (.npy, .npz, .csv), from which "
      "int8 gets its ranges";
  EXPECT_EQ(message(write_net(keras_model_), options), "net.json" + how);
  EXPECT_EQ(message(folder_ / "m.json", options), "m.json" + how);
  EXPECT_EQ(message(write_net(keras_model_, R"("precision": {"default": "float"})"), options),
            "net.json: 'precision.default' is float: there is nothing to quantise");
}

TEST_F(LoadRejects, IntegerFormsOfAFloatNetwork) {
  EXPECT_EQ(message(write_net(keras_model_, R"("io": {"input": "integer"})")),
            "net.json:3:17: 'io.input' is integer, but the network runs in float");
}

TEST_F(LoadRejects, Calibration) {
  const auto net = write_net(keras_model_, calibrated_);
  write_array("calibration.npy", {20, 5}, random_values(1, 100));
  EXPECT_EQ(message(net), "calibration.npy: calibration input 'x' has shape [20,5], must have [batch,4]");
  write_array("calibration.npy", {2, 2, 4}, random_values(1, 16));
  EXPECT_EQ(message(net), "calibration.npy: calibration input 'x' has shape [2,2,4], must have [batch,4]");
  auto values = random_values(1, 12);
  values[9] = NAN;
  write_array("calibration.npy", {3, 4}, values);
  EXPECT_EQ(message(net), "calibration.npy: calibration input 'x': element [2,1] is nan, must be finite");
  values[9] = -HUGE_VALF;
  write_array("calibration.npy", {3, 4}, values);
  EXPECT_EQ(message(net), "calibration.npy: calibration input 'x': element [2,1] is -inf, must be finite");
  folder_.write("calibration.npy", "text");
  EXPECT_EQ(message(net), "calibration.npy: not a .npy file: it must start with \\x93NUMPY");
  LoadOptions options;
  options.calibration_inputs = folder_ / "gone.npy";
  EXPECT_EQ(message(net, options), "gone.npy: cannot read: No such file or directory");
  const std::vector<NamedArray> arrays{{"a", Tensor({ElementType::float32(), {1, 4}})},
                                       {"b", Tensor({ElementType::float32(), {1, 4}})}};
  ASSERT_TRUE(write_arrays(folder_ / "c.npz", arrays));
  options.calibration_inputs = folder_ / "c.npz";
  EXPECT_EQ(message(net, options), "c.npz: no array for calibration input 'x'; the file holds a, b");
  folder_.write("c.csv", "1,2,3\n");
  options.calibration_inputs = folder_ / "c.csv";
  EXPECT_EQ(message(net, options), "c.csv: calibration input 'x' has shape [1,3], must have [batch,4]");
}

}  // namespace
}  // namespace algean::partitioner
