#include "kernels/reduce/hardware.hpp"

#include <fmt/ranges.h>

#include <bit>

#include "kernels/family/streams.hpp"
#include "kernels/reduce/integer.hpp"

namespace algean::kernels::reduce {
namespace {

constexpr std::int64_t max_blocks = std::int64_t{1} << 16;

// A reduction as algean_reduce sees it: `outer` groups of `count` times `inner` rows (or elements, where `is_flat`: the
// last axis is reduced).
struct Walk {
  std::int64_t outer = 1, count = 1, inner = 1;
  bool is_flat = false;
};

Result<Walk> walk_of(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const std::vector<std::int64_t> axes, layer.attributes.integers("axes"));
  Walk walk;
  bool is_behind = false;  // of the reduced axes
  std::size_t next = 0;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    const bool is_reduced = next < axes.size() && axes[next] == static_cast<std::int64_t>(axis);
    if (is_reduced) ++next;
    walk.is_flat = is_reduced;
    if (input[axis] == 1) continue;
    if (is_reduced && is_behind) {
      return bad_input("{} over axes [{}] of {}: there is hardware for neighbouring axes only", layer.operation,
                       fmt::join(axes, ","), input.text());
    }
    if (is_reduced) {
      walk.count *= input[axis];
    } else if (walk.count > 1) {
      walk.inner *= input[axis];
      is_behind = true;
    } else {
      walk.outer *= input[axis];
    }
  }
  return walk;
}

// Beats between two codes of one sum.
std::int64_t blocks_of(const Walk& walk, std::int64_t beats) {
  return walk.count == 1 ? 1 : beats / walk.count / walk.outer;
}

std::int64_t kind_number(Kind kind) {
  switch (kind) {
    case Kind::largest:
      return 1;
    case Kind::smallest:
      return 2;
    case Kind::arg_max:
      return 3;
    default:
      return 0;
  }
}

// Registers from a beat to its result.
std::int64_t stages_of(const LayerSpec& layer) {
  const Kind kind = kind_of(layer);
  if (kind == Kind::squared_error) return 4;
  if (kind == Kind::divergence) return 3;
  if (kind == Kind::arg_max) return 1;
  if (kind == Kind::largest || kind == Kind::smallest) return 2;
  return arithmetic_of(layer).value() == Arithmetic::scaled ? 3 : 7;
}

// Bits of a number of at most this magnitude, with a sign.
std::int64_t signed_bits(std::int64_t largest) {
  return 1 + static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(largest)));
}

// The parameters of algean_score, and those of the algean_reduce that adds up what it gives.
struct Score {
  std::vector<ModuleParameter> pair, sum;
};
Score score_of(Netlist& netlist, const LayerSpec& layer, std::span<const TensorType> inputs, std::int64_t count) {
  if (kind_of(layer) == Kind::divergence) {
    const auto table = layer.required("table").elements<std::int32_t>();
    const std::vector<std::int64_t> entries(table.begin(), table.end());
    std::vector<std::int64_t> words = by_byte(std::span(entries).first(256));
    const auto rest = by_byte(std::span(entries).last(256));
    words.insert(words.end(), rest.begin(), rest.end());
    return {{{"RULE", 1}, {"OUT_BITS", 32}, add_image(netlist, "IMAGE", make_image("table", 32, words))},
            {{"X_BITS", 32}, {"TOTAL_BITS", 32}}};
  }
  const Quantisation& a = *inputs[0].element.quantisation();
  const Quantisation& b = *inputs[1].element.quantisation();
  const SquaredError rule = *derive_squared_error(a, b, count);
  const std::int64_t largest = 255 * (std::int64_t{rule.m0} + rule.m1);
  const std::int64_t bits = signed_bits(largest * largest);
  return {{{"RULE", 0},
           {"OUT_BITS", bits},
           {"MULTIPLIER_0", rule.m0},
           {"MULTIPLIER_1", rule.m1},
           {"ZERO_0", a.zero_point()},
           {"ZERO_1", b.zero_point()}},
          {{"X_BITS", bits}, {"TOTAL_BITS", signed_bits(count * largest * largest)}, {"OUT_SHIFT", rule.shift}}};
}

