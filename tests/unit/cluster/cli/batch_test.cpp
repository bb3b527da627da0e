#include "cluster/cli/batch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace algean::cluster {
namespace {

Tensor floats(Shape shape, std::vector<float> values) {
  return Tensor(TensorType{ElementType::float32(), std::move(shape)}, std::span<const float>(values));
}

const ElementType quantised = ElementType::int8(Quantisation::per_tensor(0.5, -3));

Port real_port(const std::string& name, Shape shape) {
  return {name, {quantised, std::move(shape)}, ExternalForm::float32};
}
Port integer_port(const std::string& name, Shape shape) {
  return {name, {quantised, std::move(shape)}, ExternalForm::integer};
}

std::string reason(std::vector<NamedArray> arrays, std::vector<Port> ports, bool flat = false) {
  const auto batch = make_batch(arrays, ports, flat);
  if (batch) return "accepted";
  EXPECT_EQ(batch.error().kind, ErrorKind::bad_input);
  return batch.error().message;
}

TEST(Batch, LeadingAxisIsLoopedOver) {
  const std::vector<NamedArray> arrays{{"", floats({3, 2}, {1, 2, 3, 4, 5, 6})}};
  const std::vector<Port> ports{real_port("x", {2})};
  const auto batch = make_batch(arrays, ports, false);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->count, 3U);
  EXPECT_TRUE(batch->has_batch_axis);
  EXPECT_EQ(batch->inference(1), std::vector<Tensor>{floats({2}, {3, 4})});
}

TEST(Batch, OneInferenceWithoutTheAxis) {
  const std::vector<NamedArray> arrays{{"", floats({3, 2}, {1, 2, 3, 4, 5, 6})}};
  const std::vector<Port> ports{real_port("x", {3, 2})};
  const auto batch = make_batch(arrays, ports, false);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->count, 1U);
  EXPECT_FALSE(batch->has_batch_axis);
  EXPECT_EQ(batch->inference(0)[0], arrays[0].tensor);
}

TEST(Batch, RowsOfACsvAreInferences) {
  const std::vector<NamedArray> arrays{{"", floats({1, 6}, {1, 2, 3, 4, 5, 6})}};
  const std::vector<Port> ports{real_port("x", {3, 2})};
  const auto batch = make_batch(arrays, ports, true);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->inference(0)[0].shape(), (Shape{3, 2}));
}

TEST(Batch, SeveralInputsByName) {
  const std::vector<NamedArray> arrays{
      {"b", floats({2, 1}, {7, 8})}, {"unused", floats({1}, {0})}, {"a", floats({2, 2}, {1, 2, 3, 4})}};
  const std::vector<Port> ports{real_port("a", {2}), real_port("b", {1})};
  const auto batch = make_batch(arrays, ports, false);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->inference(1), (std::vector<Tensor>{floats({2}, {3, 4}), floats({1}, {8})}));
}

TEST(Batch, IntegerPortTakesWholeNumbers) {
  const std::vector<Port> ports{integer_port("x", {3})};
  const std::vector<NamedArray> reals{{"", floats({3}, {-128, 0, 127})}};
  const auto batch = make_batch(reals, ports, false);
  ASSERT_TRUE(batch) << batch.error().message;
  const Tensor one = batch->inference(0)[0];
  EXPECT_EQ(one.type(), (TensorType{quantised, {3}}));
  EXPECT_EQ(one.elements<std::int8_t>()[0], -128);
  EXPECT_EQ(one.elements<std::int8_t>()[2], 127);
}

