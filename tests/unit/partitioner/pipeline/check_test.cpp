#include "partitioner/pipeline/check.hpp"

#include <cmath>

#include "runtime/tensor/quantise.hpp"
#include "tests/unit/partitioner/pipeline/fixture.hpp"

namespace algean::partitioner {
namespace {

class CheckVectors : public SmallNet {
 protected:
  static constexpr const char* check_ =
      R"("check": {"inputs": "inputs.npy", "outputs": "outputs.npy", "tolerance": 0.001})";

  // The reference's outputs for inputs.npy, as a user gets them.
  static std::vector<float> outputs_of(const kernels::Graph& graph) {
    const auto inputs = random_values(3, 24);
    std::vector<float> outputs;
    for (std::size_t i = 0; i < 6; ++i) {
      const TensorType& type = graph.values[graph.inputs[0].value].type;
      Tensor real({ElementType::float32(), {4}}, std::span<const float>(inputs).subspan(4 * i, 4));
      if (type.element.is_integer()) real = *quantise(real, type.element);
      Tensor result = std::move(kernels::interpret(graph, kernels::library(), std::span(&real, 1))->front());
      if (type.element.is_integer()) result = dequantise(result);
      const auto elements = result.elements<float>();
      outputs.insert(outputs.end(), elements.begin(), elements.end());
    }
    return outputs;
  }

  static Result<std::optional<CheckReport>> check(const std::filesystem::path& path) {
    auto loaded = open(path);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return check_vectors(*loaded, kernels::library());
  }

  [[nodiscard]] std::string error_of(const std::filesystem::path& path) const {
    const auto report = check(path);
    return report ? "accepted" : without_folder(report.error().message);
  }
};

TEST_F(CheckVectors, NoneToCheck) {
  EXPECT_FALSE(*check(folder_ / "m.json"));
  EXPECT_FALSE(*check(write_net(keras_model_, calibrated_)));
}

TEST_F(CheckVectors, InputsAloneAreRun) {
  const auto report = check(write_net(keras_model_, calibrated_ + R"(, "check": {"inputs": "inputs.npy"})"));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ((*report)->inferences, 6);
  EXPECT_FALSE((*report)->worst);
  EXPECT_TRUE((*report)->passed());
}

TEST_F(CheckVectors, IntegersAndFloatsMeetTheirReference) {
  write_array("outputs.npy", {6, 3}, std::vector<float>(18));
  for (const char* precision : {"int8", "float"}) {
    const auto net = write_net(
        keras_model_, fmt::format(R"({}, "precision": {{"default": "{}"}}, {})", calibrated_, precision, check_));
    write_array("outputs.npy", {6, 3}, outputs_of(open(net)->runnable()));
    const auto report = check(net);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE((*report)->passed());
    EXPECT_EQ((*report)->worst->difference, 0) << precision;
    EXPECT_EQ((*report)->tolerance, 0.001);
  }
}

TEST_F(CheckVectors, TheWorstElementIsNamed) {
  write_array("outputs.npy", {6, 3}, std::vector<float>(18));
  const auto net = write_net(keras_model_, fmt::format(R"({}, {})", calibrated_, check_));
  auto outputs = outputs_of(open(net)->runnable());
  outputs[4 * 3 + 2] += 0.5F;
  outputs[1 * 3 + 1] -= 0.25F;
  write_array("outputs.npy", {6, 3}, outputs);
  auto report = check(net);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE((*report)->passed());
  EXPECT_EQ((*report)->worst->inference, 4);
  EXPECT_EQ((*report)->worst->element, 2);
  EXPECT_NEAR((*report)->worst->difference, 0.5, 1e-6);
  EXPECT_EQ((*report)->worst->expected, outputs[4 * 3 + 2]);
  outputs[7] = NAN;
  write_array("outputs.npy", {6, 3}, outputs);
  report = check(net);
  EXPECT_FALSE((*report)->passed());
  EXPECT_EQ((*report)->worst->inference, 2);
}

TEST_F(CheckVectors, IntegerFormsAreComparedAsIntegers) {
  write_array("outputs.npy", {6, 3}, std::vector<float>(18));
  std::vector<float> integers(24);
  for (std::size_t i = 0; i < integers.size(); ++i) integers[i] = static_cast<float>(i * 7 % 256) - 128;
  write_array("inputs.npy", {6, 4}, integers);
  const auto net = write_net(
      keras_model_, fmt::format(R"({}, {}, "io": {{"input": "integer", "output": "integer"}})", calibrated_, check_));
  const auto loaded = open(net);
  ASSERT_TRUE(loaded) << loaded.error().message;
  std::vector<float> wanted;
  for (std::size_t i = 0; i < 6; ++i) {
    Tensor input({ElementType::int8(), {4}});
    for (std::size_t j = 0; j < 4; ++j)
      input.elements<std::int8_t>()[j] = static_cast<std::int8_t>(integers[4 * i + j]);
    const auto output = kernels::interpret(loaded->runnable(), kernels::library(), std::span(&input, 1));
    ASSERT_TRUE(output) << output.error().message;
    for (std::size_t j = 0; j < 3; ++j) wanted.push_back(static_cast<float>(output->front().integer_at(j)));
  }
  write_array("outputs.npy", {6, 3}, wanted);
  const auto report = check(net);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ((*report)->worst->difference, 0);
  integers[5] = 128;
  write_array("inputs.npy", {6, 4}, integers);
  EXPECT_EQ(error_of(net),
            "inputs.npy: check input 'x', inference 1: element 1 is 128, must be an integer from -128 to 127");
  integers[5] = 0.5F;
  write_array("inputs.npy", {6, 4}, integers);
  EXPECT_EQ(error_of(net),
            "inputs.npy: check input 'x', inference 1: element 1 is 0.5, must be an integer from -128 to 127");
}

TEST_F(CheckVectors, ArraysThatDoNotFit) {
  write_array("outputs.npy", {5, 3}, std::vector<float>(15));
  const auto net = write_net(keras_model_, fmt::format(R"({}, {})", calibrated_, check_));
  EXPECT_EQ(error_of(net), "outputs.npy: expects 5 inferences, check.inputs (inputs.npy) holds 6");
  write_array("outputs.npy", {6, 2}, std::vector<float>(12));
  EXPECT_THAT(error_of(net), ::testing::HasSubstr("' has shape [6,2], must have [batch,3]"));
  write_array("inputs.npy", {6, 3}, std::vector<float>(18));
  EXPECT_EQ(error_of(net), "inputs.npy: check input 'x' has shape [6,3], must have [batch,4]");
  auto values = random_values(3, 24);
  values[6] = NAN;
  write_array("inputs.npy", {6, 4}, values);
  write_array("outputs.npy", {6, 3}, std::vector<float>(18));
  EXPECT_EQ(error_of(net), "inputs.npy: check input 'x', inference 1: element 2 is NaN");
}

}  // namespace
}  // namespace algean::partitioner