void add_finish(Netlist& netlist, const LayerSpec& layer, const TensorType& input, const TensorType& output,
                std::int64_t count, std::vector<ModuleParameter>& parameters) {
  const auto add = [&](const char* name, std::int64_t value) { parameters.push_back({name, value}); };
  const Kind kind = kind_of(layer);
  if (kind == Kind::arg_max || is_score(layer)) return add("OUT_BITS", 32);
  if (kind != Kind::mean && kind != Kind::sum) return add("TOTAL_BITS", 8);
  const Requantiser requantiser(layer, output);
  const Requantiser::Channel channel = requantiser.channels()[0];
  add("TOTAL_BITS", signed_bits(255 * count));
  add("INITIAL", -count * input.element.quantisation()->zero_point());
  add("FINISH", requantiser.arithmetic() == Arithmetic::scaled ? 1 : 2);
  add("ZERO_Y", requantiser.zero());
  add("LOW", requantiser.codes().low);
  add("HIGH", requantiser.codes().high);
  const std::int64_t word = channel.multiplier | (std::int64_t{channel.shift} & 0xff) << 32;
  parameters.push_back(add_image(netlist, "IMAGE", make_image("constants", 64, {&word, 1})));
}

}  // namespace

Result<std::vector<Folding>> ReduceHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType>, const HardwareOptions&) const {
  if (arithmetic_of(layer).value() == Arithmetic::tflite_double) {
    return bad_input("{}: there is no hardware for arithmetic 'tflite_double'", layer.operation);
  }
  ALGEAN_ASSIGN(const Walk walk, walk_of(layer, inputs[0].shape));
  if (walk.is_flat) return std::vector<Folding>{{1, 1}};
  std::vector<Folding> legal = lane_foldings(inputs[0].shape.channels());
  std::erase_if(legal, [&](const Folding& folding) {
    return blocks_of(walk, row_stream(inputs[0].shape, folding.simd).beats()) > max_blocks;
  });
  if (!legal.empty()) return legal;
  return bad_input("{}: {} sums side by side, there is hardware for at most {}", layer.operation, walk.inner,
                   max_blocks);
}

Result<Netlist> ReduceHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs, const Folding& folding,
                                        const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  const Walk walk = walk_of(layer, inputs[0].shape).value();
  const bool is_wide = kind_of(layer) == Kind::arg_max || is_score(layer);
  Netlist netlist;
  for (const TensorType& input : inputs) {
    netlist.inputs.push_back(netlist.add_stream(row_stream(input.shape, folding.simd)));
  }
  netlist.outputs = {netlist.add_stream(row_stream(outputs[0].shape, folding.simd, is_wide ? 32 : 8))};
  std::vector<ModuleParameter> parameters{{"KIND", kind_number(kind_of(layer))},
                                          {"LANES", folding.simd},
                                          {"BLOCKS", blocks_of(walk, netlist.streams[netlist.inputs[0]].beats())},
                                          {"COUNT", walk.count},
                                          {"ELEMENTS", outputs[0].shape.channels()}};
  std::vector<std::size_t> from = netlist.inputs;
  if (is_score(layer)) {
    Score score = score_of(netlist, layer, inputs, walk.count);
    score.pair.insert(score.pair.end(), {{"LANES", folding.simd}, {"ELEMENTS", inputs[0].shape.channels()}});
    const std::int64_t bits = std::get<std::int64_t>(score.sum[0].value);
    from = {netlist.add_stream(row_stream(inputs[0].shape, folding.simd, bits))};
    add_instance(netlist, "algean_score", "score", std::move(score.pair), netlist.inputs, from, true);
    parameters.insert(parameters.end(), score.sum.begin(), score.sum.end());
  }
  add_finish(netlist, layer, inputs[0], outputs[0], walk.count, parameters);
  add_instance(netlist, "algean_reduce", "reduce", std::move(parameters), std::move(from), netlist.outputs);
  return netlist;
}

Cycles ReduceHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs, std::span<const TensorType>,
                              const Folding& folding, const HardwareOptions&) const {
  const Walk walk = walk_of(layer, inputs[0].shape).value();
  const std::int64_t beats = row_stream(inputs[0].shape, folding.simd).beats();
  Cycles cycles = pipeline_cycles(beats, stages_of(layer));
  cycles.lag_beats = (walk.count - 1) * blocks_of(walk, beats) + 1;
  return cycles;
}

}  // namespace algean::kernels::reduce
