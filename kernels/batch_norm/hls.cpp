#include "kernels/batch_norm/hls.hpp"

#include <numeric>

#include "kernels/batch_norm/batch_norm.hpp"
#include "kernels/batch_norm/tables.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t most_channels = 4096;

}  // namespace

Result<Folding> BatchNormHls::folding(const LayerSpec&, std::span<const TensorType> inputs, std::span<const TensorType>,
                                      std::int64_t interval_cycles) const {
  ALGEAN_ASSIGN(const HlsStream stream, hls_stream_of(inputs[0], 1));
  if (stream.form.elements > most_channels) {
    return bad_input("batch_norm of {} channels that no layer took up: HLS has at most {}", stream.form.elements,
                     most_channels);
  }
  return fewest_lanes(stream.form.rows, stream.form.elements, 1, interval_cycles);
}

Result<HlsLayer> BatchNormHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                      std::span<const TensorType> outputs, const Folding& folding) const {
  const std::int64_t channels = inputs[0].shape.channels();
  ALGEAN_TRY(check_hls_folding(folding, std::min(channels, most_channels), 1));
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  std::vector<std::int64_t> index(static_cast<std::size_t>(channels));
  std::iota(index.begin(), index.end(), 0);
  const std::int64_t period = from.form.beats_per_row();
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  result.outputs = {result.add_stream(to)};
  result.stages.push_back(
      {.function = "table_by_place",
       .header = "kernels/activation/hls/table.hpp",
       .name = "tables",
       .numbers = {{"rows", from.form.rows}, {"elements", channels}, {"lanes", folding.simd}, {"period", period}},
       .types = {},
       .tables = {{"entries", "std::int8_t", {channels, 256}, batch_norm::channel_tables(layer, inputs[0], outputs[0])},
                  {"index", "std::uint16_t", {period, folding.simd}, in_beats(index, channels, folding.simd)}},
       .inputs = result.inputs,
       .outputs = result.outputs});
  return result;
}

const HlsForm* BatchNorm::hls() const {
  static const BatchNormHls form;
  return &form;
}

}  // namespace algean::kernels
