#include "kernels/eltwise/hls.hpp"

#include <algorithm>

#include "kernels/eltwise/eltwise.hpp"
#include "kernels/eltwise/operands.hpp"
#include "kernels/eltwise/rule.hpp"
#include "kernels/family/broadcast.hpp"

namespace algean::kernels {
namespace {

using eltwise::Rule;

std::vector<std::int64_t> table_of(const Tensor& tensor, std::size_t first, std::size_t count) {
  std::vector<std::int64_t> values;
  for (std::size_t i = first; i < first + count; ++i) values.push_back(tensor.integer_at(i));
  return values;
}

// The rule's name in kernels/eltwise/hls and what it reads.
void add_rule(HlsStage& stage, const LayerSpec& layer, const Rule& rule) {
  const auto number = [&](const std::string& name, std::int64_t value) { stage.numbers.push_back({name, value}); };
  const auto named = [&](const char* name) { stage.types.push_back({"rule", std::string("algean::hls::") + name}); };
  number("zero_a", rule.zero_a());
  number("zero_b", rule.zero_b());
  number("zero", rule.zero_y());
  number("low", rule.range().low);
  number("high", rule.range().high);
  HlsTable a{"table_a", "std::int8_t", {256}, {}}, b{"table_b", "std::int8_t", {256}, {}};
  switch (rule.kind()) {
    case Rule::Kind::sum:
    case Rule::Kind::product:
      named(rule.kind() == Rule::Kind::sum ? "scaled_sum" : "scaled_product");
      number("m0", rule.scale().m0);
      number("m1", rule.scale().m1);
      number("shift", rule.scale().shift);
      break;
    case Rule::Kind::tflite_sum:
    case Rule::Kind::tflite_product:
      named(rule.kind() == Rule::Kind::tflite_sum ? "tflite_sum" : "tflite_product");
      number("difference", rule.is_difference() ? 1 : 0);
      for (std::size_t i = 0; i < rule.multipliers().size(); ++i) {
        number(fmt::format("m{}", i), rule.multipliers()[i]);
        number(fmt::format("shift{}", i), rule.shifts()[i]);
      }
      break;
    case Rule::Kind::largest:
    case Rule::Kind::smallest:
      named(rule.kind() == Rule::Kind::largest ? "largest_of" : "smallest_of");
      a.values = table_of(layer.required("tables"), 0, 256);
      b.values = table_of(layer.required("tables"), 256, 256);
      break;
  }
  stage.tables.push_back(std::move(a));
  stage.tables.push_back(std::move(b));
}

HlsStage table_stage(const LayerSpec& layer) {
  return {.function = "table",
          .header = "kernels/activation/hls/table.hpp",
          .name = "table",
          .numbers = {{"lowest", -128}},
          .types = {{"in_type", "std::int8_t"}, {"out_type", "std::int8_t"}},
          .tables = {{"entries", "std::int8_t", {256}, table_of(layer.required("table"), 0, 256)}},
          .inputs = {},
          .outputs = {}};
}

// The constant operand for every element of the output, but not more often than it takes: a row, or the whole tensor.
std::vector<std::int64_t> spread_constant(const Tensor& operand, const Shape& output) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(output.elements()));
  const Runs runs(output, {operand.shape()});
  runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) values[first + i] = operand.integer_at(at + i * runs.step(0));
  });
  const bool is_row = operand.shape().elements() == operand.shape().channels();
  if (is_row) values.resize(static_cast<std::size_t>(output.channels()));
  return values;
}

// 0: both inputs have the output's shape; else the number of the input that is one row of it, counted from 1.
Result<std::size_t> row_input(std::span<const TensorType> inputs, const TensorType& output) {
  for (std::size_t i = 0; i < 2; ++i) {
    const Shape& other = inputs[1 - i].shape;
    const Shape& shape = inputs[i].shape;
    if (other == output.shape && shape != output.shape && shape.elements() == shape.channels() &&
        shape.channels() == output.shape.channels()) {
      return i + 1;
    }
  }
  if (inputs[0].shape.elements() == output.shape.elements() && inputs[1].shape.elements() == output.shape.elements()) {
    return 0U;
  }
  return bad_input("operands {} and {}: HLS takes two of the output's shape {}, or one of them and one row of it",
                   inputs[0].shape.text(), inputs[1].shape.text(), output.shape.text());
}

}  // namespace

Result<Folding> EltwiseHls::folding(const LayerSpec&, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs, std::int64_t interval_cycles) const {
  for (const TensorType& input : inputs) ALGEAN_TRY(hls_stream_of(input, 1));
  if (inputs.size() == 2) ALGEAN_TRY(row_input(inputs, outputs[0]));
  ALGEAN_ASSIGN(const HlsStream stream, hls_stream_of(outputs[0], 1));
  return fewest_lanes(stream.form.rows, stream.form.elements, 1, interval_cycles);
}

Result<HlsLayer> EltwiseHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs, const Folding& folding) const {
  ALGEAN_TRY(check_hls_folding(folding, outputs[0].shape.channels(), 1));
  HlsLayer result;
  for (const TensorType& input : inputs) {
    ALGEAN_ASSIGN(HlsStream stream, hls_stream_of(input, folding.simd));
    result.inputs.push_back(result.add_stream(stream));
  }
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  result.outputs = {result.add_stream(to)};
  HlsStage stage;
  if (layer.constant("table") != nullptr) {
    stage = table_stage(layer);
  } else {
    stage.header = "kernels/eltwise/hls/join.hpp";
    stage.name = "join";
    add_rule(stage, layer, Rule(layer, eltwise::codes_of(layer, inputs, outputs[0])));
    stage.numbers.push_back({"reversed", eltwise::is_reversed(layer) ? 1 : 0});
    stage.function = "join";
  }
  stage.inputs = result.inputs;
  if (inputs.size() == 2) {
    ALGEAN_ASSIGN(const std::size_t row, row_input(inputs, outputs[0]));
    if (row != 0) {
      stage.function = "join_row";
      stage.numbers.back().value = row == 1 ? 1 : 0;
      if (row == 1) std::swap(stage.inputs[0], stage.inputs[1]);
    }
  } else if (stage.function == "join") {
    stage.function = "join_constant";
    const auto values =
        in_beats(spread_constant(layer.required("operand"), outputs[0].shape), to.form.elements, to.form.lanes);
    const std::int64_t period = static_cast<std::int64_t>(values.size()) / to.form.lanes;
    stage.numbers.push_back({"period", period});
    stage.tables.push_back({"constant", "std::int8_t", {period, to.form.lanes}, values});
  }
  stage.numbers.push_back({"rows", to.form.rows});
  stage.numbers.push_back({"elements", to.form.elements});
  stage.numbers.push_back({"lanes", to.form.lanes});
  stage.outputs = result.outputs;
  result.stages.push_back(std::move(stage));
  return result;
}

const HlsForm* Eltwise::hls() const {
  static const EltwiseHls form;
  return &form;
}

}  // namespace algean::kernels
