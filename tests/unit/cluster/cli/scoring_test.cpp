#include "cluster/cli/scoring.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cluster/cli/random_inputs.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::cluster {
namespace {

Port port(std::int64_t size) { return {"p", {ElementType::float32(), {size}}, ExternalForm::float32}; }

Tensor rows(std::int64_t count, std::int64_t size, const std::vector<float>& values) {
  return Tensor(TensorType{ElementType::float32(), {count, size}}, std::span<const float>(values));
}

std::string chosen(const std::string& text, std::int64_t input, std::int64_t output,
                   const std::vector<std::int64_t>& labels) {
  const std::vector<Port> inputs{port(input)};
  const std::vector<Port> outputs{port(output)};
  const auto metric = choose_metric(text, inputs, outputs, labels);
  return metric ? std::string(to_text(*metric)) : metric.error().message;
}

TEST(Metric, IsChosenByShapesAndLabels) {
  EXPECT_EQ(chosen("auto", 8, 8, {0, 1, 0}), "auc");
  EXPECT_EQ(chosen("auto", 8, 8, {0, 1, 2}), "accuracy");
  EXPECT_EQ(chosen("auto", 8, 3, {0, 1, 0}), "accuracy");
  EXPECT_EQ(chosen("auto", 8, 1, {0, 1, 0}), "accuracy");
  EXPECT_EQ(chosen("auto", 8, 8, {}), "score");
  EXPECT_EQ(chosen("accuracy", 8, 8, {0, 1, 0}), "accuracy");
  EXPECT_EQ(chosen("score", 8, 8, {0, 1, 0}), "score");
}

TEST(Metric, RefusedOnes) {
  EXPECT_EQ(chosen("auto", 8, 3, {}),
            "the metric score compares the output with the input, but [3] are not as many elements as [8] (--labels is "
            "missing)");
  EXPECT_EQ(chosen("auc", 8, 3, {0, 1}),
            "the metric auc compares the output with the input, but [3] are not as many elements as [8]");
  EXPECT_EQ(chosen("auc", 8, 8, {}), "the metric auc needs --labels");
  EXPECT_EQ(chosen("accuracy", 8, 8, {}), "the metric accuracy needs --labels");
  EXPECT_EQ(chosen("auc", 8, 8, {0, 2}), "the metric auc needs labels of 0 (normal) and 1 (anomalous)");
  EXPECT_EQ(chosen("auto", 8, 8, {1, 1}), "the metric auc needs both labels, but all are 1");
  EXPECT_EQ(chosen("auto", 8, 3, {0, -1}), "label 1 is -1, but the network tells the classes 0 to 2");
  EXPECT_EQ(chosen("auto", 8, 1, {0, 2}), "label 1 is 2, but the network tells the classes 0 to 1");
}

TEST(Score, Accuracy) {
  const Batch batch{3, true, {rows(3, 2, {0, 0, 0, 0, 0, 0})}};
  const auto result = score(Metric::accuracy, batch, rows(3, 2, {0.9F, 0.1F, 0.2F, 0.8F, 0.6F, 0.4F}),
                            std::vector<std::int64_t>{0, 1, 1});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->correct, 2U);
  EXPECT_DOUBLE_EQ(result->value, 2.0 / 3);
  EXPECT_EQ(to_json(Metric::accuracy, *result)["correct"], 2);
}

TEST(Score, AreaUnderTheCurveOfReconstructionErrors) {
  const Batch batch{4, true, {rows(4, 2, {1, 1, 1, 1, 1, 1, 1, 1})}};
  const Tensor outputs = rows(4, 2, {1, 1, 1, 2, 3, 1, 1, 1});  // errors 0, 0.5, 2, 0
  const auto result = score(Metric::auc, batch, outputs, std::vector<std::int64_t>{0, 0, 1, 1});
  ASSERT_TRUE(result);
  EXPECT_DOUBLE_EQ(result->value, (2 + 0.5) / 4);  // the third beats both; the fourth ties with the first
  EXPECT_DOUBLE_EQ(*result->mean_normal, 0.25);
  EXPECT_DOUBLE_EQ(*result->mean_anomalous, 1);
  const auto mean = score(Metric::score, batch, outputs, {});
  ASSERT_TRUE(mean);
  EXPECT_DOUBLE_EQ(mean->value, 2.5 / 4);
}

TEST(Score, NoNumberIsAFailure) {
  const Batch batch{1, true, {rows(1, 2, {1, 1})}};
  const auto result = score(Metric::score, batch, rows(1, 2, {1, std::nanf("")}), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "inference 0: the reconstruction error is nan");
}

TEST(RandomInputs, AreAlwaysTheSameAndCoverTheType) {
  const ElementType type = ElementType::int8(Quantisation::per_tensor(0.5, 3));
  const std::vector<Port> ports{{"a", {type, {1000}}, ExternalForm::float32},
                                {"b", {type, {1000}}, ExternalForm::integer}};
  const auto inferences = random_inferences(ports, 2);
  ASSERT_EQ(inferences.size(), 2U);
  EXPECT_EQ(inferences, random_inferences(ports, 2));
  EXPECT_NE(inferences[0], inferences[1]);
  EXPECT_TRUE(inferences[0][0].type().element.is_float());
  const auto integers = quantise(inferences[0][0], type);
  ASSERT_TRUE(integers);
  const auto values = integers->elements<std::int8_t>();
  EXPECT_EQ(*std::ranges::min_element(values), -128);
  EXPECT_EQ(*std::ranges::max_element(values), 127);
  EXPECT_EQ(inferences[0][1].type(), ports[1].type);
}

}  // namespace
}  // namespace algean::cluster
