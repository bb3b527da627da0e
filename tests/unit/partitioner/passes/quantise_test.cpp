#include "partitioner/passes/quantise.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "kernels/graph/text.hpp"
#include "networks.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/passes.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner::testing {
namespace {

using Kind = CalibrationMethod::Kind;
using kernels::Range;

Graph jet_tagger(std::uint64_t seed) {
  Network net(seed, {16});
  for (const auto& [name, width] : {std::pair{"fc1", 64}, {"fc2", 32}, {"fc3", 32}}) {
    net.dense(name, width);
    net.layer(std::string(name) + "_relu", "relu");
  }
  net.dense("output", 5);
  net.layer("softmax", "softmax");
  Graph graph = net.finish();
  const auto done = simplify(graph, library());
  EXPECT_TRUE(done.has_value());
  return graph;
}

// One of every operation that has an integer form.
Graph every_operation(std::uint64_t seed) {
  Network net(seed, {3, 8});
  net.reshape("flatten", {24});
  net.dense("fc1", 20);
  net.layer("leaky", "leaky_relu", {{"slope", 0.125}});
  net.dense("fc2", 20, false);
  net.layer("tanh1", "tanh");
  net.dense("fc3", 16);
  net.layer("sigmoid1", "sigmoid");
  net.dense("fc4", 16);
  net.layer("relu6", "relu", {{"max_value", 0.5}});
  net.reshape("rows", {2, 8});
  net.dense("fc5", 6);
  net.graph.layers.back().spec.attributes.set("activation", std::string("relu"));
  net.dense("fc6", 5);
  net.layer("softmax1", "softmax");
  return net.finish();
}

constexpr std::uint64_t calibration_seed = 17;

Graph quantised(const Graph& graph, CalibrationMethod method = {}, std::int64_t batch = 300) {
  const std::vector inputs = {sample_inputs(graph, batch, calibration_seed)};
  const auto ranges = calibrate(graph, library(), inputs, method);
  EXPECT_TRUE(ranges.has_value()) << ranges.error().message;
  auto result = quantise(graph, library(), *ranges);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *std::move(result);
}

// The integer reference from floats to floats.
Tensor run_quantised(const Graph& graph, const Tensor& input) {
  const Tensor integers = *algean::quantise(input, graph.values[graph.inputs[0].value].type.element);
  return dequantise(kernels::interpret(graph, library(), {&integers, 1})->at(0));
}

std::size_t largest(std::span<const float> values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

TEST(ActivationType, RepresentsZeroExactlyAndCoversTheRange) {
  Random random(3);
  for (int i = 0; i < 10000; ++i) {
    const double magnitude = std::ldexp(1.0, static_cast<int>(random.between(-60, 60)));
    const double a = magnitude * (2 * random.unit() - 1);
    const double b = magnitude * (2 * random.unit() - 1);
    const Range range{std::min(a, b), std::max(a, b)};
    const Quantisation q = *activation_type(range).quantisation();
    ASSERT_GE(q.zero_point(), -128);
    ASSERT_LE(q.zero_point(), 127);
    const double slack = 0.5000001 * q.scale();  // the zero point is rounded
    EXPECT_LE(q.scale() * (-128 - q.zero_point()) - slack, range.low);
    EXPECT_GE(q.scale() * (127 - q.zero_point()) + slack, range.high);
    EXPECT_NEAR(q.scale() * 255, std::max(range.high, 0.0) - std::min(range.low, 0.0), 1e-9 * magnitude);
  }
  EXPECT_EQ(activation_type({0, 0}), ElementType::int8(Quantisation::per_tensor(1.0 / 128, 0)));
  EXPECT_EQ(activation_type({0, 255}), ElementType::int8(Quantisation::per_tensor(1, -128)));
  EXPECT_EQ(activation_type({-255, -3}), ElementType::int8(Quantisation::per_tensor(1, 127)));
}

TEST(Quantise, KeepsNamesAndFixedTypes) {
  const Graph graph = every_operation(1);
  const Graph integers = quantised(graph);
  EXPECT_TRUE(integers.is_integer());
  EXPECT_EQ(layer_names(graph), layer_names(integers));
  EXPECT_EQ(value_names(graph), value_names(integers));
  EXPECT_EQ(integers.inputs[0].name, "x");
  EXPECT_EQ(integers.inputs[0].form, ExternalForm::float32);
  EXPECT_EQ(integers.values.back().type.element, ElementType::int8(Quantisation::per_tensor(1.0 / 256, -128)));
  EXPECT_EQ(integers.values[1].type.element, integers.values[0].type.element) << "a reshape has its input's type";
}

TEST(Quantise, IsDeterministicAndReadsBack) {
  for (const Kind kind : {Kind::minmax, Kind::percentile, Kind::mse}) {
    const auto once = kernels::serialise(quantised(every_operation(2), {kind}));
    EXPECT_EQ(once, kernels::serialise(quantised(every_operation(2), {kind})));
    const auto parsed = kernels::parse(once, "file");
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_TRUE(kernels::verify(*parsed, library()).has_value());
  }
}

// Every integer layer alone: its output is the float reference of the same layer, run on the real numbers that its
// inputs and weights stand for, rounded to the output's type. Half an LSB is rounding; the rest is the 17-bit
// multiplier and, for softmax, its table.
TEST(Quantise, EachLayerIsTheFloatReferenceRounded) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Graph graph = every_operation(seed);
    const Graph integers = quantised(graph);
    const std::vector inputs = {sample_inputs(graph, 10, 1000 + seed)};
    for (std::size_t i = 0; i < 10; ++i) {
      std::vector<Tensor> real(graph.values.size());
      std::vector<Tensor> whole(graph.values.size());
      const std::vector one = {*algean::quantise(inference(graph, inputs, i)[0], integers.values[0].type.element)};
      ASSERT_TRUE(kernels::interpret(integers, library(), one, [&](ValueId id, const Tensor& tensor) {
                    real[id] = dequantise(tensor);
                    whole[id] = tensor;
                  }).has_value());
      for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const Layer& layer = graph.layers[l];
        LayerSpec spec = layer.spec;
        for (auto& [role, tensor] : spec.constants) {
          tensor = std::make_shared<Tensor>(dequantise(integers.layers[l].spec.required(role)));
        }
        Tensor expected(graph.values[layer.outputs[0]].type);
        const Tensor* from = &real[layer.inputs[0]];
        Tensor* to = &expected;
        kernels::find_family(library(), spec.operation)->evaluate_float(spec, {&from, 1}, {&to, 1});
        const Quantisation q = *integers.values[layer.outputs[0]].type.element.quantisation();
        const double bound = spec.operation == "softmax" ? 1.0 : 0.52;
        for (std::size_t e = 0; e < expected.elements<float>().size(); ++e) {
          const double wanted = std::clamp(static_cast<double>(expected.elements<float>()[e]) / q.scale(),
                                           -128.0 - q.zero_point(), 127.0 - q.zero_point());
          const double got = static_cast<double>(whole[layer.outputs[0]].integer_at(e) - q.zero_point());
          ASSERT_NEAR(wanted, got, bound) << "seed " << seed << " layer " << spec.name << " element " << e;
        }
      }
    }
  }
}

