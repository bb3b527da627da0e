#include "kernels/circuit/join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kernels/circuit/waits.hpp"
#include "kernels/emit/text.hpp"
#include "runtime/base/crc32c.hpp"

namespace algean::kernels {
namespace {

// Beats that the FIFO before a narrowing repack holds: while the repack gives out one beat of its input,
// the next ones arrive.
constexpr std::int64_t narrowing_depth = 4;
constexpr std::int64_t max_depth = std::int64_t{1} << 24U;

// A name for modules, wires and files: some models' own are longer than a file's may be.
std::string short_name(const std::string& name) {
  constexpr std::size_t longest = 64;
  return emit::identifier(name).substr(0, longest);
}

// Instances in an order in which each stream is written before it is read, else as they were; the permutation.
std::vector<std::size_t> sort_instances(Netlist& netlist) {
  std::vector<bool> written(netlist.streams.size(), false);
  for (const std::size_t input : netlist.inputs) written[input] = true;
  std::vector<std::size_t> order;
  std::vector<std::size_t> left(netlist.instances.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  while (!left.empty()) {
    const auto ready = std::ranges::find_if(left, [&](std::size_t index) {
      return std::ranges::all_of(netlist.instances[index].inputs, [&](std::size_t input) { return written[input]; });
    });
    ALGEAN_INVARIANT(ready != left.end());  // modules in a ring
    for (const std::size_t output : netlist.instances[*ready].outputs) written[output] = true;
    order.push_back(*ready);
    left.erase(ready);
  }
  std::vector<ModuleInstance> sorted;
  for (const std::size_t index : order) sorted.push_back(std::move(netlist.instances[index]));
  netlist.instances = std::move(sorted);
  return order;
}

// Where the stream of a value is wanted.
struct Wanted {
  std::optional<std::size_t> instance;  // of the top; none: an output of the design
  std::size_t position = 0;             // which input of it, or which output of the design
  Stream stream;
  std::int64_t waiting = 0;  // beats that a FIFO must hold for a path beside this one
  std::int64_t depth = 0;    // of the FIFO; 0: there is none
};

// Of what a layer is made of, but for its weights: whoever measures the circuit of one folding, and then predicts that
// of another or of another network, finds another name.
std::uint32_t fingerprint(const Netlist& netlist) {
  std::string text;
  for (const ModuleInstance& instance : netlist.instances) {
    text += instance.module;
    for (const ModuleParameter& parameter : instance.parameters) {
      const auto* number = std::get_if<std::int64_t>(&parameter.value);
      if (number != nullptr) text += fmt::format(" {}={}", parameter.name, *number);
    }
  }
  return crc32c(std::as_bytes(std::span(text))) & 0xffffU;
}

class Joiner {
 public:
  Joiner(const Graph& graph, Families families)
      : graph_(graph),
        families_(families),

        written_(graph.values.size()),
        wanted_(graph.values.size()) {
    design_.name = graph.name;
  }

  Result<> add_layer(const Layer& layer, const LayerHardware& wanted) {
    ALGEAN_ASSIGN(const Hardware* hardware, hardware_of(layer.spec, families_));
    const auto inputs = graph_.types(layer.inputs);
    const auto outputs = graph_.types(layer.outputs);
    auto netlist = hardware->netlist(layer.spec, inputs, outputs, wanted.folding, wanted.options);
    if (!netlist) return std::unexpected(netlist.error().within(fmt::format("layer '{}'", layer.spec.name)));
    const std::string name = names_.unique(short_name(layer.spec.name));
    const std::string module = fmt::format("layer_{}_{:04x}", name, fingerprint(*netlist));
    ModuleInstance instance{.module = module, .name = name, .parameters = {}, .inputs = {}, .outputs = {}};
    for (const ModuleInstance& part : netlist->instances) {
      instance.has_loader |= part.has_loader;
      instance.has_error |= part.has_error;
    }
    sort_instances(*netlist);
    ALGEAN_INVARIANT(netlist->inputs.size() == layer.inputs.size() && netlist->outputs.size() == layer.outputs.size());
    const std::size_t index = design_.top.instances.size();
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      wanted_[layer.inputs[i]].push_back({index, i, netlist->streams[netlist->inputs[i]]});
    }
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      instance.outputs.push_back(design_.top.add_stream(netlist->streams[netlist->outputs[i]]));
      written_[layer.outputs[i]] = instance.outputs.back();
    }
    instance.inputs.resize(layer.inputs.size());
    const Cycles cycles = hardware->cycles(layer.spec, inputs, outputs, wanted.folding, wanted.options);
    add(std::move(instance), design_.layers.size());
    design_.layers.push_back({layer.spec.name, module, wanted.folding, cycles, *std::move(netlist)});
    return {};
  }

