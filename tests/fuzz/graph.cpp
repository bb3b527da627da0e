// Any text as a graph file, most often one layer of the library with changed attributes, shapes and types. What
// verify() accepts computes without a fault, and its compiled program gives the integers of the reference for every
// instruction set.
#include "kernels/graph/graph.hpp"

#include <cstring>

#include "kernels/graph/interpreter.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "runtime/base/random.hpp"
#include "tests/fuzz/mutated_text.hpp"
#include "tests/fuzz/require.hpp"

namespace algean::kernels {
namespace {

using Ints = std::vector<std::int64_t>;

std::shared_ptr<const Tensor> weights(Shape shape, double low, double high) {
  Random random(7);
  Tensor tensor({ElementType::float32(), std::move(shape)});
  for (float& x : tensor.elements<float>()) x = static_cast<float>(low + (high - low) * random.unit());
  return std::make_shared<const Tensor>(std::move(tensor));
}

struct Example {
  LayerSpec spec;
  std::vector<Shape> inputs;
};

Example unary(const char* operation, Shape shape, Attributes attributes = {}) {
  return {{"layer", operation, std::move(attributes), {}}, {std::move(shape)}};
}
Example binary(const char* operation, Shape a, Shape b, Attributes attributes = {}) {
  return {{"layer", operation, std::move(attributes), {}}, {std::move(a), std::move(b)}};
}
Example weighted(const char* operation, Shape input, Shape weight, Attributes attributes = {}) {
  const std::int64_t channels = weight[0];
  return {{"layer",
           operation,
           std::move(attributes),
           {{"weight", weights(std::move(weight), -1, 1)}, {"bias", weights({channels}, -1, 1)}}},
          {std::move(input)}};
}

// One layer or more of every family.
std::vector<Example> examples() {
  const Ints ones{1, 1}, two{2, 2}, pads{1, 0, 1, 1};
  return {
      weighted("dense", {2, 5}, {3, 5}, {{"activation", "relu"}}),
      weighted("conv2d", {4, 5, 4}, {6, 3, 2, 2},
               {{"strides", two}, {"padding", pads}, {"dilations", ones}, {"groups", std::int64_t{2}}}),
      weighted("conv2d", {4, 4, 3}, {3, 3, 3, 1}, {{"groups", std::int64_t{3}}, {"activation", "relu6"}}),
      weighted("conv1d", {6, 3}, {4, 3, 3}, {{"padding", ones}}),
      weighted("conv2d_transpose", {3, 3, 2}, {4, 3, 3, 2}, {{"strides", two}, {"padding", pads}}),
      unary("max_pool2d", {5, 4, 3}, {{"window", two}, {"strides", two}, {"padding", pads}}),
      unary("average_pool2d", {5, 4, 3}, {{"window", two}, {"strides", ones}, {"count_padding", std::int64_t{1}}}),
      unary("reduce_mean", {3, 4, 5}, {{"axes", Ints{0, 1}}, {"keep_axes", std::int64_t{0}}}),
      unary("reduce_sum", {3, 4}, {{"axes", Ints{1}}}),
      unary("reduce_max", {3, 4}, {{"axes", Ints{0}}}),
      unary("arg_max", {3, 4}, {{"axes", Ints{1}}}),
      binary("mean_squared_error", {7}, {7}, {{"axes", Ints{0}}}),
      binary("kl_divergence", {4}, {4}, {{"axes", Ints{0}}}),
      binary("add", {3, 4}, {1, 4}, {{"activation", "relu"}}),
      binary("multiply", {3, 4}, {4}),
      binary("maximum", {3, 4}, {3, 4}),
      binary("concat", {2, 3}, {2, 4}, {{"axis", std::int64_t{1}}}),
      unary("split", {2, 6}, {{"axis", std::int64_t{1}}, {"sizes", Ints{2, 4}}}),
      unary("slice", {5, 6}, {{"begin", Ints{1, 5}}, {"end", Ints{4, -1}}, {"strides", Ints{1, -2}}}),
      unary("pad", {3, 4}, {{"before", Ints{1, 0}}, {"after", Ints{0, 2}}, {"mode", "reflect"}}),
      unary("transpose", {2, 3, 4}, {{"permutation", Ints{2, 0, 1}}}),
      unary("tile", {2, 3}, {{"repeats", Ints{2, 2}}}),
      unary("space_to_depth", {4, 4, 2}, {{"block", std::int64_t{2}}, {"mode", "DCR"}}),
      unary("resize", {3, 4, 2}, {{"size", Ints{6, 5}}, {"mode", "bilinear"}, {"coordinates", "half_pixel"}}),
      binary("matmul", {2, 3}, {3, 4}),
      unary("leaky_relu", {9}, {{"slope", 0.1}}),
      unary("softmax", {2, 5}),
      unary("hard_swish", {9}),
      unary("clip", {9}, {{"low", -1.0}, {"high", 2.0}}),
      unary("reshape", {2, 6}, {{"shape", Ints{3, 4}}}),
  };
}

ElementType activation(double scale, std::int32_t zero) {
  return ElementType::int8(Quantisation::per_tensor(scale, zero));
}

// The example as a graph, in floats or in integers; nothing where the family cannot make that form.
std::optional<Graph> graph_of(const Example& example, bool integers, const char* arithmetic,
                              const ElementType& made = activation(0.2, 5)) {
  const Family* family = find_family(library(), example.spec.operation);
  FUZZ_REQUIRE(family != nullptr);
  Graph graph{"example", {}, {}, {}, {}};
  Layer layer{example.spec, {}, {}};
  for (const Shape& shape : example.inputs) {
    const ElementType type = integers ? activation(0.1, -3) : ElementType::float32();
    layer.inputs.push_back(graph.add_value(fmt::format("x{}", graph.values.size()), {type, shape}));
    graph.inputs.push_back({graph.values.back().name, layer.inputs.back()});
  }
  auto types = graph.types(layer.inputs);
  const auto shapes = family->infer(layer.spec, types);
  if (!shapes) fmt::print(stderr, "{}: {}\n", layer.spec.operation, shapes.error().message);
  FUZZ_REQUIRE(shapes.has_value());
  for (const Shape& shape : *shapes) {
    const auto fixed = integers ? family->fixed_output(layer.spec, types) : std::nullopt;
    const ElementType type = !integers ? ElementType::float32() : fixed ? *fixed : made;
    layer.outputs.push_back(graph.add_value(fmt::format("y{}", graph.values.size()), {type, shape}));
    const bool is_code = type.is_integer() && !type.quantisation();
    graph.outputs.push_back(
        {graph.values.back().name, layer.outputs.back(), is_code ? ExternalForm::integer : ExternalForm::float32});
  }
  if (integers) {
    layer.spec.attributes.set("arithmetic", std::string(arithmetic));
    auto spec = family->quantise(layer.spec, types, graph.types(layer.outputs));
    // TensorFlow Lite has some layers between tensors of one scale only.
    if (!spec && made != activation(0.1, -3)) return graph_of(example, integers, arithmetic, activation(0.1, -3));
    if (!spec) return std::nullopt;
    layer.spec = *std::move(spec);
  }
  graph.layers.push_back(std::move(layer));
  const auto good = verify(graph, library());
  if (!good) fmt::print(stderr, "{}\n", good.error().message);
  FUZZ_REQUIRE(good.has_value());
  return graph;
}

// Every example in every form as the two parts of a graph file.
struct File {
  std::string text;
  std::string constants;
};
std::vector<File> files() {
  std::vector<File> result;
  for (const Example& example : examples()) {
    for (const char* form : {"", "scaled", "tflite"}) {
      const auto graph = graph_of(example, *form != '\0', form);
      if (!graph) continue;
      const std::vector<std::byte> bytes = serialise(*graph);
      std::string all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      const std::size_t end = all.find("---\n") + 4;
      result.push_back(
          {all.substr(0, end), all.substr((end + 63) / 64 * 64 < all.size() ? (end + 63) / 64 * 64 : all.size())});
    }
  }
  return result;
}

// Small enough to compute thousands of times a second.
bool is_small(const Graph& graph) {
  double cost = 0;
  for (const Value& value : graph.values) cost += static_cast<double>(value.type.shape.elements());
  for (const Layer& layer : graph.layers) {
    const Family* family = find_family(library(), layer.spec.operation);
    cost += family->work(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs));
  }
  return cost < 200'000;
}

void compute(const Graph& graph) {
  Random random(3);
  std::vector<Tensor> inputs;
  for (const GraphPort& port : graph.inputs) {
    Tensor tensor(graph.values[port.value].type);
    if (tensor.type().element.is_float()) {
      for (float& x : tensor.elements<float>()) x = static_cast<float>(8 * random.unit() - 4);
    } else {
      for (std::byte& x : tensor.bytes()) x = static_cast<std::byte>(random.between(0, 255));
      if (tensor.type().element.bits() != static_cast<int>(8 * tensor.type().element.bytes())) return;
    }
    inputs.push_back(std::move(tensor));
  }
  const auto expected = interpret(graph, library(), inputs);
  FUZZ_REQUIRE(expected.has_value());
  if (!graph.is_integer()) return;
  for (const InstructionSet instructions : usable_instruction_sets()) {
    auto program = compile(graph, library(), {instructions, {}});
    if (!program) continue;  // a named limit
    std::vector<Tensor> outputs;
    std::vector<const std::byte*> from;
    std::vector<std::byte*> to;
    for (const Tensor& input : inputs) from.push_back(input.bytes().data());
    for (const Tensor& output : *expected) outputs.emplace_back(output.type());
    for (Tensor& output : outputs) to.push_back(output.bytes().data());
    (*program)->run(from, to);
    for (std::size_t i = 0; i < outputs.size(); ++i) FUZZ_REQUIRE(outputs[i] == (*expected)[i]);
  }
}

void fuzz(FuzzedDataProvider& data) {
  static const std::vector<File> all = files();
  const auto which = data.ConsumeIntegralInRange<std::size_t>(0, all.size());
  std::string file;
  if (which == all.size()) {
    file = data.ConsumeRemainingBytesAsString();
  } else {
    file = mutated(all[which].text, data);
    file.resize((file.size() + 63) / 64 * 64, '\0');
    file += all[which].constants;
  }
  const auto graph = parse(std::as_bytes(std::span(file.data(), file.size())), "fuzz.graph");
  if (!graph) {
    FUZZ_REQUIRE(graph.error().kind == ErrorKind::bad_input);
    return;
  }
  const auto good = verify(*graph, library());
  if (!good) {
    FUZZ_REQUIRE(good.error().kind == ErrorKind::bad_input && !good.error().message.empty());
    return;
  }
  if (is_small(*graph)) compute(*graph);
}

}  // namespace
}  // namespace algean::kernels

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  algean::kernels::fuzz(provider);
  return 0;
}