struct Agreement {
  double same_class = 0;   // share of inferences
  double worst_error = 0;  // of a probability
  double mean_error = 0;
};

Agreement agreement(const Graph& graph, const Graph& integers, std::uint64_t input_seed) {
  constexpr std::size_t batch = 300;
  const std::vector inputs = {sample_inputs(graph, batch, input_seed)};
  Agreement result;
  for (std::size_t i = 0; i < batch; ++i) {
    const auto one = inference(graph, inputs, i);
    const Tensor expected = kernels::interpret(graph, library(), one)->at(0);
    const Tensor actual = run_quantised(integers, one[0]);
    const auto wanted = expected.elements<float>();
    const auto got = actual.elements<float>();
    result.same_class += largest(wanted) == largest(got) ? 1.0 / batch : 0;
    for (std::size_t e = 0; e < wanted.size(); ++e) {
      const double error = std::abs(static_cast<double>(wanted[e]) - static_cast<double>(got[e]));
      result.worst_error = std::max(result.worst_error, error);
      result.mean_error += error / (batch * static_cast<double>(wanted.size()));
    }
  }
  return result;
}

TEST(Quantise, JetTaggersAgreeWithFloat) {
  for (const Kind kind : {Kind::minmax, Kind::percentile, Kind::mse}) {
    for (std::uint64_t seed = 100; seed < 104; ++seed) {
      const Graph graph = jet_tagger(seed);
      SCOPED_TRACE(fmt::format("method {}, seed {}", static_cast<int>(kind), seed));
      const Graph integers = quantised(graph, {kind});
      const Agreement unseen = agreement(graph, integers, 4242);
      EXPECT_GE(unseen.same_class, 0.95);
      EXPECT_LE(unseen.mean_error, 0.005);
      if (kind != Kind::minmax) continue;
      // An unseen input may leave the calibrated ranges and saturate by any amount; one that was calibrated with may
      // not.
      EXPECT_LE(agreement(graph, integers, calibration_seed).worst_error, 0.03);
    }
  }
}

