// NET of every kind ends in the same integer graph, and later artefacts skip what is behind them.
#include <set>

#include "tests/unit/partitioner/pipeline/fixture.hpp"

namespace algean::partitioner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Load = SmallNet;

TEST_F(Load, EveryKindEndsInTheSameIntegerGraph) {
  const auto reference = open(write_net(keras_model_, calibrated_));
  ASSERT_TRUE(reference) << reference.error().message;
  ASSERT_TRUE(reference->integer_graph);
  EXPECT_TRUE(reference->integer_graph->is_integer());
  EXPECT_EQ(reference->name, "small");
  EXPECT_THAT(reference->warnings, IsEmpty());
  const auto wanted = kernels::serialise(*reference->integer_graph);

  ASSERT_TRUE(kernels::write_graph(folder_ / "float.graph", reference->imported));
  ASSERT_TRUE(kernels::write_graph(folder_ / "simple.graph", reference->float_graph));
  ASSERT_TRUE(kernels::write_graph(folder_ / "integer", *reference->integer_graph));
  for (const char* model : {R"("file": "m.json")", R"("file": "whole.h5")", R"("file": "m.onnx")",
                            R"("file": "float.graph")", R"("file": "simple.graph")", R"("file": "integer")"}) {
    const auto loaded = open(write_net(model, calibrated_));
    ASSERT_TRUE(loaded) << model << loaded.error().message;
    ASSERT_TRUE(loaded->integer_graph) << model;
    EXPECT_EQ(kernels::serialise(*loaded->integer_graph), wanted) << model;
    EXPECT_EQ(&loaded->runnable(), &*loaded->integer_graph);
  }
  const auto artefact = open(folder_ / "integer");
  ASSERT_TRUE(artefact) << artefact.error().message;
  EXPECT_EQ(kernels::serialise(artefact->runnable()), wanted);
  EXPECT_EQ(artefact->name, "small");
  EXPECT_FALSE(artefact->has_float());

  LoadOptions options;
  options.calibration_inputs = folder_ / "calibration.npy";
  for (const char* name : {"m.json", "whole.h5", "m.onnx", "float.graph", "simple.graph"}) {
    auto loaded = open(folder_ / name, options);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->name, std::string_view(name).ends_with("graph")
                                ? "small"
                                : std::string(name, 0, std::string_view(name).find('.')));
    loaded->integer_graph->name = "small";
    EXPECT_EQ(kernels::serialise(*loaded->integer_graph), wanted) << name;
  }
}

TEST_F(Load, LaterArtefactsSkipTheStepsBehindThem) {
  const auto steps_of = [](const std::filesystem::path& path) {
    std::vector<std::string> steps;
    const auto loaded = open(path, {}, [&](std::string_view step, std::size_t done, std::size_t total) {
      EXPECT_LE(done, total);
      if (steps.empty() || steps.back() != step) steps.emplace_back(step);
    });
    EXPECT_TRUE(loaded) << loaded.error().message;
    return steps;
  };
  const auto net = write_net(keras_model_, calibrated_);
  EXPECT_THAT(steps_of(net), ElementsAre("import", "simplify", "calibrate", "quantise"));
  ASSERT_TRUE(kernels::write_graph(folder_ / "integer", *open(net)->integer_graph));
  EXPECT_THAT(steps_of(folder_ / "integer"), ElementsAre("import"));
  EXPECT_THAT(steps_of(write_net(keras_model_, R"("precision": {"default": "float"})")),
              ElementsAre("import", "simplify"));
}

TEST_F(Load, QuantisesTheFloatGraphClosely) {
  const auto loaded = open(write_net(keras_model_, calibrated_));
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto inputs = random_values(4, 4);
  const auto real = keras::infer(loaded->float_graph, {inputs});
  EXPECT_EQ(real, keras::infer(loaded->imported, {inputs}));
  EXPECT_LT(loaded->float_graph.layers.size(), loaded->imported.layers.size());  // relu is fused
}

