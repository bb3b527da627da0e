#include "kernels/hls/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "kernels/emit/text.hpp"

namespace algean::kernels {
namespace {

// What the layer's family states about it; errors name the layer.
Result<const HlsForm*> form_of(const LayerSpec& layer, Families families) {
  const Family* family = find_family(families, layer.operation);
  ALGEAN_INVARIANT(family != nullptr);
  if (family->hls() != nullptr) return family->hls();
  return bad_input("layer '{}': operation '{}' has no HLS C++", layer.name, layer.operation);
}

class Designer {
 public:
  Designer(const Graph& graph, Families families) : graph_(graph), families_(families), source_(graph.values.size()) {
    design_.name = graph.name;
  }

  Result<HlsDesign> run(std::span<const Folding> foldings) {
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) ALGEAN_TRY(add_layer(i, foldings[i]));
    for (const GraphPort& port : graph_.inputs) ALGEAN_TRY(add_input(port));
    for (std::size_t i = 0; i < design_.layers.size(); ++i) connect_layer(i);
    for (const GraphPort& port : graph_.outputs) design_.outputs.push_back(take(port.value));
    return std::move(design_);
  }

 private:
  Result<> add_layer(std::size_t index, const Folding& folding) {
    const Layer& layer = graph_.layers[index];
    ALGEAN_ASSIGN(const HlsForm* form, form_of(layer.spec, families_));
    auto stages = form->stages(layer.spec, graph_.types(layer.inputs), graph_.types(layer.outputs), folding);
    if (!stages) return std::unexpected(stages.error().within(fmt::format("layer '{}'", layer.spec.name)));
    design_.layers.push_back({index, names_.unique(emit::identifier(layer.spec.name)), folding, *std::move(stages)});
    return {};
  }

  std::size_t add_link(HlsStream stream, std::int64_t depth = 2) {
    design_.links.push_back({std::move(stream), depth});
    return design_.links.size() - 1;
  }

  // Readers of a value: inputs of layers, and outputs of the graph.
  [[nodiscard]] std::size_t readers(ValueId value) const {
    std::size_t count = 0;
    for (const Layer& layer : graph_.layers) {
      count += static_cast<std::size_t>(std::ranges::count(layer.inputs, value));
    }
    return count + static_cast<std::size_t>(std::ranges::count(graph_.outputs, value, &GraphPort::value));
  }

  // An input comes with the lanes that its first reader wants.
  Result<> add_input(const GraphPort& port) {
    auto stream = hls_stream_of(graph_.values[port.value].type, 1);
    if (!stream) return std::unexpected(stream.error().within(fmt::format("input '{}'", port.name)));
    for (const HlsDesignLayer& layer : design_.layers) {
      const auto& inputs = graph_.layers[layer.layer].inputs;
      const auto found = std::ranges::find(inputs, port.value);
      if (found == inputs.end()) continue;
      stream = layer.stages.streams[layer.stages.inputs[static_cast<std::size_t>(found - inputs.begin())]];
      break;
    }
    design_.inputs.push_back(add_link(*stream));
    offer(port.value, design_.inputs.back());
    return {};
  }

  // Makes a link of a value known to its readers: one for each. A reader that is far behind another holds a whole
  // tensor.
  void offer(ValueId value, std::size_t link) {
    const std::size_t count = readers(value);
    if (count == 1) source_[value] = {link};
    if (count == 1) return;
    const HlsStream stream = design_.links[link].stream;
    HlsCall call{.layer = std::nullopt,
                 .stage = {.function = "clone",
                           .header = "kernels/stream/hls/clone.hpp",
                           .name = names_.unique("clone_" + emit::identifier(graph_.values[value].name)),
                           .numbers = {{"lanes", stream.form.lanes}, {"beats", stream.form.beats()}},
                           .types = {{"in_type", stream.type}},
                           .tables = {},
                           .inputs = {},
                           .outputs = {}},
                 .inputs = {link},
                 .outputs = {}};
    for (std::size_t i = 0; i < count; ++i) {
      call.outputs.push_back(add_link(stream, stream.form.beats()));
      source_[value].push_back(call.outputs.back());
    }
    design_.calls.push_back(std::move(call));
  }

  std::size_t take(ValueId value) {
    ALGEAN_INVARIANT(!source_[value].empty());
    const std::size_t link = source_[value].back();
    source_[value].pop_back();
    return link;
  }

  std::size_t repack(std::size_t from, const HlsStream& wanted) {
    HlsLayer scratch;
    const std::size_t source = scratch.add_stream(design_.links[from].stream);
    if (scratch.repack(source, wanted.form) == source) return from;
    HlsStage stage = std::move(scratch.stages.front());
    stage.name = names_.unique("repack");
    const std::size_t to = add_link(wanted);
    design_.calls.push_back({std::nullopt, std::move(stage), {from}, {to}});
    return to;
  }

  void connect_layer(std::size_t index) {
    const HlsDesignLayer& layer = design_.layers[index];
    const Layer& spec = graph_.layers[layer.layer];
    HlsCall call{index, {}, {}, {}};
    for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
      call.inputs.push_back(repack(take(spec.inputs[i]), layer.stages.streams[layer.stages.inputs[i]]));
    }
    for (const std::size_t stream : layer.stages.outputs)
      call.outputs.push_back(add_link(layer.stages.streams[stream]));
    const std::vector<std::size_t> outputs = call.outputs;
    design_.calls.push_back(std::move(call));
    for (std::size_t i = 0; i < spec.outputs.size(); ++i) offer(spec.outputs[i], outputs[i]);
  }

  const Graph& graph_;
  Families families_;
  HlsDesign design_;
  emit::Names names_;
  std::vector<std::vector<std::size_t>> source_;  // links of each value that no reader has taken yet
};

}  // namespace

Result<std::vector<Folding>> choose_hls_foldings(const Graph& graph, Families families, std::int64_t interval_cycles,
                                                 const std::map<std::string, std::int64_t>& reuse_factors) {
  for (const auto& [name, factor] : reuse_factors) {
    const auto is_it = [&](const Layer& layer) { return layer.spec.name == name; };
    if (std::ranges::none_of(graph.layers, is_it)) return bad_input("reuse factor: there is no layer '{}'", name);
  }
  std::vector<Folding> foldings;
  for (const Layer& layer : graph.layers) {
    ALGEAN_ASSIGN(const HlsForm* form, form_of(layer.spec, families));
    const auto inputs = graph.types(layer.inputs);
    const auto outputs = graph.types(layer.outputs);
    std::int64_t interval = interval_cycles > 0 ? interval_cycles : std::numeric_limits<std::int64_t>::max();
    if (const auto found = reuse_factors.find(layer.spec.name); found != reuse_factors.end()) {
      const std::int64_t rows = outputs[0].shape.elements() / outputs[0].shape.channels();
      interval = std::min(found->second, std::numeric_limits<std::int64_t>::max() / rows) * rows;
    }
    auto folding = form->folding(layer.spec, inputs, outputs, interval);
    if (!folding) return std::unexpected(folding.error().within(fmt::format("layer '{}'", layer.spec.name)));
    foldings.push_back(*folding);
  }
  return foldings;
}

Result<HlsDesign> make_hls_design(const Graph& graph, Families families, std::span<const Folding> foldings) {
  ALGEAN_INVARIANT(foldings.size() == graph.layers.size());
  if (!graph.is_integer()) return bad_input("'{}' computes in floats: HLS takes integers", graph.name);
  return Designer(graph, families).run(foldings);
}

}  // namespace algean::kernels
