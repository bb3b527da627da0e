#include <algorithm>
#include <array>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::LayerSpec;

constexpr std::array<std::string_view, 2> convolutions = {"conv1d", "conv2d"};
constexpr std::array<std::string_view, 2> max_pools = {"max_pool1d", "max_pool2d"};
constexpr std::array<std::string_view, 2> average_pools = {"average_pool1d", "average_pool2d"};
constexpr std::array<std::string_view, 3> above_zero = {"relu", "sigmoid", "softmax"};

bool is_one_of(std::span<const std::string_view> operations, const LayerSpec& spec) {
  return std::ranges::find(operations, spec.operation) != operations.end();
}

// What a pad of zeros adds in front of and behind each axis but the last: [top, left, bottom, right] of [H,W,C].
// Nothing for another pad.
std::optional<std::vector<std::int64_t>> zeros(const LayerSpec& spec) {
  if (spec.operation != "pad" || spec.attributes.text_or("mode", "constant") != "constant" ||
      spec.attributes.real_or("value", 0) != 0) {
    return std::nullopt;
  }
  auto before = spec.attributes.integers("before");
  auto after = spec.attributes.integers("after");
  if (!before || !after || before->empty() || before->size() != after->size()) return std::nullopt;
  if (before->back() != 0 || after->back() != 0) return std::nullopt;
  std::vector<std::int64_t> result(before->begin(), before->end() - 1);
  result.insert(result.end(), after->begin(), after->end() - 1);
  if (std::ranges::any_of(result, [](std::int64_t pad) { return pad < 0; })) return std::nullopt;
  return result;
}

std::vector<std::int64_t> padding_of(const LayerSpec& spec, std::size_t size) {
  const auto given = spec.attributes.integers("padding");
  return given && given->size() == size ? *given : std::vector<std::int64_t>(size, 0);
}

bool is_never_negative(const Layer* layer) {
  if (layer == nullptr) return false;
  const std::string activation = layer->spec.attributes.text_or("activation", "linear");
  if (activation == "relu" || activation == "relu6") return true;
  return is_one_of(above_zero, layer->spec) && layer->spec.attributes.real_or("negative_slope", 0) == 0;
}

// Every window holds an element that is no padding.
bool reaches_inside(const LayerSpec& pool, std::span<const std::int64_t> padding) {
  const auto window = pool.attributes.integers("window");
  const auto dilations = pool.attributes.integers("dilations");
  if (dilations && std::ranges::any_of(*dilations, [](std::int64_t step) { return step != 1; })) return false;
  if (!window || padding.size() != 2 * window->size()) return false;
  for (std::size_t i = 0; i < padding.size(); ++i) {
    if (padding[i] >= (*window)[i % window->size()]) return false;
  }
  return true;
}

// The layer as one that pads itself; `producer` makes what the pad reads. Nothing where it would compute otherwise.
std::optional<LayerSpec> padded(const LayerSpec& spec, std::span<const std::int64_t> pad, const Layer* producer) {
  std::vector<std::int64_t> padding = padding_of(spec, pad.size());
  const bool was_padded = std::ranges::any_of(padding, [](std::int64_t p) { return p != 0; });
  for (std::size_t i = 0; i < pad.size(); ++i) padding[i] += pad[i];
  LayerSpec result = spec;
  result.attributes.set("padding", padding);
  if (is_one_of(convolutions, spec)) return result;
  if (was_padded) return std::nullopt;
  if (is_one_of(max_pools, spec)) {  // which leaves padding out: the same where no element lies below 0
    if (is_never_negative(producer) && reaches_inside(result, padding)) return result;
  } else if (is_one_of(average_pools, spec)) {
    result.attributes.set("count_padding", std::int64_t{1});
    return result;
  }
  return std::nullopt;
}

// The layers that read the pad, as layers that pad themselves; none if one cannot.
std::vector<std::pair<std::size_t, LayerSpec>> padded_readers(const Graph& graph, const Wires& wires,
                                                              kernels::Families families, const Layer& pad) {
  const auto sizes = zeros(pad.spec);
  if (!sizes || !is_float(graph, pad) || wires.is_output(pad.outputs[0])) return {};
  const auto before = wires.producer(pad.inputs[0]);
  const Layer* producer = before ? &graph.layers[*before] : nullptr;
  std::vector<std::pair<std::size_t, LayerSpec>> result;
  for (const std::size_t reader : wires.readers(pad.outputs[0])) {
    const Layer& layer = graph.layers[reader];
    auto spec = padded(layer.spec, *sizes, producer);
    if (!spec) return {};
    const kernels::Family* family = kernels::find_family(families, spec->operation);
    const auto inputs = graph.types(pad.inputs);
    const auto outputs = graph.types(layer.outputs);
    const auto shapes = family->infer(*spec, inputs);
    if (!shapes || shapes->at(0) != outputs[0].shape || !family->verify(*spec, inputs, outputs)) return {};
    result.emplace_back(reader, *std::move(spec));
  }
  return result;
}

}  // namespace

Result<> fold_pad(Graph& graph, kernels::Families families) {
  Wires wires(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (graph.layers[i].spec.operation != "pad") continue;
    auto readers = padded_readers(graph, wires, families, graph.layers[i]);
    if (readers.empty()) continue;
    for (auto& [reader, spec] : readers) graph.layers[reader].spec = std::move(spec);
    wires.erase(i);
    wires.rewire(graph.layers[i].outputs[0], graph.layers[i].inputs[0]);
  }
  wires.finish();
  return {};
}

}  // namespace algean::partitioner
