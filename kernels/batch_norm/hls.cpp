#include "kernels/batch_norm/hls.hpp"

#include <numeric>

#include "kernels/batch_norm/batch_norm.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t most_channels = 4096;

// The reference's answer to each code, lowest first, of each channel.
std::vector<std::int64_t> entries_of(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  const std::int64_t channels = input.shape.channels();
  Tensor x({input.element, Shape{256, channels}});
  Tensor y({output.element, Shape{256, channels}});
  const auto codes = x.elements<std::int8_t>();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::int8_t>(static_cast<std::int64_t>(i) / channels - 128);
  }
  const Tensor* from[] = {&x};
  Tensor* to[] = {&y};
  BatchNorm().evaluate_integer(layer, from, to);
  std::vector<std::int64_t> entries;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t code = 0; code < 256; ++code) {
      entries.push_back(y.elements<std::int8_t>()[static_cast<std::size_t>(code * channels + c)]);
    }
  }
  return entries;
}

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
       .tables = {{"entries", "std::int8_t", {channels, 256}, entries_of(layer, inputs[0], outputs[0])},
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
