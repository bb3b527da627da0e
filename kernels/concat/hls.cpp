#include "kernels/concat/hls.hpp"

#include <algorithm>
#include <numeric>

#include "kernels/concat/concat.hpp"

namespace algean::kernels {
namespace {

// The tensors on the many side: inputs of a concat, outputs of a split.
std::span<const TensorType> many_of(const LayerSpec& layer, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs) {
  return layer.operation == "split" ? outputs : inputs;
}

// Lanes that divide the rows of all of them, fewest first.
std::vector<std::int64_t> lanes_of(std::span<const TensorType> many) {
  std::int64_t common = 0;
  for (const TensorType& type : many) common = std::gcd(common, type.shape.channels());
  std::vector<std::int64_t> lanes;
  for (std::int64_t d = 1; d <= std::min<std::int64_t>(common, 256); ++d) {
    if (common % d == 0) lanes.push_back(d);
  }
  return lanes;
}

// How often the tensors take turns, and what of each is a turn, in elements.
struct Turns {
  std::int64_t rounds = 1;
  std::vector<std::int64_t> elements;
};
Turns turns_of(const LayerSpec& layer, std::span<const TensorType> many) {
  const auto axis = static_cast<std::size_t>(layer.attributes.integer_or("axis", 0));
  Turns turns;
  for (std::size_t i = 0; i < axis; ++i) turns.rounds *= many[0].shape[i];
  for (const TensorType& type : many) turns.elements.push_back(type.shape.elements() / turns.rounds);
  return turns;
}

}  // namespace

Result<Folding> ConcatHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs, std::int64_t interval_cycles) const {
  const auto many = many_of(layer, inputs, outputs);
  std::int64_t elements = 0;
  for (const TensorType& type : many) {
    ALGEAN_TRY(hls_stream_of(type, 1));
    elements += type.shape.elements();
  }
  const auto lanes = lanes_of(many);
  for (const std::int64_t choice : lanes) {
    if (elements / choice <= interval_cycles) return Folding{choice, 1};
  }
  return Folding{lanes.back(), 1};
}

Result<HlsLayer> ConcatHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs, const Folding& folding) const {
  const auto many = many_of(layer, inputs, outputs);
  const auto lanes = lanes_of(many);
  if (std::ranges::find(lanes, folding.simd) == lanes.end()) {
    return bad_input("folding {}: must divide the last axis of all that is joined or parted", folding.simd);
  }
  HlsLayer result;
  for (const TensorType& type : inputs) {
    ALGEAN_ASSIGN(const HlsStream stream, hls_stream_of(type, folding.simd));
    result.inputs.push_back(result.add_stream(stream));
  }
  for (const TensorType& type : outputs) {
    ALGEAN_ASSIGN(const HlsStream stream, hls_stream_of(type, folding.simd));
    result.outputs.push_back(result.add_stream(stream));
  }
  const Turns turns = turns_of(layer, many);
  HlsTable beats{"beats", "std::int32_t", {static_cast<std::int64_t>(many.size())}, {}};
  for (const std::int64_t elements : turns.elements) beats.values.push_back(elements / folding.simd);
  const bool is_split = layer.operation == "split";
  const Tensor* tables = layer.constant("tables");
  HlsStage stage{
      .function = layer.operation,
      .header = "kernels/concat/hls/concat.hpp",
      .name = layer.operation,
      .numbers = {{"lanes", folding.simd}, {"rounds", turns.rounds}, {"has_tables", tables == nullptr ? 0 : 1}},
      .types = {{"in_type", result.streams[result.inputs[0]].type}},
      .tables = {std::move(beats)},
      .inputs = result.inputs,
      .outputs = result.outputs,
      .arguments = is_split ? HlsArguments::inputs_tables_outputs : HlsArguments::outputs_tables_inputs};
  if (!is_split) {
    HlsTable codes{"tables", stage.types[0].type, {}, {}};
    if (tables != nullptr) {
      codes.extents = {tables->shape()[0], 256};
      for (std::size_t i = 0; i < static_cast<std::size_t>(tables->shape().elements()); ++i) {
        codes.values.push_back(tables->integer_at(i));
      }
    }
    stage.tables.push_back(std::move(codes));
  }
  result.stages.push_back(std::move(stage));
  return result;
}

const HlsForm* Concat::hls() const {
  static const ConcatHls form;
  return &form;
}

}  // namespace algean::kernels
