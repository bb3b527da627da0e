#include "kernels/concat/hardware.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/family/streams.hpp"

namespace algean::kernels::concat {
namespace {

constexpr std::int64_t max_turn = std::int64_t{1} << 16;  // beats that a FIFO holds

// Element bits of a stream; all tensors of the layer have them.
std::int64_t bits_of(const TensorType& type) { return static_cast<std::int64_t>(type.element.bytes()) * 8; }

// The tensors on the many side take turns, `rounds` times.
struct Turns {
  std::int64_t rounds = 1;
  std::vector<std::int64_t> beats;  // of each one's turn
};

bool is_last_axis(const LayerSpec& layer, const Shape& shape) {
  return layer.attributes.integer_or("axis", 0) + 1 == static_cast<std::int64_t>(shape.rank());
}

Turns turns_of(const LayerSpec& layer, std::span<const TensorType> many, std::int64_t lanes) {
  const auto axis = static_cast<std::size_t>(layer.attributes.integer_or("axis", 0));
  Turns turns;
  for (std::size_t i = 0; i < axis; ++i) turns.rounds *= many[0].shape[i];
  for (const TensorType& type : many) {
    turns.beats.push_back(row_stream(type.shape, lanes).beats() / turns.rounds);
  }
  return turns;
}

// The tensors on the many side: the inputs of a concat, the outputs of a split.
std::span<const TensorType> many_of(const LayerSpec& layer, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs) {
  return layer.operation == "split" ? outputs : inputs;
}

// Whether such lanes can carry the layer: a row's parts begin with beats of their own, and no turn is too long.
bool is_legal(const LayerSpec& layer, std::span<const TensorType> many, std::int64_t lanes) {
  if (is_last_axis(layer, many[0].shape)) {
    for (std::size_t i = 0; i < many.size(); ++i) {
      const std::int64_t channels = many[i].shape.channels();
      if (lanes > channels || (i + 1 < many.size() && channels % lanes != 0)) return false;
    }
  }
  return std::ranges::max(turns_of(layer, many, lanes).beats) <= max_turn;
}

// algean_table, where the input has a table that changes codes.
std::size_t add_table(Netlist& netlist, const LayerSpec& layer, std::size_t index, std::size_t from) {
  const Tensor* tables = layer.constant("tables");
  if (tables == nullptr) return from;
  const Stream stream = netlist.streams[from];
  const auto codes = tables->elements<std::int8_t>().subspan(256 * index, 256);
  const std::vector<std::int64_t> entries(codes.begin(), codes.end());
  ModuleParameter image = add_image(netlist, "IMAGE", make_image(fmt::format("table{}", index), 8, by_byte(entries)));
  const std::size_t to = netlist.add_stream(stream);
  add_instance(netlist, "algean_table", fmt::format("table{}", index),
               {{"LANES", stream.lanes}, {"ELEMENTS", stream.elements}, std::move(image)}, {from}, {to});
  return to;
}

Netlist concat_netlist(const LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output,
                       std::int64_t lanes) {
  Netlist netlist;
  const Turns turns = turns_of(layer, inputs, lanes);
  const std::int64_t bits = bits_of(output);
  std::size_t joined = 0;
  std::int64_t beats = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    netlist.inputs.push_back(netlist.add_stream(row_stream(inputs[i].shape, lanes, bits)));
    std::size_t side = add_table(netlist, layer, i, netlist.inputs[i]);
    // It holds a turn, so that a side may come while another has its turn.
    if (inputs.size() > 1) side = add_fifo(netlist, fmt::format("fifo{}", i), side, turns.beats[i]);
    if (i > 0) {
      const std::size_t to = netlist.add_stream({turns.rounds * (beats + turns.beats[i]), lanes, lanes, bits});
      add_instance(netlist, "algean_concat", fmt::format("concat{}", i),
                   {{"BITS", bits}, {"LANES", lanes}, {"BEATS_0", beats}, {"BEATS_1", turns.beats[i]}}, {joined, side},
                   {to}, true);
      side = to;
    }
    joined = side;
    beats += turns.beats[i];
  }
  netlist.outputs = {joined};
  if (joined == netlist.inputs[0]) return netlist;
  netlist.streams[joined] = row_stream(output.shape, lanes, bits);
  return netlist;
}

Netlist split_netlist(const LayerSpec& layer, const TensorType& input, std::span<const TensorType> outputs,
                      std::int64_t lanes) {
  Netlist netlist;
  const Turns turns = turns_of(layer, outputs, lanes);
  const std::int64_t bits = bits_of(input);
  netlist.inputs = {netlist.add_stream(row_stream(input.shape, lanes, bits))};
  std::size_t left = netlist.inputs[0];
  std::int64_t beats = std::accumulate(turns.beats.begin(), turns.beats.end(), std::int64_t{0});
  for (std::size_t i = 0; i + 1 < outputs.size(); ++i) {
    beats -= turns.beats[i];
    const std::size_t part = netlist.add_stream(row_stream(outputs[i].shape, lanes, bits));
    const std::size_t rest = netlist.add_stream({turns.rounds * beats, lanes, lanes, bits});
    add_instance(
        netlist, "algean_split", fmt::format("split{}", i),
        {{"BITS", bits}, {"LANES", lanes}, {"BEATS_0", turns.beats[i]}, {"BEATS_1", beats}, {"ROUNDS", turns.rounds}},
        {left}, {part, rest});
    netlist.outputs.push_back(add_fifo(netlist, fmt::format("fifo{}", i), part, turns.beats[i]));
    left = rest;
  }
  netlist.streams[left] = row_stream(outputs.back().shape, lanes, bits);
  if (outputs.size() > 1) left = add_fifo(netlist, "fifo", left, turns.beats.back());
  netlist.outputs.push_back(left);
  return netlist;
}

}  // namespace

Result<std::vector<Folding>> ConcatHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      const HardwareOptions&) const {
  const auto many = many_of(layer, inputs, outputs);
  std::vector<Folding> legal = lane_foldings(many[0].shape.channels());
  std::erase_if(legal, [&](const Folding& folding) { return !is_legal(layer, many, folding.simd); });
  if (!legal.empty()) return legal;
  return bad_input("{} along axis {}: a turn of more than {} beats has no hardware", layer.operation,
                   layer.attributes.integer_or("axis", 0), max_turn);
}

Result<Netlist> ConcatHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs, const Folding& folding,
                                        const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  if (layer.operation == "split") return split_netlist(layer, inputs[0], outputs, folding.simd);
  return concat_netlist(layer, inputs, outputs[0], folding.simd);
}

Cycles ConcatHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                              std::span<const TensorType> outputs, const Folding& folding,
                              const HardwareOptions&) const {
  const auto many = many_of(layer, inputs, outputs);
  const Turns turns = turns_of(layer, many, folding.simd);
  const std::int64_t beats = turns.rounds * std::accumulate(turns.beats.begin(), turns.beats.end(), std::int64_t{0});
  const std::int64_t stages = many.size() > 1 ? fifo_latency : 0;
  return pipeline_cycles(beats, stages + (layer.constant("tables") != nullptr ? 1 : 0));
}

}  // namespace algean::kernels::concat
