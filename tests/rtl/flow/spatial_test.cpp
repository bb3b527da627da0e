// Pooling, reductions, concatenation, movement, resizing and reshapes in hardware.
#include <gtest/gtest.h>

#include "tests/rtl/flow/layers.hpp"

namespace algean::rtl {
namespace {

using List = std::vector<std::int64_t>;

const std::vector<std::string> arithmetics{"scaled", "tflite"};

TEST(RtlFlow, Pools) {
  Layers layers("pool");
  const TensorType x = codes({6, 5, 7}, 0.05, -3);
  const auto pooled = [](Shape shape) { return codes(std::move(shape), 0.04, 9); };
  for (const std::string& arithmetic : arithmetics) {
    const auto like = [&](Shape shape) {
      return arithmetic == "scaled" ? pooled(std::move(shape)) : codes(std::move(shape), 0.05, -3);
    };
    layers.add("average_pool2d", {{"window", List{2, 2}}, {"strides", List{2, 2}}}, {x}, {like({3, 2, 7})}, arithmetic);
    layers.add("average_pool2d", {{"window", List{3, 3}}, {"padding", List{1, 1, 1, 1}}, {"activation", "relu"}}, {x},
               {like({6, 5, 7})}, arithmetic);
    layers.add("average_pool2d", {{"window", List{6, 5}}}, {x}, {like({1, 1, 7})}, arithmetic);
    layers.add("average_pool1d", {{"window", List{4}}, {"strides", List{3}}}, {codes({13, 3}, 0.05, -3)},
               {like({4, 3})}, arithmetic);
  }
  layers.add("average_pool2d", {{"window", List{3, 2}}, {"rounding", "half_up"}, {"padding", List{0, 1, 0, 0}}}, {x},
             {codes({4, 5, 7}, 0.05, -3)}, "tflite");
  layers.add("average_pool2d",
             {{"window", List{3, 3}}, {"padding", List{1, 1, 1, 1}}, {"count_padding", std::int64_t{1}}}, {x},
             {pooled({6, 5, 7})}, "scaled");
  layers.add("max_pool2d", {{"window", List{3, 3}}, {"strides", List{2, 2}}, {"padding", List{0, 0, 1, 1}}}, {x},
             {codes({3, 2, 7}, 0.05, -3)});
  layers.add("max_pool2d", {{"window", List{2, 3}}, {"dilations", List{2, 1}}, {"activation", "relu"}}, {x},
             {codes({4, 3, 7}, 0.05, -3)});
  layers.add("max_pool1d", {{"window", List{3}}, {"strides", List{2}}}, {codes({11, 5}, 0.05, -3)},
             {codes({5, 5}, 0.05, -3)});
  layers.add("max_pool2d", {{"window", List{6, 5}}}, {x}, {codes({1, 1, 7}, 0.05, -3)});
  layers.run();
}

TEST(RtlFlow, Reductions) {
  Layers layers("reduce");
  const TensorType x = codes({4, 3, 7}, 0.05, -3);
  const TensorType index_type{ElementType::int32(Quantisation::per_tensor(1, 0)), Shape{}};
  for (const std::string& arithmetic : arithmetics) {
    layers.add("reduce_mean", {{"axes", List{0, 1}}}, {x}, {codes({7}, 0.02, 5)}, arithmetic);
    layers.add("reduce_mean", {{"axes", List{0, 1, 2}}}, {x}, {codes({}, 0.01, 5)}, arithmetic);
    layers.add("reduce_sum", {{"axes", List{1}}, {"keep_axes", std::int64_t{1}}}, {x}, {codes({4, 1, 7}, 0.1, 5)},
               arithmetic);
    layers.add("reduce_mean", {{"axes", List{2}}}, {x}, {codes({4, 3}, 0.02, 5)}, arithmetic);
  }
  layers.add("reduce_max", {{"axes", List{0}}}, {x}, {codes({3, 7}, 0.05, -3)});
  layers.add("reduce_min", {{"axes", List{1, 2}}}, {x}, {codes({4}, 0.05, -3)});
  for (const double scale : {0.05, 0.031}) {
    for (const List& axes : {List{0, 1, 2}, List{1}, List{2}}) {
      layers.add_score("mean_squared_error", axes, {x, codes({4, 3, 7}, scale, 9)});
      layers.add_score("kl_divergence", axes, {x, codes({4, 3, 7}, scale, 9)});
    }
  }
  const auto indices = [&](Shape shape) { return TensorType{index_type.element, std::move(shape)}; };
  layers.add("arg_max", {{"axes", List{0}}}, {codes({10}, 0.05, -3)}, {indices({})});
  layers.add("arg_max", {{"axes", List{2}}}, {x}, {indices({4, 3})});
  layers.add("arg_max", {{"axes", List{0}}}, {x}, {indices({3, 7})});
  layers.run();
}

TEST(RtlFlow, Concatenations) {
  Layers layers("concat");
  const auto one = [](Shape shape) { return codes(std::move(shape), 0.05, -3); };
  for (const std::string& arithmetic : arithmetics) {
    layers.add("concat", {{"axis", std::int64_t{2}}},
               {codes({2, 3, 4}, 0.04, 7), codes({2, 3, 8}, 0.05, -3), codes({2, 3, 5}, 0.01, 0)}, {one({2, 3, 17})},
               arithmetic);
  }
  layers.add("concat", {{"axis", std::int64_t{2}}}, {one({2, 3, 3}), one({2, 3, 4})}, {one({2, 3, 7})});
  layers.add("concat", {{"axis", std::int64_t{0}}}, {one({2, 3, 5}), one({1, 3, 5})}, {one({3, 3, 5})});
  layers.add("concat", {{"axis", std::int64_t{1}}}, {one({2, 1, 5}), one({2, 3, 5})}, {one({2, 4, 5})});
  layers.add("split", {{"axis", std::int64_t{2}}, {"sizes", List{4, 2, 5}}}, {one({2, 3, 11})},
             {one({2, 3, 4}), one({2, 3, 2}), one({2, 3, 5})});
  layers.add("split", {{"axis", std::int64_t{1}}, {"sizes", List{1, 2}}}, {one({2, 3, 5})},
             {one({2, 1, 5}), one({2, 2, 5})});
  layers.run();
}

TEST(RtlFlow, Movements) {
  Layers layers("movement");
  const TensorType x = codes({4, 6, 5}, 0.05, -3);
  const auto like = [](Shape shape) { return codes(std::move(shape), 0.05, -3); };
  layers.add("pad", {{"before", List{1, 2, 0}}, {"after", List{3, 0, 0}}, {"value", 0.5}}, {x}, {like({8, 8, 5})});
  layers.add("pad", {{"before", List{2, 0}}, {"after", List{1, 0}}}, {like({6, 5})}, {like({9, 5})});
  layers.add("pad", {{"before", List{0, 0, 1}}, {"after", List{1, 0, 2}}, {"value", -1.0}}, {x}, {like({5, 6, 8})});
  layers.add("pad", {{"before", List{1, 2, 0}}, {"after", List{1, 1, 0}}, {"mode", "reflect"}}, {x}, {like({6, 9, 5})});
  layers.add("transpose", {{"permutation", List{1, 0, 2}}}, {x}, {like({6, 4, 5})});
  layers.add("transpose", {{"permutation", List{2, 0, 1}}}, {x}, {like({5, 4, 6})});
  layers.add("slice", {{"begin", List{3, 1, 0}}, {"end", List{-1, 6, 5}}, {"strides", List{-2, 2, 1}}}, {x},
             {like({2, 3, 5})});
  layers.add("slice", {{"begin", List{0, 0, 1}}, {"end", List{4, 6, 4}}}, {x}, {like({4, 6, 3})});
  layers.add("tile", {{"repeats", List{2, 1, 3}}}, {like({2, 3, 4})}, {like({4, 3, 12})});
  const auto indices = std::make_shared<const Tensor>(
      TensorType{ElementType::int32(), Shape{3}}, std::span<const std::int32_t>(std::vector<std::int32_t>{5, 0, 0}));
  layers.add("gather", {{"axis", std::int64_t{1}}}, {x}, {like({4, 3, 5})}, "", {{"indices", indices}});
  layers.add("depth_to_space", {{"block", std::int64_t{2}}}, {like({2, 3, 12})}, {like({4, 6, 3})});
  layers.add("space_to_depth", {{"block", std::int64_t{2}}, {"mode", "CRD"}}, {x}, {like({2, 3, 20})});
  layers.add("resize", {{"size", List{8, 12}}, {"coordinates", "asymmetric"}}, {x}, {like({8, 12, 5})});
  layers.add("resize", {{"size", List{4, 18}}, {"coordinates", "asymmetric"}}, {x}, {like({4, 18, 5})});
  layers.add("resize", {{"size", List{9}}, {"coordinates", "asymmetric"}}, {like({3, 5})}, {like({9, 5})});
  layers.add("resize", {{"size", List{7, 9}}}, {x}, {like({7, 9, 5})});
  layers.add("reshape", {{"shape", List{24, 5}}}, {x}, {like({24, 5})});
  layers.add("reshape", {{"shape", List{120}}}, {x}, {like({120})});
  layers.add("reshape", {{"shape", List{4, 30}}}, {x}, {like({4, 30})});
  layers.run();
}

}  // namespace
}  // namespace algean::rtl
