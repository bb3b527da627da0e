#include "kernels/movement/movement.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "tests/unit/kernels/support/several.hpp"

namespace algean::kernels {
namespace {

using testing::Index;
using testing::int8;
using testing::real;

const Movement family;

LayerSpec layer(const std::string& operation, Attributes attributes) {
  return {"layer", operation, std::move(attributes), {}};
}

std::vector<std::int8_t> counted(std::size_t count) {
  std::vector<std::int8_t> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<std::int8_t>(i);
  return result;
}

// The integer form's output for inputs 0, 1, 2...
std::vector<std::int8_t> moved(const LayerSpec& spec, const Shape& in) {
  const TensorType from = int8(in, 0.5, 3);
  const Shape out = family.infer(spec, {&from, 1}).value()[0];
  const TensorType to = int8(out, 0.5, 3);
  const LayerSpec integer = family.quantise(spec, {&from, 1}, {&to, 1}).value();
  const auto x = testing::tensor<std::int8_t>(from, counted(static_cast<std::size_t>(in.elements())));
  return testing::elements<std::int8_t>(testing::evaluate(family, integer, x, to));
}

using Codes = std::vector<std::int8_t>;

TEST(Movement, ByHand) {
  EXPECT_EQ(moved(layer("slice", {{"begin", Index{1, 2}}, {"end", Index{2, 0}}, {"strides", Index{1, -1}}}), {3, 3}),
            (Codes{5, 4}));
  EXPECT_EQ(moved(layer("slice", {{"begin", Index{3}}, {"end", Index{-1}}, {"strides", Index{-2}}}), {4}),
            (Codes{3, 1}));
  EXPECT_EQ(moved(layer("pad", {{"before", Index{1}}, {"after", Index{2}}}), {2}), (Codes{3, 0, 1, 3, 3}));
  EXPECT_EQ(moved(layer("pad", {{"before", Index{1}}, {"after", Index{0}}, {"value", -1.3}}), {2}), (Codes{0, 0, 1}));
  EXPECT_EQ(moved(layer("pad", {{"before", Index{2}}, {"after", Index{2}}, {"mode", "reflect"}}), {3}),
            (Codes{2, 1, 0, 1, 2, 1, 0}));
  EXPECT_EQ(moved(layer("pad", {{"before", Index{2}}, {"after", Index{3}}, {"mode", "symmetric"}}), {3}),
            (Codes{1, 0, 0, 1, 2, 2, 1, 0}));
  EXPECT_EQ(moved(layer("pad", {{"before", Index{2}}, {"after", Index{1}}, {"mode", "edge"}}), {2}),
            (Codes{0, 0, 0, 1, 1}));
  EXPECT_EQ(moved(layer("transpose", {{"permutation", Index{1, 0}}}), {2, 3}), (Codes{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(moved(layer("tile", {{"repeats", Index{2, 2}}}), {1, 2}), (Codes{0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(moved(layer("depth_to_space", {{"block", 2}}), {1, 1, 8}), (Codes{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(moved(layer("depth_to_space", {{"block", 2}, {"mode", "CRD"}}), {1, 1, 8}),
            (Codes{0, 4, 1, 5, 2, 6, 3, 7}));
  EXPECT_EQ(moved(layer("space_to_depth", {{"block", 2}}), {2, 2, 1}), (Codes{0, 1, 2, 3}));
}

// What an output element reads; nothing: the filler.
using Source = std::function<std::optional<Index>(const Index&)>;

// Floats, integers and the compiled step against the naive formula, element by element.
void expect_moves(Random& random, const LayerSpec& spec, const Shape& in, const Source& source, float value = 0) {
  const TensorType real_in = real(in);
  const auto shapes = family.infer(spec, {&real_in, 1});
  ASSERT_TRUE(shapes) << shapes.error().message;
  const Shape& out = shapes->at(0);
  const TensorType real_out = real(out);
  const TensorType from = int8(in, 0.25, -7);
  const TensorType to = int8(out, 0.25, -7);
  ASSERT_EQ(testing::verdict(family, spec, {real_in}, {real_out}), "accepted");
  const auto integer = family.quantise(spec, {&from, 1}, {&to, 1});
  ASSERT_TRUE(integer) << integer.error().message;

  const auto reals =
      testing::tensor(real_in, testing::random_reals(random, static_cast<std::size_t>(in.elements()), -9, 9));
  const Tensor codes = testing::random_int8(random, from);
  const Tensor real_y = testing::evaluate(family, spec, reals, real_out);
  const Tensor y = testing::evaluate(family, *integer, codes, to);
  for (std::size_t i = 0; i < static_cast<std::size_t>(out.elements()); ++i) {
    const auto read = source(testing::index_of(out, i));
    const std::size_t at = read ? testing::flat(in, *read) : 0;
    ASSERT_EQ(real_y.elements<float>()[i], read ? reals.elements<float>()[at] : value) << spec.operation << " " << i;
    ASSERT_EQ(y.elements<std::int8_t>()[i], read ? codes.elements<std::int8_t>()[at] : value / 0.25F - 7)
        << spec.operation << " " << i;
  }
  const auto step = family.compile(*integer, {&from, 1}, {&to, 1}, InstructionSet::portable).value();
  EXPECT_EQ(testing::run(*step, codes, to), y) << spec.operation;
}

Shape random_shape(Random& random, std::int64_t most_axes = 4) {
  Index extents(static_cast<std::size_t>(random.between(1, most_axes)));
  for (std::int64_t& extent : extents) extent = random.between(1, 6);
  return Shape::make(extents).value();
}

TEST(MovementRandom, Slice) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const Shape in = random_shape(random);
    Index begin, end, strides;
    for (const std::int64_t extent : in.extents()) {
      begin.push_back(random.between(0, extent - 1));
      const std::int64_t stride = random.between(1, 3) * (random.below(2) == 0 ? 1 : -1);
      end.push_back(stride > 0 ? random.between(begin.back() + 1, extent) : random.between(-1, begin.back() - 1));
      strides.push_back(stride);
    }
    expect_moves(random, layer("slice", {{"begin", begin}, {"end", end}, {"strides", strides}}), in,
                 [&](const Index& index) {
                   Index read = index;
                   for (std::size_t axis = 0; axis < index.size(); ++axis) {
                     read[axis] = begin[axis] + index[axis] * strides[axis];
                   }
                   return read;
                 });
  }
}

// One axis of a padded tensor: the input's index, or -1.
std::int64_t unpadded(const std::string& mode, std::int64_t at, std::int64_t extent) {
  if (at >= 0 && at < extent) return at;
  if (mode == "edge") return at < 0 ? 0 : extent - 1;
  if (mode == "reflect") return at < 0 ? -at : 2 * (extent - 1) - at;
  if (mode == "symmetric") return at < 0 ? -1 - at : 2 * extent - 1 - at;
  return -1;
}

TEST(MovementRandom, Pad) {
  Random random(2);
  for (int i = 0; i < 400; ++i) {
    const Shape in = random_shape(random);
    const std::string mode = std::vector<std::string>{"constant", "reflect", "symmetric", "edge"}[random.below(4)];
    Index before, after;
    for (const std::int64_t extent : in.extents()) {
      const std::int64_t most = mode == "reflect" ? extent - 1 : mode == "symmetric" ? extent : 3;
      before.push_back(random.between(0, most));
      after.push_back(random.between(0, most));
    }
    Attributes attributes{{"before", before}, {"after", after}, {"mode", mode}};
    const float value = mode == "constant" ? 0.25F * static_cast<float>(random.between(-100, 100)) : 0;
    if (mode == "constant") attributes.set("value", static_cast<double>(value));
    expect_moves(
        random, layer("pad", attributes), in,
        [&](const Index& index) -> std::optional<Index> {
          Index read = index;
          for (std::size_t axis = 0; axis < index.size(); ++axis) {
            read[axis] = unpadded(mode, index[axis] - before[axis], in[axis]);
            if (read[axis] < 0) return std::nullopt;
          }
          return read;
        },
        value);
  }
}

TEST(MovementRandom, TransposeAndTile) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const Shape in = random_shape(random, 5);
    Index permutation(in.rank()), repeats(in.rank());
    for (std::size_t axis = 0; axis < in.rank(); ++axis) {
      permutation[axis] = static_cast<std::int64_t>(axis);
      repeats[axis] = random.between(1, 3);
      std::swap(permutation[axis], permutation[random.below(axis + 1)]);
    }
    expect_moves(random, layer("transpose", {{"permutation", permutation}}), in, [&](const Index& index) {
      Index read(index.size());
      for (std::size_t to = 0; to < index.size(); ++to) read[static_cast<std::size_t>(permutation[to])] = index[to];
      return read;
    });
    expect_moves(random, layer("tile", {{"repeats", repeats}}), in, [&](const Index& index) {
      Index read = index;
      for (std::size_t axis = 0; axis < index.size(); ++axis) read[axis] %= in[axis];
      return read;
    });
  }
}

TEST(MovementRandom, Gather) {
  Random random(4);
  for (int i = 0; i < 300; ++i) {
    const Shape in = random_shape(random);
    const auto axis = static_cast<std::size_t>(random.below(in.rank()));
    const Shape shape = random.below(4) == 0 ? Shape{} : random_shape(random, 2);
    std::vector<std::int32_t> indices(static_cast<std::size_t>(shape.elements()));
    for (std::int32_t& index : indices) index = static_cast<std::int32_t>(random.between(0, in[axis] - 1));
    LayerSpec spec = layer("gather", {{"axis", static_cast<std::int64_t>(axis)}});
    spec.constants["indices"] = testing::constant({ElementType::int32(), shape}, indices);
    expect_moves(random, spec, in, [&](const Index& index) {
      const auto first = index.begin() + static_cast<std::ptrdiff_t>(axis);
      const auto last = first + static_cast<std::ptrdiff_t>(shape.rank());
      Index read(index.begin(), first);
      read.push_back(indices[testing::flat(shape, Index(first, last))]);
      read.insert(read.end(), last, index.end());
      return read;
    });
  }
}

TEST(MovementRandom, DepthAndSpace) {
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    const std::int64_t b = random.between(1, 3);
    const std::int64_t depth = random.between(1, 4);
    const std::int64_t height = random.between(1, 4), width = random.between(1, 4);
    const bool dcr = random.below(2) == 0;
    const Attributes attributes{{"block", b}, {"mode", dcr ? "DCR" : "CRD"}};
    const auto channel = [&](std::int64_t y, std::int64_t x, std::int64_t c) {
      return dcr ? ((y % b) * b + x % b) * depth + c : (c * b + y % b) * b + x % b;
    };
    expect_moves(random, layer("depth_to_space", attributes), {height, width, depth * b * b},
                 [&](const Index& at) { return Index{at[0] / b, at[1] / b, channel(at[0], at[1], at[2])}; });
    // The inverse: find the element of the block that has this channel.
    expect_moves(random, layer("space_to_depth", attributes), {height * b, width * b, depth}, [&](const Index& at) {
      for (std::int64_t y = 0; y < b; ++y) {
        for (std::int64_t x = 0; x < b; ++x) {
          for (std::int64_t c = 0; c < depth; ++c) {
            if (channel(y, x, c) == at[2]) return Index{at[0] * b + y, at[1] * b + x, c};
          }
        }
      }
      return Index{};
    });
  }
}

TEST(Movement, MovesScoresToo) {
  const TensorType scores{ElementType::int32(Quantisation::per_tensor(0.5, 0)), Shape{2, 2}};
  const auto x = testing::tensor<std::int32_t>(scores, {1, -2, 300000, 4});
  const LayerSpec spec = layer("transpose", {{"permutation", Index{1, 0}}});
  ASSERT_EQ(testing::verdict(family, spec, {scores}, {scores}), "accepted");
  const auto step = family.compile(spec, {&scores, 1}, {&scores, 1}, InstructionSet::portable).value();
  EXPECT_EQ(testing::elements<std::int32_t>(testing::run(*step, x, scores)),
            (std::vector<std::int32_t>{1, 300000, -2, 4}));
}

TEST(Movement, KeepsTheElementType) {
  const TensorType in = int8({3, 4}, 0.5, 1);
  EXPECT_EQ(family.fixed_output(layer("transpose", {{"permutation", Index{1, 0}}}), {&in, 1}), in.element);
}

TEST(Movement, RoundsAPadsValueByItsArithmetic) {
  const TensorType in = int8({1}, 1, 0), out = int8({2}, 1, 0);
  const auto code = [&](const char* arithmetic, double value) {
    const LayerSpec spec = layer(
        "pad", {{"before", Index{1}}, {"after", Index{0}}, {"value", value}, {"arithmetic", std::string(arithmetic)}});
    return family.quantise(spec, {&in, 1}, {&out, 1}).value().attributes.integer("code").value();
  };
  EXPECT_EQ(code("scaled", -2.5), -2);
  EXPECT_EQ(code("tflite", -2.5), -3);
  EXPECT_EQ(code("tflite", 1e30), 127);
  EXPECT_EQ(code("scaled", -1e30), -128);
}

std::string refusal(const LayerSpec& spec, const TensorType& in = real({2, 3}), const TensorType& out = real({2, 3})) {
  return testing::verdict(family, spec, {in}, {out});
}

TEST(MovementRejects, Slices) {
  const auto slice = [](Index begin, Index end, Index strides) {
    return layer("slice", {{"begin", std::move(begin)}, {"end", std::move(end)}, {"strides", std::move(strides)}});
  };
  EXPECT_EQ(refusal(slice({0, 0}, {2, 3}, {1, 1})), "accepted");
  EXPECT_EQ(refusal(slice({0, 0}, {2, 3}, {1, 0})), "attribute 'strides' of axis 1 is 0");
  EXPECT_EQ(refusal(slice({0, 0}, {2, 4}, {1, 1})), "attribute 'end' of axis 1 is 4, must lie in 1..3");
  EXPECT_EQ(refusal(slice({0, -1}, {2, 3}, {1, 1})), "attribute 'begin' of axis 1 is -1, must lie in 0..2");
  EXPECT_EQ(refusal(slice({0, 2}, {2, 2}, {1, -1})), "attribute 'end' of axis 1 is 2, must lie in -1..1");
  EXPECT_EQ(refusal(slice({0}, {2, 3}, {1, 1})), "attribute 'begin' has 1 numbers, input [2,3] has 2 axes");
  EXPECT_EQ(refusal(slice({0, 0}, {2, 3}, {1, std::numeric_limits<std::int64_t>::min()})),
            "attribute 'strides' of axis 1 is -9223372036854775808, must lie in -4294967296..4294967296");
  EXPECT_EQ(refusal(slice({0, 0}, {2, 1}, {1, 1})), "must have one output of shape [2,1]");
}

TEST(MovementRejects, Pads) {
  const auto pad = [](Index before, Index after, const std::string& mode) {
    return layer("pad", {{"before", std::move(before)}, {"after", std::move(after)}, {"mode", mode}});
  };
  EXPECT_EQ(refusal(pad({0, 0}, {0, 0}, "reflect")), "accepted");
  EXPECT_EQ(refusal(pad({0, 3}, {0, 0}, "reflect")), "axis 1: padding of 3 and 0, must lie in 0..2");
  EXPECT_EQ(refusal(pad({0, 0}, {3, 0}, "symmetric")), "axis 0: padding of 0 and 3, must lie in 0..2");
  EXPECT_EQ(refusal(pad({-1, 0}, {0, 0}, "constant")), "axis 0: padding of -1 and 0, must lie in 0..4294967296");
  EXPECT_EQ(refusal(pad({4294967296, 0}, {0, 0}, "edge")), "shape [4294967298,3]: more than 4294967296 elements");
  EXPECT_EQ(refusal(pad({0, 0}, {0, 0}, "wrap")),
            "attribute 'mode' is 'wrap', must be constant, reflect, symmetric or edge");
  LayerSpec spec = pad({0, 0}, {0, 0}, "edge");
  spec.attributes.set("value", 1.0);
  EXPECT_EQ(refusal(spec), "attribute 'value' is of mode constant only");
  spec = pad({0, 0}, {0, 0}, "constant");
  spec.attributes.set("value", 1e300);
  EXPECT_EQ(refusal(spec), "attribute 'value' is 1e+300, must be finite");
  const TensorType codes = int8({2, 3}, 1, 0);
  EXPECT_EQ(refusal(spec, codes, codes), "attribute 'value' is of the float form");
  spec.attributes.erase("value");
  EXPECT_EQ(refusal(spec, codes, codes), "attribute 'code' is missing");
  spec.attributes.set("code", std::int64_t{128});
  EXPECT_EQ(refusal(spec, codes, codes), "attribute 'code' is 128, outside int8");
  EXPECT_EQ(refusal(spec), "attribute 'code' is of the integer form");
}

TEST(MovementRejects, Others) {
  EXPECT_EQ(refusal(layer("transpose", {{"permutation", Index{0, 0}}})), "attribute 'permutation' names axis 0 twice");
  EXPECT_EQ(refusal(layer("transpose", {{"permutation", Index{0, 2}}})),
            "attribute 'permutation' of axis 1 is 2, must lie in 0..1");
  EXPECT_EQ(refusal(layer("tile", {{"repeats", Index{1, 0}}})),
            "attribute 'repeats' of axis 1 is 0, must lie in 1..1431655765");
  LayerSpec gather = layer("gather", {{"axis", 1}});
  EXPECT_EQ(refusal(gather), "constant 'indices' is missing");
  gather.constants["indices"] = testing::constant<std::int32_t>({ElementType::int32(), Shape{3}}, {0, 3, 1});
  EXPECT_EQ(refusal(gather), "index 3 must lie in 0..2");
  gather.constants["indices"] = testing::constant<float>(real({3}), {0, 1, 2});
  EXPECT_EQ(refusal(gather), "constant 'indices' is float32[3], must be int32");
  gather.attributes.set("axis", std::int64_t{2});
  EXPECT_EQ(refusal(gather), "attribute 'axis' is 2, input [2,3] has no such");
  EXPECT_EQ(refusal(layer("depth_to_space", {{"block", 2}})), "input is [2,3], must be [H,W,C]");
  EXPECT_EQ(refusal(layer("depth_to_space", {{"block", 2}}), real({1, 1, 6})),
            "6 channels are no multiple of 2 squared");
  EXPECT_EQ(refusal(layer("depth_to_space", {{"block", 0}}), real({1, 1, 6})),
            "attribute 'block' is 0, must lie in 1..65536");
  EXPECT_EQ(refusal(layer("space_to_depth", {{"block", 2}}), real({2, 3, 6})),
            "input is [2,3,6], whose height and width must be multiples of 2");
  EXPECT_EQ(refusal(layer("space_to_depth", {{"block", 2}, {"mode", "X"}}), real({2, 2, 6})),
            "attribute 'mode' is 'X', must be DCR or CRD");
  const LayerSpec transpose = layer("transpose", {{"permutation", Index{0, 1}}, {"axis", 1}});
  EXPECT_EQ(refusal(transpose), "attribute 'axis' is unknown to 'transpose', which takes [permutation, arithmetic]");
  EXPECT_EQ(refusal(layer("transpose", {{"permutation", Index{0, 1}}}), int8({2, 3}, 1, 0), int8({2, 3}, 2, 0)),
            "output must have the input's element type and quantisation (int8, int8)");
}

}  // namespace
}  // namespace algean::kernels
