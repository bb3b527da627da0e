#include "kernels/program/fuse.hpp"

#include <algorithm>
#include <optional>

namespace algean::kernels {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

class Fuser {
 public:
  Fuser(const Graph& graph, Families families, InstructionSet instructions, std::span<const ValueId> kept)
      : graph_(graph),
        families_(families),
        instructions_(instructions),
        uses_(graph.values.size(), 0),
        producer_(graph.values.size(), none),
        is_taken_(graph.layers.size(), false),
        is_reader_(graph.layers.size(), false) {
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
      for (const ValueId id : graph.layers[i].inputs) ++uses_[id];
      for (const ValueId id : graph.layers[i].outputs) producer_[id] = i;
    }
    for (const GraphPort& port : graph.outputs) ++uses_[port.value];
    for (const ValueId id : kept) ++uses_[id];
  }

  // The reader and one of the layers that it reads, the last that can join, which then is taken.
  std::optional<Work> join(std::size_t index) {
    const Layer& reader = graph_.layers[index];
    std::vector<std::size_t> positions(reader.inputs.size());
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = i;
    std::ranges::sort(positions, std::greater(), [&](std::size_t i) { return producer_[reader.inputs[i]] + 1; });
    for (const std::size_t position : positions) {
      const ValueId between = reader.inputs[position];
      const std::size_t producer = producer_[between];
      if (uses_[between] != 1 || producer == none || is_taken_[producer] || is_reader_[producer]) continue;
      const Layer& layer = graph_.layers[producer];
      if (layer.outputs.size() != 1) continue;
      std::unique_ptr<Step> step = compile(layer, reader, position);
      if (step == nullptr) continue;
      is_taken_[producer] = true;
      is_reader_[index] = true;
      Work work{{&layer, &reader}, layer.inputs, reader.outputs, std::move(step)};
      for (const ValueId id : reader.inputs) {
        if (id != between) work.inputs.push_back(id);
      }
      return work;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_taken(std::size_t layer) const { return is_taken_[layer]; }

 private:
  [[nodiscard]] std::unique_ptr<Step> compile(const Layer& layer, const Layer& reader, std::size_t position) const {
    const Family* family = find_family(families_, layer.spec.operation);
    const auto inputs = graph_.types(reader.inputs);
    const auto outputs = graph_.types(reader.outputs);
    return family->compile_with(layer.spec, graph_.types(layer.inputs), graph_.types(layer.outputs),
                                {reader.spec, inputs, outputs, position}, instructions_);
  }

  const Graph& graph_;
  Families families_;
  InstructionSet instructions_;
  std::vector<int> uses_;              // of each value: inputs of layers, outputs of the graph, taps
  std::vector<std::size_t> producer_;  // of each value: a layer, or none
  std::vector<bool> is_taken_;         // of each layer: a later one's step computes it
  std::vector<bool> is_reader_;        // of each layer: it has taken another
};

}  // namespace

Result<std::vector<Work>> make_steps(const Graph& graph, Families families, InstructionSet instructions,
                                     std::span<const ValueId> kept) {
  Fuser fuser(graph, families, instructions, kept);
  std::vector<std::optional<Work>> joined;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) joined.push_back(fuser.join(i));
  std::vector<Work> steps;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    if (joined[i]) steps.push_back(*std::move(joined[i]));
    if (joined[i] || fuser.is_taken(i)) continue;
    const Family* family = find_family(families, layer.spec.operation);
    auto step = family->compile(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs), instructions);
    if (!step) return std::unexpected(step.error().within(fmt::format("layer '{}'", layer.spec.name)));
    steps.push_back({{&layer}, layer.inputs, layer.outputs, *std::move(step)});
  }
  return steps;
}

Graph wires_of(const Graph& graph, std::span<const Work> steps) {
  Graph wires{graph.name, graph.values, {}, graph.inputs, graph.outputs};
  for (const Work& work : steps) wires.layers.push_back({{}, work.inputs, work.outputs});
  return wires;
}

}  // namespace algean::kernels
