#include "kernels/activation/hardware.hpp"

#include <bit>

#include "kernels/family/broadcast.hpp"
#include "kernels/family/streams.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::activation {
namespace {

constexpr std::int64_t max_indices = std::int64_t{1} << 20;  // of a prelu whose rows differ

bool is_softmax(const LayerSpec& layer) { return layer.operation == "softmax" || layer.operation == "log_softmax"; }

// algean_softmax's RULE, and the cycles of a row of n elements: rest + n * each.
struct SoftmaxRule {
  std::int64_t number, rest, each;
};
SoftmaxRule softmax_rule(const LayerSpec& layer) {
  if (layer.operation == "log_softmax") return {2, 7, 8};
  if (arithmetic_of(layer).value() == Arithmetic::scaled) return {0, 4, 16};
  return {1, 33, 10};
}

template <class T>
std::vector<std::int64_t> numbers(std::span<const T> elements) {
  return {elements.begin(), elements.end()};
}

// algean_softmax_log's 64 words for the octaves and 1024 for the mantissas.
std::vector<std::int64_t> logarithms_of(const LayerSpec& layer) {
  auto result = numbers(layer.required("octaves").elements<std::int32_t>());
  result.resize(64);
  for (const std::int32_t entry : layer.required("mantissas").elements<std::int32_t>()) result.push_back(entry);
  return result;
}

Netlist softmax_netlist(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(row_stream(input.shape, 1))};
  netlist.outputs = {netlist.add_stream(row_stream(output.shape, 1))};
  const Tensor& exponentials = layer.required("exponentials");
  const auto words = exponentials.type().element.is_signed() ? numbers(exponentials.elements<std::int32_t>())
                                                             : numbers(exponentials.elements<std::uint32_t>());
  std::vector<ModuleParameter> parameters{{"ELEMENTS", input.shape.channels()}, {"RULE", softmax_rule(layer).number}};
  parameters.push_back(add_image(netlist, "EXPONENTIALS", make_image("exponentials", 32, words)));
  if (layer.operation == "log_softmax") {
    parameters.push_back({"STEP", layer.required("step").integer_at(0)});
    parameters.push_back({"ZERO_Y", output.element.quantisation()->zero_point()});
    parameters.push_back(add_image(netlist, "LOGARITHMS", make_image("logarithms", 32, logarithms_of(layer))));
  }
  const std::size_t row = add_fifo(netlist, "fifo", netlist.inputs[0], input.shape.channels());
  add_instance(netlist, "algean_softmax", "softmax", std::move(parameters), {row}, netlist.outputs);
  return netlist;
}

// Which table each element of prelu takes: of one row where all rows are the same, else of all.
std::vector<std::int64_t> prelu_indices(const Tensor& index, const Shape& shape) {
  const auto given = index.elements<std::uint16_t>();
  std::vector<std::int64_t> result(static_cast<std::size_t>(shape.elements()));
  const Runs runs(shape, {index.shape()});
  runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) result[first + i] = given[at + i * runs.step(0)];
  });
  const auto row = static_cast<std::size_t>(shape.channels());
  for (std::size_t i = row; i < result.size(); ++i) {
    if (result[i] != result[i - row]) return result;
  }
  result.resize(row);
  return result;
}

// 256 entries a table, by byte.
std::vector<std::int64_t> entries_of(const Tensor& table) {
  const auto codes = numbers(table.elements<std::int8_t>());
  std::vector<std::int64_t> result;
  for (std::size_t at = 0; at < codes.size(); at += 256) {
    const auto bytes = by_byte(std::span(codes).subspan(at, 256));
    result.insert(result.end(), bytes.begin(), bytes.end());
  }
  return result;
}

}  // namespace

Result<std::vector<Folding>> ActivationHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                          std::span<const TensorType> outputs,
                                                          const HardwareOptions&) const {
  if (!inputs[0].element.is_signed() || !outputs[0].element.is_signed()) {
    return bad_input("{} between {} and {}: there is hardware for int8 only", layer.operation, inputs[0].element.name(),
                     outputs[0].element.name());
  }
  if (is_softmax(layer)) {
    if (inputs[0].shape.channels() <= std::int64_t{1} << 20) return std::vector<Folding>{{1, 1}};
    return bad_input("{} over {} elements: there is hardware for at most 2^20", layer.operation,
                     inputs[0].shape.channels());
  }
  const Tensor* index = layer.constant("index");
  if (index != nullptr && index->shape().elements() > inputs[0].shape.channels() &&
      inputs[0].shape.elements() > max_indices) {
    return bad_input("the slopes {} are not the same in all rows: at most {} elements may be so, there are {}",
                     index->shape().text(), max_indices, inputs[0].shape.elements());
  }
  return lane_foldings(inputs[0].shape.channels());
}

Result<Netlist> ActivationHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                            std::span<const TensorType> outputs, const Folding& folding,
                                            const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  if (is_softmax(layer)) return softmax_netlist(layer, inputs[0], outputs[0]);

  Netlist netlist;
  const Shape& shape = inputs[0].shape;
  netlist.inputs = {netlist.add_stream(row_stream(shape, folding.simd))};
  netlist.outputs = {netlist.add_stream(row_stream(shape, folding.simd))};
  const Tensor& table = layer.required("table");
  const std::int64_t tables = table.shape().elements() / 256;
  std::vector<ModuleParameter> parameters{{"LANES", folding.simd}, {"ELEMENTS", shape.channels()}, {"TABLES", tables}};
  parameters.push_back(add_image(netlist, "IMAGE", make_image("table", 8, entries_of(table))));
  if (tables > 1) {
    const auto bits = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(tables - 1)));
    MemoryImage index =
        make_beats("index", bits, folding.simd, shape.channels(), prelu_indices(layer.required("index"), shape));
    parameters.push_back({"PERIOD", index.words()});
    parameters.push_back(add_image(netlist, "INDEX", std::move(index)));
  }
  add_instance(netlist, "algean_table", "table", std::move(parameters), netlist.inputs, netlist.outputs);
  return netlist;
}

Cycles ActivationHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                                  std::span<const TensorType>, const Folding& folding, const HardwareOptions&) const {
  const Stream stream = row_stream(inputs[0].shape, folding.simd);
  if (!is_softmax(layer)) return pipeline_cycles(stream.beats(), 1);
  const SoftmaxRule rule = softmax_rule(layer);
  const std::int64_t row = rule.rest + stream.elements * rule.each;
  return {stream.rows * row, stream.rows * row - 1 + fifo_latency, stream.elements};
}

}  // namespace algean::kernels::activation
