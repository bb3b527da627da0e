#include "kernels/eltwise/hardware.hpp"

#include <algorithm>
#include <optional>

#include "kernels/eltwise/operands.hpp"
#include "kernels/eltwise/rule.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/family/streams.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::eltwise {
namespace {

constexpr std::int64_t max_constants = std::int64_t{1}
                                       << 20;  // elements of a constant that is not the same in all rows

// algean_join_lane's RULE, and the registers from a beat to its result.
struct JoinRule {
  std::int64_t number, stages;
};
JoinRule join_rule(Rule::Kind kind) {
  switch (kind) {
    case Rule::Kind::sum:
      return {0, 3};
    case Rule::Kind::product:
      return {1, 3};
    case Rule::Kind::largest:
      return {2, 2};
    case Rule::Kind::smallest:
      return {3, 2};
    case Rule::Kind::tflite_sum:
      return {4, 8};
    case Rule::Kind::tflite_product:
      return {5, 7};
  }
  return {};
}

Stream stream(const TensorType& type, std::int64_t lanes = 1) { return row_stream(type.shape, lanes); }

// A layer in terms of its left and right side; side 0 of the module is always input 0.
struct Sides {
  Rule rule;
  std::int64_t zero[2];
  std::int32_t multiplier[2];       // of `sum`
  std::size_t operand[2] = {0, 1};  // of the rule, for each side
  std::int64_t sign[2] = {1, 1};    // of tflite's sum
};

Sides sides_of(const LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output) {
  const Rule rule(layer, codes_of(layer, inputs, output));
  Sides sides{rule, {rule.zero_a(), rule.zero_b()}, {rule.scale().m0, rule.scale().m1}};
  if (rule.is_difference()) sides.sign[1] = -1;
  if (is_reversed(layer)) {
    std::swap(sides.zero[0], sides.zero[1]);
    std::swap(sides.multiplier[0], sides.multiplier[1]);
    std::swap(sides.operand[0], sides.operand[1]);
    std::swap(sides.sign[0], sides.sign[1]);
  }
  return sides;
}

// The two tables of a side's codes, 256 entries each, from code -128 on.
std::vector<std::int64_t> entries_of(const LayerSpec& layer, const Sides& sides) {
  std::vector<std::int64_t> result;
  for (std::size_t side = 0; side < 2; ++side) {
    const std::size_t operand = sides.operand[side];
    std::vector<std::int64_t> table;
    for (std::int64_t code = -128; code <= 127; ++code) {
      if (sides.rule.kind() == Rule::Kind::tflite_sum) {
        const auto centred = static_cast<std::int32_t>((code - sides.zero[side]) * (1 << 20));
        table.push_back(sides.sign[side] *
                        tflite::mbqm(centred, sides.rule.multipliers()[operand], sides.rule.shifts()[operand]));
      } else {
        const auto tables = layer.required("tables").elements<std::int8_t>();
        table.push_back(tables[256 * operand + static_cast<std::size_t>(code + 128)]);
      }
    }
    const auto bytes = by_byte(table);
    result.insert(result.end(), bytes.begin(), bytes.end());
  }
  return result;
}

void add_numbers(Netlist& netlist, const LayerSpec& layer, const Sides& sides,
                 std::vector<ModuleParameter>& parameters) {
  const Rule& rule = sides.rule;
  const auto add = [&](const char* name, std::int64_t value) { parameters.push_back({name, value}); };
  add("RULE", join_rule(rule.kind()).number);
  const std::int64_t half = rule.scale().shift > 0 ? std::int64_t{1} << (rule.scale().shift - 1) : 0;
  switch (rule.kind()) {
    case Rule::Kind::sum:
      add("MULTIPLIER_0", sides.multiplier[0]);
      add("MULTIPLIER_1", sides.multiplier[1]);
      add("OFFSET", half - sides.zero[0] * sides.multiplier[0] - sides.zero[1] * sides.multiplier[1]);
      add("SHIFT", rule.scale().shift);
      break;
    case Rule::Kind::product:
      add("MULTIPLIER_0", rule.scale().m0);
      add("OFFSET", half);
      add("SHIFT", rule.scale().shift);
      break;
    case Rule::Kind::tflite_sum:
      add("MULTIPLIER_0", rule.multipliers()[2]);
      add("SHIFT", rule.shifts()[2]);
      break;
    case Rule::Kind::tflite_product:
      add("MULTIPLIER_0", rule.multipliers()[0]);
      add("SHIFT", rule.shifts()[0]);
      break;
    default:
      break;
  }
  if (rule.kind() == Rule::Kind::product || rule.kind() == Rule::Kind::tflite_product) {
    add("ZERO_0", sides.zero[0]);
    add("ZERO_1", sides.zero[1]);
  }
  add("ZERO_Y", rule.zero_y());
  add("LOW", rule.range().low);
  add("HIGH", rule.range().high);
  const bool is_extreme = rule.kind() == Rule::Kind::largest || rule.kind() == Rule::Kind::smallest;
  if (rule.kind() != Rule::Kind::tflite_sum && (!is_extreme || rule.is_plain())) return;
  add("TABLES", 1);
  parameters.push_back(
      add_image(netlist, "IMAGE", make_image("tables", is_extreme ? 8 : 30, entries_of(layer, sides))));
}

// The constant's codes for one row where all rows have the same, else for all.
std::vector<std::int64_t> constant_rows(const Tensor& operand, const Shape& shape) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(shape.elements()));
  const Runs runs(shape, {operand.shape()});
  runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) result[first + i] = operand.integer_at(at + i * runs.step(0));
  });
  const auto row = static_cast<std::size_t>(shape.channels());
  for (std::size_t i = row; i < result.size(); ++i) {
    if (result[i] != result[i - row]) return result;
  }
  result.resize(row);
  return result;
}