  // The design's inputs have the lanes that their first reader wants.
  Result<> add_inputs() {
    for (const GraphPort& port : graph_.inputs) {
      const TensorType& type = graph_.values[port.value].type;
      auto stream = stream_of(type);
      if (!stream) return std::unexpected(stream.error().within(fmt::format("input '{}'", port.name)));
      if (!wanted_[port.value].empty()) stream->lanes = std::min(stream->elements, first_lanes(port.value));
      design_.top.inputs.push_back(design_.top.add_stream(*stream));
      written_[port.value] = design_.top.inputs.back();
      design_.inputs.push_back({port.name, type, design_.top.inputs.back()});
    }
    return {};
  }

  // Outputs leave as their layer gives them, but for one tensor that is several outputs.
  Result<> add_outputs() {
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const GraphPort& port = graph_.outputs[i];
      auto stream = stream_of(graph_.values[port.value].type);
      if (!stream) return std::unexpected(stream.error().within(fmt::format("output '{}'", port.name)));
      stream->lanes = std::min(design_.top.streams[written_[port.value]].lanes, stream->elements);
      wanted_[port.value].push_back({std::nullopt, i, *stream});
      design_.outputs.push_back({port.name, graph_.values[port.value].type, 0});
    }
    design_.top.outputs.resize(graph_.outputs.size());
    return {};
  }

  Result<> connect() {
    find_interval();
    const Schedule schedule = make_schedule();
    design_.longest = schedule.longest;
    const auto& waiting = schedule.waiting_beats;
    for (ValueId value = 0; value < graph_.values.size(); ++value) {
      auto& readers = wanted_[value];
      for (std::size_t i = 0; i < waiting[value].size(); ++i) readers[i].waiting = waiting[value][i];
      if (readers.empty()) continue;
      std::vector<std::size_t> copies{written_[value]};
      if (readers.size() > 1) copies = clone(written_[value], readers.size(), graph_.values[value].name);
      for (std::size_t i = 0; i < readers.size(); ++i) ALGEAN_TRY(connect(copies[i], readers[i], graph_.values[value]));
    }
    return check_no_deadlock();
  }

  Design take() {
    std::vector<std::optional<std::size_t>> layer_of;
    for (const std::size_t index : sort_instances(design_.top)) layer_of.push_back(design_.layer_of[index]);
    design_.layer_of = std::move(layer_of);
    return std::move(design_);
  }

 private:
  void add(ModuleInstance instance, std::optional<std::size_t> layer = std::nullopt) {
    design_.top.instances.push_back(std::move(instance));
    design_.layer_of.push_back(layer);
  }

  std::vector<std::size_t> clone(std::size_t from, std::size_t count, const std::string& value) {
    const Stream stream = design_.top.streams[from];
    ModuleInstance instance{
        .module = "algean_clone",
        .name = names_.unique(short_name(value) + "_clone"),
        .parameters = {{"BITS", stream.bits}, {"LANES", stream.lanes}, {"OUTPUTS", static_cast<std::int64_t>(count)}},
        .inputs = {from},
        .outputs = {}};
    for (std::size_t i = 0; i < count; ++i) instance.outputs.push_back(design_.top.add_stream(stream));
    add(instance);
    return instance.outputs;
  }

  std::size_t fifo(std::size_t from, std::int64_t depth, const std::string& name) {
    const Stream stream = design_.top.streams[from];
    const std::size_t to = design_.top.add_stream(stream);
    add({.module = "algean_fifo",
         .name = names_.unique(name + "_fifo"),
         .parameters = {{"BITS", stream.bits}, {"LANES", stream.lanes}, {"DEPTH", depth}},
         .inputs = {from},
         .outputs = {to}});
    return to;
  }

  std::size_t repack(std::size_t from, const Stream& wanted, const std::string& name) {
    const Stream stream = design_.top.streams[from];
    const std::size_t to = design_.top.add_stream(wanted);
    add({.module = "algean_repack",
         .name = names_.unique(name + "_repack"),
         .parameters = {{"BITS", stream.bits},
                        {"ROWS", stream.rows},
                        {"IN_ELEMENTS", stream.elements},
                        {"IN_LANES", stream.lanes},
                        {"OUT_ELEMENTS", wanted.elements},
                        {"OUT_LANES", wanted.lanes}},
         .inputs = {from},
         .outputs = {to}});
    return to;
  }

  [[nodiscard]] std::int64_t first_lanes(ValueId value) const { return wanted_[value].front().stream.lanes; }