TEST(Quantise, RefusesWidthsThatAreNotThere) {
  const Graph graph = jet_tagger(1);
  const std::vector<Range> ranges(graph.values.size(), Range{-4, 4});
  for (const int bits : {0, 1, 9}) {
    const auto refused = quantise(graph, library(), ranges, {}, {.weight_bits = bits});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message, fmt::format("weights of {} bits: 2 to 8 are there", bits));
  }
}

TEST(Quantise, DeadTensorsAndConstantOutputsAreLegal) {
  Network net(5, {4});
  net.dense("fc1", 6);
  net.graph.layers[0].spec.constants["bias"] = floats({6}, {-100, -100, -100, -100, -100, -100});
  net.graph.layers[0].spec.attributes.set("activation", std::string("relu"));
  net.dense("fc2", 3);
  const Graph graph = net.finish();
  const Graph integers = quantised(graph);
  const Tensor input = inference(graph, {{sample_inputs(graph, 1, 1)}}, 0)[0];
  const Tensor actual = run_quantised(integers, input);
  const auto bias = spec_of(graph, "fc2").required("bias").elements<float>();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(actual.elements<float>()[i], bias[i], 0.005);
}

TEST(Quantise, KeepsABatchNormThatFoldsNowhere) {
  Network net(6, {4});
  net.layer("tanh1", "tanh");
  net.batch_norm("bn1");
  net.layer("tanh2", "tanh");
  const Graph graph = net.finish();
  const Graph integers = quantised(graph);
  EXPECT_EQ(spec_of(integers, "bn1").required("weight").shape(), (Shape{4, 1}));
}

TEST(Quantise, NamesEveryLayerThatCannotBecomeIntegers) {
  Network net(6, {4});
  net.dense("fc1", 4);
  net.layer("tanh", "tanh");
  net.dense("fc2", 4);
  const Graph graph = net.finish();
  std::vector<Range> ranges(graph.values.size(), Range{-1, 1});
  for (const kernels::Layer& layer : graph.layers) {
    if (layer.spec.operation == "dense") ranges[layer.outputs[0]] = {-1e-9, 1e-9};  // ratios above 2^16
  }
  const auto result = quantise(graph, library(), ranges);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message,
              ::testing::StartsWith("cannot quantise layer 'fc1': output channel 0: the ratio"));
  EXPECT_THAT(result.error().message, ::testing::HasSubstr("; layer 'fc2': output channel 0: the ratio"));
}

TEST(Quantise, RejectsWhatIsNotFiniteOrNotFloat) {
  Network net(7, {4});
  net.dense("fc1", 3);
  Graph graph = net.finish();
  std::vector<Range> ranges(graph.values.size(), Range{-1, 1});
  const auto message = [&](const Graph& g) { return quantise(g, library(), ranges).error().message; };
  EXPECT_EQ(message(quantised(graph)), "value 'x' is of integers already");
  ranges[1].high = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message(graph), "value 'fc1': range [-1, inf] must be finite");
  graph.layers[0].spec.constants["bias"] = floats({3}, {0, std::numeric_limits<float>::infinity(), 0});
  EXPECT_EQ(message(graph), "layer 'fc1': constant 'bias': element [1] is inf, must be finite");
}

}  // namespace
}  // namespace algean::partitioner::testing
