#include "kernels/pool/hls.hpp"

#include "kernels/pool/geometry.hpp"
#include "kernels/pool/pool.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

using pool::Axis;
using pool::Geometry;

HlsStage window_stage(const Geometry& g, std::int64_t lanes, std::int64_t pad) {
  const auto& [rows, columns] = g.axes;
  return {.function = "window",
          .header = "kernels/conv/hls/window.hpp",
          .name = "window",
          .numbers = {{"in_h", rows.in},
                      {"in_w", columns.in},
                      {"lanes", lanes},
                      {"groups", (g.channels + lanes - 1) / lanes},
                      {"group_beats", 1},
                      {"k_h", rows.window},
                      {"k_w", columns.window},
                      {"stride_h", rows.stride},
                      {"stride_w", columns.stride},
                      {"dilation_h", rows.dilation},
                      {"dilation_w", columns.dilation},
                      {"top", rows.before},
                      {"left", columns.before},
                      {"out_h", rows.out},
                      {"out_w", columns.out},
                      {"rows_parallel", 0},
                      {"pad", pad}},
          .types = {{"in_type", "std::int8_t"}},
          .tables = {},
          .inputs = {},
          .outputs = {}};
}

// What the windows at each place of an axis count.
HlsTable counted(const char* name, const Axis& axis, bool count_padding) {
  HlsTable table{name, "std::int32_t", {axis.out}, {}};
  for (std::int64_t i = 0; i < axis.out; ++i) table.values.push_back(axis.taps(i, count_padding).counted);
  return table;
}

HlsStage average_stage(const LayerSpec& layer, const Geometry& g, const TensorType& input, const TensorType& output) {
  const bool is_scaled = arithmetic_of(layer).value() == Arithmetic::scaled;
  HlsTable multiplier{"multiplier", "std::int32_t", {}, {}}, shift{"shift", "std::int16_t", {}, {}};
  if (is_scaled) {
    const Requantiser requantiser(layer, output);
    for (const Requantiser::Channel& channel : requantiser.channels()) {
      multiplier.values.push_back(channel.multiplier);
      shift.values.push_back(channel.shift);
    }
    multiplier.extents = shift.extents = {static_cast<std::int64_t>(shift.values.size())};
  }
  const bool half_up = layer.attributes.text_or("rounding", "half_away") == "half_up";
  const char* rule = is_scaled ? "scaled_average" : half_up ? "tflite_half_up_average" : "tflite_average";
  return {.function = "average_pool",
          .header = "kernels/pool/hls/pool.hpp",
          .name = "average",
          .numbers = {{"out_h", g.axes[0].out},
                      {"out_w", g.axes[1].out},
                      {"counts", static_cast<std::int64_t>(shift.values.size())},
                      {"zero_x", input.element.quantisation()->zero_point()},
                      {"zero", output.element.quantisation()->zero_point()}},
          .types = {{"rule", std::string("algean::hls::") + rule}},
          .tables = {counted("rows", g.axes[0], g.count_padding), counted("columns", g.axes[1], g.count_padding),
                     std::move(multiplier), std::move(shift)},
          .inputs = {},
          .outputs = {}};
}

}  // namespace

Result<Folding> PoolHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                 std::span<const TensorType>, std::int64_t interval_cycles) const {
  ALGEAN_TRY(hls_stream_of(inputs[0], 1));
  ALGEAN_ASSIGN(const Geometry g, pool::make_geometry(layer, inputs[0].shape));
  const std::int64_t given = g.axes[0].out * g.axes[1].out * g.window();
  return fewest_lanes(std::max(given, g.axes[0].in * g.axes[1].in), g.channels, 1, interval_cycles);
}

Result<HlsLayer> PoolHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                 std::span<const TensorType> outputs, const Folding& folding) const {
  ALGEAN_ASSIGN(const Geometry g, pool::make_geometry(layer, inputs[0].shape));
  ALGEAN_TRY(check_hls_folding(folding, g.channels, 1));
  ALGEAN_ASSIGN(HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(HlsStream to, hls_stream_of(outputs[0], folding.simd));
  const bool is_scaled = arithmetic_of(layer).value() == Arithmetic::scaled;
  const std::int64_t zero = inputs[0].element.quantisation()->zero_point();
  const std::int64_t pad = g.is_max ? -128 : is_scaled ? zero : 0;
  const CodeRange range = activation_codes(layer, *outputs[0].element.quantisation());

  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  const std::int64_t windows = g.axes[0].out * g.axes[1].out;
  const std::size_t between = result.add_stream(
      {{windows * from.form.beats_per_row() * g.window(), folding.simd, folding.simd, 8}, "std::int8_t"});
  result.outputs = {result.add_stream(to)};
  HlsStage window = window_stage(g, folding.simd, pad);
  window.inputs = result.inputs;
  window.outputs = {between};
  result.stages.push_back(std::move(window));
  HlsStage pool = g.is_max ? HlsStage{.function = "max_pool",
                                      .header = "kernels/pool/hls/pool.hpp",
                                      .name = "largest",
                                      .numbers = {{"windows", windows}},
                                      .types = {},
                                      .tables = {},
                                      .inputs = {},
                                      .outputs = {}}
                           : average_stage(layer, g, inputs[0], outputs[0]);
  for (const HlsNumber& number : std::initializer_list<HlsNumber>{{"channels", g.channels},
                                                                  {"taps", g.window()},
                                                                  {"lanes", folding.simd},
                                                                  {"low", range.low},
                                                                  {"high", range.high}}) {
    pool.numbers.push_back(number);
  }
  pool.types.push_back({"in_type", "std::int8_t"});
  pool.inputs = {between};
  pool.outputs = result.outputs;
  result.stages.push_back(std::move(pool));
  return result;
}

const HlsForm* Pool::hls() const {
  static const PoolHls form;
  return &form;
}

}  // namespace algean::kernels