  // Of the slowest layer or stream: glue passes a beat a cycle.
  void find_interval() {
    design_.interval = 1;
    for (const DesignLayer& layer : design_.layers)
      design_.interval = std::max(design_.interval, layer.cycles.interval);
    for (const Stream& stream : design_.top.streams) design_.interval = std::max(design_.interval, stream.beats());
    for (const auto& readers : wanted_) {
      for (const Wanted& reader : readers) design_.interval = std::max(design_.interval, reader.stream.beats());
    }
  }

  [[nodiscard]] LayerTiming timing(std::size_t layer) const {
    const Netlist& netlist = design_.layers[layer].netlist;
    return timing_of(design_.layers[layer].cycles, netlist.streams[netlist.inputs.front()],
                     netlist.streams[netlist.outputs.front()], design_.interval);
  }

  [[nodiscard]] Schedule make_schedule() const {
    std::vector<Stream> streams;
    for (const std::size_t stream : written_) streams.push_back(design_.top.streams[stream]);
    std::vector<LayerTiming> timings;
    for (std::size_t i = 0; i < design_.layers.size(); ++i) timings.push_back(timing(i));
    return schedule(graph_, streams, timings, design_.interval);
  }

  // Nodes are the layers, then the graph's inputs.
  [[nodiscard]] Result<> check_no_deadlock() const {
    std::vector<std::string> nodes;
    std::vector<std::size_t> writer(graph_.values.size());
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      for (const ValueId output : graph_.layers[i].outputs) writer[output] = i;
      nodes.push_back(graph_.layers[i].spec.name);
    }
    for (const GraphPort& port : graph_.inputs) {
      writer[port.value] = nodes.size();
      nodes.push_back(port.name);
    }
    std::vector<Channel> channels;
    for (ValueId value = 0; value < graph_.values.size(); ++value) {
      for (const Wanted& reader : wanted_[value]) {
        if (!reader.instance) continue;
        // What is offered counts too: a clone gives it to the other readers meanwhile.
        const auto capacity = static_cast<double>(reader.depth + 1);
        const auto beats = static_cast<double>(design_.top.streams[written_[value]].beats());
        channels.push_back({writer[value], *reader.instance, timing(*reader.instance).lag, capacity / beats});
      }
    }
    return kernels::check_no_deadlock(nodes, channels);
  }

  Result<> connect(std::size_t from, Wanted& reader, const Value& value) {
    const Stream stream = design_.top.streams[from];
    const Stream& wanted = reader.stream;
    const std::string name = short_name(value.name);
    if (stream.bits != wanted.bits || stream.rows * stream.elements != wanted.rows * wanted.elements) {
      return failed("value '{}': its writer and a reader disagree about its size", value.name);
    }
    const bool fits = stream.rows == wanted.rows && stream.lanes == wanted.lanes;
    reader.depth = std::max(reader.waiting, !fits && wanted.lanes < stream.lanes ? narrowing_depth : 0);
    if (reader.depth > max_depth)
      return bad_input("value '{}' would wait in a FIFO of {} beats", value.name, reader.depth);
    if (reader.depth > 0) from = fifo(from, reader.depth, name);
    if (!fits) from = repack(from, wanted, name);
    if (reader.instance) {
      design_.top.instances[*reader.instance].inputs[reader.position] = from;
    } else {
      design_.top.outputs[reader.position] = from;
      design_.outputs[reader.position].stream = from;
    }
    return {};
  }

  const Graph& graph_;
  Families families_;
  Design design_;
  emit::Names names_;
  std::vector<std::size_t> written_;         // by value, the stream that carries it
  std::vector<std::vector<Wanted>> wanted_;  // by value
};

}  // namespace

Result<const Hardware*> hardware_of(const LayerSpec& layer, Families families) {
  const Family* family = find_family(families, layer.operation);
  const Hardware* hardware = family == nullptr ? nullptr : family->circuit();
  if (hardware == nullptr) return bad_input("layer '{}': no hardware for operation '{}'", layer.name, layer.operation);
  return hardware;
}

Result<Design> join(const Graph& graph, Families families, std::span<const LayerHardware> layers) {
  ALGEAN_INVARIANT(layers.size() == graph.layers.size());
  if (!graph.is_integer()) return bad_input("'{}' computes in floats: hardware takes integers", graph.name);
  Joiner joiner(graph, families);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) ALGEAN_TRY(joiner.add_layer(graph.layers[i], layers[i]));
  ALGEAN_TRY(joiner.add_inputs());
  ALGEAN_TRY(joiner.add_outputs());
  ALGEAN_TRY(joiner.connect());
  return joiner.take();
}

}  // namespace algean::kernels