TEST_F(Load, AFloatModelWithoutCalibrationRunsInFloatWithAWarning) {
  for (const auto& path : {write_net(keras_model_), folder_ / "m.json"}) {
    const auto loaded = open(path);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_FALSE(loaded->integer_graph);
    EXPECT_EQ(&loaded->runnable(), &loaded->float_graph);
    ASSERT_EQ(loaded->warnings.size(), 1);
    EXPECT_THAT(loaded->warnings[0],
                HasSubstr("no calibration inputs, so it runs in float; net.json's 'calibration' names"));
  }
}

TEST_F(Load, PrecisionFloatIsWhatTheUserWants) {
  const auto loaded = open(write_net(keras_model_, calibrated_ + R"(, "precision": {"default": "float"})"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_FALSE(loaded->integer_graph);
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST_F(Load, OptionsGoBeforeNetJson) {
  const auto net = write_net(keras_model_, calibrated_);
  LoadOptions options;
  options.quantise = false;
  EXPECT_FALSE(open(net, options)->integer_graph);
  const auto minmax = kernels::serialise(*open(net)->integer_graph);
  options.quantise = true;
  options.calibration_method = *parse_calibration_method("percentile:90");
  EXPECT_NE(kernels::serialise(*open(net, options)->integer_graph), minmax);
  const auto same = R"("calibration": {"inputs": "calibration.npy", "method": "percentile", "percentile": 90})";
  EXPECT_EQ(kernels::serialise(*open(write_net(keras_model_, same))->integer_graph),
            kernels::serialise(*open(net, options)->integer_graph));
}

TEST_F(Load, TheMethodMseReachesCalibration) {
  auto values = random_values(5, 32000);
  values[100] = 3;  // so far out that clipping it costs less than it gains
  write_array("calibration.npy", {8000, 4}, values);
  const auto minmax = open(write_net(keras_model_, calibrated_));
  const auto mse = open(write_net(keras_model_, R"("calibration": {"inputs": "calibration.npy", "method": "mse"})"));
  ASSERT_TRUE(minmax && mse);
  const auto scale = [](const Loaded& loaded) {
    return loaded.integer_graph->values[loaded.integer_graph->inputs[0].value].type.element.quantisation()->scale();
  };
  EXPECT_LT(scale(*mse), scale(*minmax));
}

TEST_F(Load, IoGivesThePortsTheirForm) {
  const auto loaded = open(write_net(keras_model_, calibrated_ + R"(, "io": {"output": "integer"})"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->integer_graph->inputs[0].form, ExternalForm::float32);
  EXPECT_EQ(loaded->integer_graph->outputs[0].form, ExternalForm::integer);
  ASSERT_TRUE(kernels::write_graph(folder_ / "integer", *loaded->integer_graph));
  EXPECT_EQ(open(folder_ / "integer")->integer_graph->outputs[0].form, ExternalForm::integer);
  const auto changed = open(write_net(R"("file": "integer")", R"("io": {"output": "float32"})"));
  EXPECT_EQ(changed->integer_graph->outputs[0].form, ExternalForm::float32);
}

TEST_F(Load, PrecisionAndHintsOfLayersThatTheModelHas) {
  const auto loaded = open(write_net(
      keras_model_,
      calibrated_ +
          R"(, "precision": {"layers": {"d1": "int8"}}, "layers": {"d2": {"node": "a", "reuse_factor": 2}})"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->net->layers[0].reuse_factor, 2);
}

TEST_F(Load, CalibrationMayBeNpzOrCsv) {
  const auto wanted = kernels::serialise(*open(write_net(keras_model_, calibrated_))->integer_graph);
  const auto arrays = read_arrays(folder_ / "calibration.npy");
  ASSERT_TRUE(arrays);
  ASSERT_TRUE(write_arrays(folder_ / "c.csv", *arrays));
  const std::vector<NamedArray> named{{"labels", Tensor({ElementType::float32(), {1}})}, {"x", arrays->front().tensor}};
  ASSERT_TRUE(write_arrays(folder_ / "c.npz", named));
  for (const char* name : {"c.csv", "c.npz"}) {
    const auto loaded = open(write_net(keras_model_, fmt::format(R"("calibration": {{"inputs": "{}"}})", name)));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(kernels::serialise(*loaded->integer_graph), wanted) << name;
  }
}

}  // namespace
}  // namespace algean::partitioner