// The input that has one row where the other has several.
std::optional<std::size_t> repeated(std::span<const TensorType> inputs) {
  if (inputs.size() != 2 || (stream(inputs[0]).rows == 1) == (stream(inputs[1]).rows == 1)) return std::nullopt;
  return stream(inputs[0]).rows == 1 ? 0 : 1;
}

Result<> check(const LayerSpec& layer, std::span<const TensorType> inputs, std::span<const TensorType> outputs) {
  const Stream whole = stream(outputs[0]);
  for (const TensorType& input : inputs) {
    const Stream given = stream(input);
    if (given == whole || (inputs.size() == 2 && given.rows == 1 && given.elements == whole.elements)) continue;
    return bad_input("the operand {} is repeated to {}: there is hardware only where all of it is one row",
                     input.shape.text(), outputs[0].shape.text());
  }
  if (inputs.size() == 2) {
    if (stream(inputs[0]) == whole || stream(inputs[1]) == whole) return {};
    return bad_input("both operands {} and {} are repeated to {}: there is no hardware for that",
                     inputs[0].shape.text(), inputs[1].shape.text(), outputs[0].shape.text());
  }
  const Tensor* operand = layer.constant("operand");
  if (operand == nullptr || operand->shape().elements() <= outputs[0].shape.channels() ||
      outputs[0].shape.elements() <= max_constants) {
    return {};
  }
  return bad_input("the constant {} is not the same in all rows: at most {} elements may be so, there are {}",
                   operand->shape().text(), max_constants, outputs[0].shape.elements());
}

Netlist table_netlist(const LayerSpec& layer, const TensorType& type, std::int64_t lanes) {
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(stream(type, lanes))};
  netlist.outputs = {netlist.add_stream(stream(type, lanes))};
  const auto table = layer.required("table").elements<std::int8_t>();
  const std::vector<std::int64_t> entries(table.begin(), table.end());
  ModuleParameter image = add_image(netlist, "IMAGE", make_image("table", 8, by_byte(entries)));
  add_instance(netlist, "algean_table", "table",
               {{"LANES", lanes}, {"ELEMENTS", type.shape.channels()}, std::move(image)}, netlist.inputs,
               netlist.outputs);
  return netlist;
}

}  // namespace

Result<std::vector<Folding>> EltwiseHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                       std::span<const TensorType> outputs,
                                                       const HardwareOptions&) const {
  ALGEAN_TRY(check(layer, inputs, outputs));
  return lane_foldings(outputs[0].shape.channels());
}

Result<Netlist> EltwiseHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                         std::span<const TensorType> outputs, const Folding& folding,
                                         const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  const std::int64_t lanes = folding.simd;
  if (layer.constant("table") != nullptr) return table_netlist(layer, outputs[0], lanes);

  Netlist netlist;
  for (const TensorType& input : inputs) netlist.inputs.push_back(netlist.add_stream(stream(input, lanes)));
  netlist.outputs = {netlist.add_stream(stream(outputs[0], lanes))};
  std::vector<std::size_t> sides = netlist.inputs;
  if (const auto side = repeated(inputs)) {
    sides[*side] = netlist.add_stream(stream(outputs[0], lanes));
    const Stream row = stream(inputs[*side], lanes);
    add_instance(netlist, "algean_repeat", "repeat",
                 {{"LANES", lanes}, {"BEATS", row.beats_per_row()}, {"ACROSS", stream(outputs[0]).rows}},
                 {netlist.inputs[*side]}, {sides[*side]});
  }
  std::vector<ModuleParameter> parameters{{"LANES", lanes}, {"ELEMENTS", outputs[0].shape.channels()}};
  add_numbers(netlist, layer, sides_of(layer, inputs, outputs[0]), parameters);
  if (inputs.size() == 1) {
    const auto rows = constant_rows(layer.required("operand"), outputs[0].shape);
    MemoryImage constant = make_beats("constant", 8, lanes, outputs[0].shape.channels(), rows);
    parameters.push_back({"PERIOD", constant.words()});
    parameters.push_back(add_image(netlist, "CONSTANT", std::move(constant)));
  }
  add_instance(netlist, "algean_join", "join", std::move(parameters), std::move(sides), netlist.outputs, true);
  return netlist;
}

Cycles EltwiseHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                               std::span<const TensorType> outputs, const Folding& folding,
                               const HardwareOptions&) const {
  const std::int64_t beats = stream(outputs[0], folding.simd).beats();
  if (layer.constant("table") != nullptr) return pipeline_cycles(beats, 1);
  const Rule rule(layer, codes_of(layer, inputs, outputs[0]));
  return pipeline_cycles(beats, join_rule(rule.kind()).stages + (repeated(inputs) ? 1 : 0));
}

}  // namespace algean::kernels::eltwise
