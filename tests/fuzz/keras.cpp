// Any text as a Keras topology, with weights of the shapes that it asks for; any text as a TensorFlow.js model with
// shards; any bytes as a .keras archive. Whatever is accepted is a graph that verify() accepts and that runs.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/import_keras/examine.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_keras/keras_archive.hpp"
#include "partitioner/import_keras/sources.hpp"
#include "partitioner/import_keras/tfjs.hpp"
#include "partitioner/import_keras/weights.hpp"
#include "tests/fuzz/require.hpp"

namespace algean::partitioner {
namespace {

constexpr std::int64_t most_weights = 1 << 16;
constexpr double most_work = 1e6;

// ---- topologies

// Values that attributes like and dislike.
std::string value(FuzzedDataProvider& data) {
  static constexpr std::array values{
      "0",
      "1",
      "2",
      "3",
      "-1",
      "5",
      "0.5",
      "null",
      "true",
      "false",
      "[1,1]",
      "[2,2]",
      "[2,3]",
      "[1]",
      "[2]",
      "[3]",
      "[-1,2]",
      "[[0,1],[1,0]]",
      "[]",
      "\"same\"",
      "\"valid\"",
      "{}",
      "[0,2,1]",
      "\"causal\"",
      "\"relu\"",
      "\"glu\"",
      "\"softmax\"",
      "\"gelu\"",
      "1073741824",
      "\"channels_first\"",
      "1e300",
      "\"nearest\"",
      "\"bilinear\"",
      "[-1,4]",
      "[4,-1]",
      "\"hard_sigmoid\"",
      "{\"class_name\":\"__slice__\",\"config\":{\"start\":1,\"stop\":null,\"step\":2}}"};
  return values[data.ConsumeIntegralInRange<std::size_t>(0, values.size() - 1)];
}

// A layer's attributes: those that its type must have, and some others.
std::string attributes(FuzzedDataProvider& data) {
  static constexpr std::array keys{"filters",
                                   "kernel_size",
                                   "strides",
                                   "padding",
                                   "dilation_rate",
                                   "groups",
                                   "use_bias",
                                   "units",
                                   "activation",
                                   "pool_size",
                                   "data_format",
                                   "keepdims",
                                   "axis",
                                   "target_shape",
                                   "dims",
                                   "n",
                                   "size",
                                   "interpolation",
                                   "cropping",
                                   "shared_axes",
                                   "depth_multiplier",
                                   "scale",
                                   "offset",
                                   "mean",
                                   "variance",
                                   "output_padding",
                                   "axes",
                                   "newshape",
                                   "indices_or_sections",
                                   "center",
                                   "invert",
                                   "epsilon",
                                   "max_value",
                                   "threshold",
                                   "alpha",
                                   "function"};
  std::string text = R"("filters":2,"kernel_size":2,"units":3,"pool_size":2,"n":2,"padding":"same","axes":1)";
  for (auto count = data.ConsumeIntegralInRange<unsigned>(0, 4); count > 0; --count) {
    text += fmt::format(R"(,"{}":{})", keys[data.ConsumeIntegralInRange<std::size_t>(0, keys.size() - 1)], value(data));
  }
  return text;
}

// An argument of a call: the output of an earlier layer, or a value.
std::string argument(FuzzedDataProvider& data, std::size_t layers) {
  if (data.ConsumeIntegralInRange(0, 7) == 0) return value(data);
  return fmt::format(R"({{"class_name":"__keras_tensor__","config":{{"keras_history":["l{}",0,{}]}}}})",
                     data.ConsumeIntegralInRange<std::size_t>(0, layers - 1), data.ConsumeBool() ? 0 : 1);
}

std::string generated(FuzzedDataProvider& data) {
  static const std::vector<std::string> types = keras_layer_types();
  static const std::vector<std::string> operations = keras_operations();
  static constexpr std::array inputs{"[null,4]", "[null,8,4]", "[null,8,8,4]", "[null,6,2,2]", "[null,1,4294967296]"};
  std::string layers =
      fmt::format(R"({{"class_name":"InputLayer","config":{{"batch_shape":{}}},"name":"l0","inbound_nodes":[]}})",
                  inputs[data.ConsumeIntegralInRange<std::size_t>(0, inputs.size() - 1)]);
  const auto count = data.ConsumeIntegralInRange<std::size_t>(1, 8);
  for (std::size_t i = 1; i <= count; ++i) {
    const bool is_operation = data.ConsumeIntegralInRange(0, 2) == 0;
    const std::vector<std::string>& names = is_operation ? operations : types;
    std::string type = names[data.ConsumeIntegralInRange<std::size_t>(0, names.size() - 1)];
    std::string config = attributes(data);
    if (type.starts_with("tf.")) {
      config += fmt::format(R"(,"function":"{}")", type.substr(3));
      type = "TFOpLambda";
    }
    type.erase(0, type.starts_with("keras.ops.") ? 10 : 0);
    std::string arguments = argument(data, i);
    if (data.ConsumeBool()) arguments += "," + argument(data, i);
    if (data.ConsumeIntegralInRange(0, 3) == 0) arguments = "[" + arguments + "]";
    layers += fmt::format(
        R"(,{{"module":"{}","class_name":"{}","config":{{{}}},"name":"l{}","inbound_nodes":[{{"args":[{}],"kwargs":{{}}}}]}})",
        is_operation ? "keras.src.ops.numpy" : "keras.layers", type, config, i, arguments);
  }
  return fmt::format(
      R"({{"class_name":"Functional","config":{{"layers":[{}],"input_layers":["l0",0,0],"output_layers":["l{}",0,0]}}}})",
      layers, count);
}

// ---- weights

struct Kept {
  std::string layer, key, variable;
  const KerasVariable* shape;
};

void collect(const KerasModel& model, const ModelFacts& facts, std::vector<Kept>& kept) {
  std::map<std::string, int> counts;
  for (const KerasLayer& layer : model.layers) {
    if (layer.nested != nullptr) collect(*layer.nested, facts, kept);
    if (layer.is_operation) continue;
    const std::string key = snake_case(layer.class_name);
    const int number = counts[key]++;
    const auto found = facts.find(&layer);
    if (found == facts.end()) continue;
    for (const KerasVariable& variable : found->second.variables) {
      kept.push_back({layer.name, number == 0 ? key : fmt::format("{}_{}", key, number), variable.name, &variable});
    }
  }
}

// Arrays for the variables, in one of the layouts; sometimes not quite.
WeightFile weights_for(const std::vector<Kept>& kept, FuzzedDataProvider& data) {
  WeightFile file;
  const auto layout = data.ConsumeIntegralInRange(0, 3);
  file.is_named = layout <= 1;
  if (layout == 2) file.groups.insert("layers");
  std::map<std::string, std::size_t> counts;
  std::int64_t left = most_weights;
  for (const Kept& one : kept) {
    WeightArray array{{one.shape->shape.extents().begin(), one.shape->shape.extents().end()}, "float32", {}};
    const std::int64_t elements = one.shape->shape.elements();
    if (elements > left || data.ConsumeIntegralInRange(0, 40) == 1) continue;
    left -= elements;
    array.elements.assign(static_cast<std::size_t>(elements), 0.25F);
    const std::size_t number = counts[layout == 2 ? one.key : one.layer]++;
    std::string path = one.layer + "/" + one.variable;
    if (layout == 2) path = fmt::format("layers/{}/vars/{}", one.key, number);
    if (layout == 3) {
      auto& layers = file.attributes[{"", "layer_names"}];
      if (number == 0) layers.push_back(one.layer);
      file.attributes[{one.layer, "weight_names"}].push_back(one.variable);
    }
    file.arrays.insert_or_assign(path, std::move(array));
  }
  if (layout == 3) file.attributes[{"", "layer_names"}];
  return file;
}

// ---- what comes of it

void run(const kernels::Graph& graph) {
  double work = 0;
  for (const kernels::Layer& layer : graph.layers) {
    const kernels::Family* family = kernels::find_family(kernels::library(), layer.spec.operation);
    FUZZ_REQUIRE(family != nullptr);
    work += family->work(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs));
    for (const kernels::ValueId value : layer.inputs)
      work += static_cast<double>(graph.values[value].type.shape.elements());
  }
  for (const auto& port : graph.inputs) work += static_cast<double>(graph.values[port.value].type.shape.elements());
  if (work > most_work) return;
  std::vector<Tensor> inputs;
  for (const auto& port : graph.inputs) inputs.emplace_back(graph.values[port.value].type);
  const auto outputs = kernels::interpret(graph, kernels::library(), inputs);
  FUZZ_REQUIRE(outputs && outputs->size() == graph.outputs.size());
}

void check(const Result<kernels::Graph>& graph) {
  if (!graph) {
    FUZZ_REQUIRE(graph.error().kind == ErrorKind::bad_input && !graph.error().message.empty());
    return;
  }
  FUZZ_REQUIRE(kernels::verify(*graph, kernels::library()));
  run(*graph);
}

void as_topology(const std::string& text, FuzzedDataProvider& data) {
  KerasSources sources;
  sources.topology_name = sources.weights_name = "fuzz";
  auto json = parse_json(text, "fuzz");
  if (!json) return;
  sources.topology = *std::move(json);
  if (const auto model = read_keras_model(sources.topology, "fuzz")) {
    Problems problems;
    const auto facts = examine(*model, problems);
    std::vector<Kept> kept;
    if (facts && problems.empty()) collect(*model, *facts, kept);
    sources.weights = weights_for(kept, data);
  }
  check(import_keras(sources, kernels::library()));
}

void as_tfjs(const std::string& text, FuzzedDataProvider& data) {
  auto json = parse_json(text, "fuzz");
  if (!json || !is_tfjs(*json)) return;
  const ReadShard read_shard = [&](const std::string&, std::size_t most) -> Result<std::vector<std::byte>> {
    const auto size = data.ConsumeIntegralInRange<std::size_t>(0, 256);
    if (size > most) return bad_input("too long");
    return std::vector<std::byte>(size, std::byte{60});
  };
  auto model = read_tfjs(*std::move(json), read_shard, "fuzz");
  if (!model) {
    FUZZ_REQUIRE(model.error().kind == ErrorKind::bad_input);
    return;
  }
  KerasSources sources;
  sources.topology_name = sources.weights_name = "fuzz";
  sources.topology = std::move(model->topology);
  sources.weights = std::move(model->weights);
  check(import_keras(sources, kernels::library()));
}

void as_archive(const std::string& bytes) {
  const auto archive = read_keras_archive(std::as_bytes(std::span(bytes)), "fuzz");
  FUZZ_REQUIRE(archive || archive.error().kind == ErrorKind::bad_input);
}

void fuzz(FuzzedDataProvider& data) {
  const auto what = data.ConsumeIntegralInRange(0, 7);
  if (what <= 2) return as_topology(generated(data), data);
  const std::size_t kept_back = std::min<std::size_t>(data.remaining_bytes(), 32);  // for choices behind the text
  const std::string text = data.ConsumeBytesAsString(data.remaining_bytes() - kept_back);
  if (what <= 5) return as_topology(text, data);
  if (what == 6) return as_tfjs(text, data);
  as_archive(text);
}

}  // namespace
}  // namespace algean::partitioner

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  algean::partitioner::fuzz(data);
  return 0;
}