TEST(Batch, RejectedTwins) {
  EXPECT_EQ(reason({{"", floats({3}, {1, 2, 3})}}, {real_port("x", {2})}),
            "`x` is float32[3]; the network takes float32[2], or [N,2] for N inferences");
  EXPECT_EQ(reason({{"", floats({2, 3, 2}, std::vector<float>(12))}}, {real_port("x", {2})}),
            "`x` is float32[2,3,2]; the network takes float32[2], or [N,2] for N inferences");
  EXPECT_EQ(
      reason({{"", Tensor(TensorType{ElementType::int8(), {2}})}}, {real_port("x", {2})}),
      "`x` is int8[2]; the network takes float32[2], or [N,2] for N inferences: scale it as for training and save "
      "it as float32");
  EXPECT_EQ(reason({{"", floats({2}, {1, 2})}}, {real_port("x", {2}), real_port("y", {2})}),
            "one array, but the network has 2 inputs: `x`, `y`; a .npz holds arrays by name");
  EXPECT_EQ(reason({{"z", floats({2}, {1, 2})}}, {real_port("x", {2})}),
            "no array for the input `x`; the file has `z`");
  EXPECT_EQ(reason({{"x", floats({2, 1}, {1, 2})}, {"y", floats({3, 1}, {1, 2, 3})}},
                   {real_port("x", {1}), real_port("y", {1})}),
            "`y` holds 3 inferences, but `x` holds 2");
  EXPECT_EQ(reason({{"", floats({2}, {1, 1.5})}}, {integer_port("x", {2})}),
            "`x`: element 1 is 1.5; the network takes int8 (real numbers with \"io\": {\"input\": \"float32\"} in its "
            "net.json)");
  EXPECT_EQ(reason({{"", floats({2}, {1, std::nanf("")})}}, {integer_port("x", {2})}),
            "`x`: element 1 is nan; the network takes int8 (real numbers with \"io\": {\"input\": \"float32\"} in its "
            "net.json)");
  EXPECT_EQ(reason({{"", floats({2}, {1, 128})}}, {integer_port("x", {2})}),
            "`x`: element 1 is 128; the network takes int8, -128 to 127");
}

TEST(Gatherer, PutsInferencesUnderEachOther) {
  const std::vector<Port> ports{real_port("y", {2}), integer_port("n", {1})};
  auto made = Gatherer::make(ports, 2, true);
  ASSERT_TRUE(made);
  Gatherer& gatherer = *made;
  Tensor n(TensorType{quantised, {1}});
  n.elements<std::int8_t>()[0] = 9;
  gatherer.put(1, std::vector<Tensor>{floats({2}, {3, 4}), n});
  gatherer.put(0, std::vector<Tensor>{floats({2}, {1, 2}), n});
  EXPECT_EQ(gatherer.arrays()[0].name, "y");
  EXPECT_EQ(gatherer.arrays()[0].tensor, floats({2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(gatherer.arrays()[1].tensor.type(), (TensorType{quantised, {2, 1}}));
}

TEST(Gatherer, RefusesWhatNoTensorHolds) {
  const std::vector<Port> wide{real_port("y", {65536})};
  const auto many = Gatherer::make(wide, 70000, true);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().message, "70000 inferences of `y`: shape [70000,65536]: more than 4294967296 elements");
  const auto large = Gatherer::make(wide, 60000, true);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message,
            "60000 inferences of `y`: 15728640000 bytes, at most 4294967296 at once; cut the input into several files");
}

TEST(Batch, RefusesABatchAxisTooMany) {
  EXPECT_EQ(reason({{"", floats({1, 1, 1, 1, 1, 1, 1, 1}, {1})}}, {real_port("x", {1, 1, 1, 1, 1, 1, 1, 1})}),
            "1 inferences of `x`: 9 axes, at most 8 are accepted");
}

TEST(Text, RealValuesAndShortForm) {
  Tensor n(TensorType{quantised, {3}});
  n.elements<std::int8_t>()[0] = 9;
  EXPECT_EQ(real_values(n), (std::vector<float>{6, 1.5, 1.5}));
  EXPECT_EQ(short_text(n, 2), "9 0 ... (1 more)");
  EXPECT_EQ(short_text(floats({2}, {0.5, 1e-9F})), "0.5 1e-09");
}

}  // namespace
}  // namespace algean::cluster
