#include "kernels/activation/hls.hpp"

#include "kernels/activation/activation.hpp"
#include "kernels/activation/element.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

std::vector<std::int64_t> integers(const Tensor& tensor) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(tensor.shape().elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = tensor.integer_at(i);
  return values;
}

HlsTable table_of(const char* name, const char* type, const Tensor* tensor) {
  if (tensor == nullptr) return {name, type, {}, {}};
  return {name, type, {tensor->shape().elements()}, integers(*tensor)};
}

HlsStage table_stage(const LayerSpec& layer, const TensorType& input, const HlsStream& from, const HlsStream& to) {
  return {.function = "table",
          .header = "kernels/activation/hls/table.hpp",
          .name = "table",
          .numbers = {{"lowest", input.element.lowest()}},
          .types = {{"in_type", from.type}, {"out_type", to.type}},
          .tables = {table_of("entries", to.type.c_str(), layer.constant("table"))},
          .inputs = {},
          .outputs = {}};
}

// prelu: which table each place has; a row of them where all rows are alike.
HlsStage prelu_stage(const LayerSpec& layer, const Shape& shape, const Stream& form) {
  const Tensor& index = layer.required("index");
  std::vector<std::int64_t> places(static_cast<std::size_t>(shape.elements()));
  const Runs runs(shape, {index.shape()});
  runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) places[first + i] = index.integer_at(at + i * runs.step(0));
  });
  if (index.shape().elements() == index.shape().channels()) places.resize(static_cast<std::size_t>(form.elements));
  const auto beats = in_beats(places, form.elements, form.lanes);
  const std::int64_t period = static_cast<std::int64_t>(beats.size()) / form.lanes;
  const Tensor& tables = layer.required("table");
  return {.function = "table_by_place",
          .header = "kernels/activation/hls/table.hpp",
          .name = "prelu",
          .numbers = {{"period", period}},
          .types = {},
          .tables = {{"entries", "std::int8_t", {tables.shape().elements() / 256, 256}, integers(tables)},
                     {"index", "std::uint16_t", {period, form.lanes}, beats}},
          .inputs = {},
          .outputs = {}};
}

HlsStage softmax_stage(const LayerSpec& layer, const TensorType& output) {
  const bool is_scaled = arithmetic_of(layer).value() == Arithmetic::scaled;
  HlsStage stage{
      .function = "softmax",
      .header = "kernels/activation/hls/softmax.hpp",
      .name = "softmax",
      .numbers = {},
      .types = {{"rule", is_scaled ? "algean::hls::scaled_softmax" : "algean::hls::tflite_softmax"}},
      .tables = {table_of("exponentials", is_scaled ? "std::uint32_t" : "std::int32_t", layer.constant("exponentials")),
                 table_of("octaves", "std::int32_t", layer.constant("octaves")),
                 table_of("mantissas", "std::int32_t", layer.constant("mantissas"))},
      .inputs = {},
      .outputs = {}};
  if (layer.operation == "log_softmax") {
    stage.types[0].type = "algean::hls::scaled_log_softmax";
    stage.numbers.push_back({"step", layer.required("step").integer_at(0)});
    stage.numbers.push_back({"zero", output.element.quantisation()->zero_point()});
  }
  return stage;
}

bool is_softmax(const LayerSpec& layer) { return layer.operation == "softmax" || layer.operation == "log_softmax"; }

}  // namespace

Result<Folding> ActivationHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                       std::span<const TensorType>, std::int64_t interval_cycles) const {
  ALGEAN_ASSIGN(const HlsStream stream, hls_stream_of(inputs[0], 1));
  return fewest_lanes(stream.form.rows, stream.form.elements, is_softmax(layer) ? 3 : 1, interval_cycles);
}

Result<HlsLayer> ActivationHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                       std::span<const TensorType> outputs, const Folding& folding) const {
  ALGEAN_TRY(check_hls_folding(folding, inputs[0].shape.channels(), 1));
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  result.outputs = {result.add_stream(to)};
  HlsStage stage;
  if (activation::find_function(layer.operation) != nullptr) {
    stage = table_stage(layer, inputs[0], from, to);
  } else if (is_softmax(layer)) {
    stage = softmax_stage(layer, outputs[0]);
  } else {
    stage = prelu_stage(layer, inputs[0].shape, from.form);
  }
  stage.numbers.push_back({"rows", from.form.rows});
  stage.numbers.push_back({"elements", from.form.elements});
  stage.numbers.push_back({"lanes", from.form.lanes});
  stage.inputs = result.inputs;
  stage.outputs = result.outputs;
  result.stages.push_back(std::move(stage));
  return result;
}

const HlsForm* Activation::hls() const {
  static const ActivationHls form;
  return &form;
}

}  // namespace algean::kernels
