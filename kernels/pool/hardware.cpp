#include "kernels/pool/hardware.hpp"

#include <algorithm>

#include "kernels/family/streams.hpp"
#include "kernels/family/window.hpp"
#include "kernels/pool/geometry.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::pool {
namespace {

constexpr std::int64_t max_window = 1 << 16;  // taps
constexpr std::int64_t max_places = 1 << 16;  // output pixels whose counts differ

// algean_reduce_finish's FINISH, and algean_reduce's registers with it.
struct Finish {
  std::int64_t number, stages;
};
Finish finish_of(const LayerSpec& layer, const Geometry& geometry) {
  if (geometry.is_max) return {0, 2};
  if (arithmetic_of(layer).value() == Arithmetic::scaled) return {1, 3};
  return {layer.attributes.text_or("rounding", "half_away") == "half_up" ? 4 : 3, 4};
}

// One window is the whole input: nothing slides.
bool is_global(const Geometry& geometry) {
  return std::ranges::all_of(geometry.axes, [](const Axis& axis) {
    return axis.out == 1 && axis.window == axis.in && axis.before == 0 && axis.dilation == 1;
  });
}

// Taps that count, for each output pixel, or once where all have the same.
std::vector<std::int64_t> counts_of(const Geometry& geometry) {
  if (geometry.has_one_count()) return {geometry.window()};
  std::vector<std::int64_t> result;
  for (std::int64_t row = 0; row < geometry.axes[0].out; ++row) {
    for (std::int64_t column = 0; column < geometry.axes[1].out; ++column) {
      result.push_back(geometry.axes[0].taps(row, geometry.count_padding).counted *
                       geometry.axes[1].taps(column, geometry.count_padding).counted);
    }
  }
  return result;
}

// algean_reduce_finish's word for a division by n, halves away from zero or up. A dividend u is below 256 * n, and with
// multiplier = ceil(2^shift / n), floor(u * multiplier / 2^shift) is floor(u / n) if u * n <= 2^shift.
std::int64_t quotient_word(std::int64_t n, bool half_up) {
  std::int64_t shift = 0;
  while ((std::int64_t{1} << shift) < 256 * n * n) ++shift;
  const std::int64_t multiplier = ((std::int64_t{1} << shift) + n - 1) / n;
  const std::int64_t half = n / 2 + (half_up ? 128 * n : 0);
  return half << 40 | shift << 32 | multiplier;
}

std::vector<std::int64_t> words_of(const LayerSpec& layer, const Geometry& geometry, const TensorType& output) {
  std::vector<std::int64_t> result;
  const Finish finish = finish_of(layer, geometry);
  if (finish.number != 1) {
    for (const std::int64_t n : counts_of(geometry)) result.push_back(quotient_word(n, finish.number == 4));
    return result;
  }
  const Requantiser requantiser(layer, output);
  for (const std::int64_t n : counts_of(geometry)) {
    const auto& channel = requantiser.channels()[geometry.has_one_count() ? 0 : static_cast<std::size_t>(n - 1)];
    result.push_back(channel.multiplier | std::int64_t{channel.shift} << 32);
  }
  return result;
}

// Bits of sums and dividends below 256 * window in magnitude.
std::int64_t total_bits(const Geometry& geometry) {
  std::int64_t bits = 9;
  while ((std::int64_t{1} << (bits - 1)) < 256 * geometry.window()) ++bits;
  return bits;
}

std::vector<ModuleParameter> reduce_parameters(Netlist& netlist, const LayerSpec& layer, const Geometry& geometry,
                                               const TensorType& input, const TensorType& output, std::int64_t lanes) {
  const std::int64_t beats = row_stream(output.shape, lanes).beats_per_row();
  const Finish finish = finish_of(layer, geometry);
  const CodeRange range = activation_codes(layer, *output.element.quantisation());
  std::vector<ModuleParameter> result{{"KIND", geometry.is_max ? 1 : 0},
                                      {"LANES", lanes},
                                      {"BLOCKS", is_global(geometry) ? beats : 1},
                                      {"COUNT", geometry.window()},
                                      {"ELEMENTS", geometry.channels},
                                      {"TOTAL_BITS", geometry.is_max ? 8 : total_bits(geometry)},
                                      {"FINISH", finish.number},
                                      {"LOW", range.low},
                                      {"HIGH", range.high}};
  if (geometry.is_max) return result;
  if (finish.number == 1) {
    result.push_back({"INITIAL", -geometry.window() * input.element.quantisation()->zero_point()});
    result.push_back({"ZERO_Y", output.element.quantisation()->zero_point()});
  }
  const auto words = words_of(layer, geometry, output);
  result.push_back({"PERIOD", static_cast<std::int64_t>(words.size())});
  result.push_back({"GROUP_BEATS", beats});
  result.push_back(add_image(netlist, "IMAGE", make_image("constants", 64, words)));
  return result;
}

std::vector<ModuleParameter> window_parameters(const LayerSpec& layer, const Geometry& geometry,
                                               const TensorType& input, std::int64_t lanes) {
  const auto& [rows, columns] = geometry.axes;
  std::int64_t filler = -128;
  if (!geometry.is_max)
    filler = finish_of(layer, geometry).number == 1 ? input.element.quantisation()->zero_point() : 0;
  return {{"LANES", lanes},
          {"CHANNELS", geometry.channels},
          {"HEIGHT", rows.in},
          {"WIDTH", columns.in},
          {"KERNEL_H", rows.window},
          {"KERNEL_W", columns.window},
          {"STRIDE_H", rows.stride},
          {"STRIDE_W", columns.stride},
          {"DILATION_H", rows.dilation},
          {"DILATION_W", columns.dilation},
          {"PAD_TOP", rows.before},
          {"PAD_BOTTOM", rows.after},
          {"PAD_LEFT", columns.before},
          {"PAD_RIGHT", columns.after},
          {"PAD_VALUE", filler},
          {"ORDER", 1}};
}

}  // namespace

Result<std::vector<Folding>> PoolHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                    std::span<const TensorType>, const HardwareOptions&) const {
  ALGEAN_ASSIGN(const Geometry geometry, make_geometry(layer, inputs[0].shape));
  if (geometry.window() > max_window) {
    return bad_input("{} over {} taps: there is hardware for at most {}", layer.operation, geometry.window(),
                     max_window);
  }
  const std::int64_t places = geometry.axes[0].out * geometry.axes[1].out;
  if (!geometry.is_max && !geometry.has_one_count() && places > max_places) {
    return bad_input("{} whose windows count different taps at {} places: there is hardware for at most {}",
                     layer.operation, places, max_places);
  }
  return lane_foldings(geometry.channels);
}

Result<Netlist> PoolHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                      std::span<const TensorType> outputs, const Folding& folding,
                                      const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  const Geometry geometry = make_geometry(layer, inputs[0].shape).value();
  const std::int64_t lanes = folding.simd;
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(row_stream(inputs[0].shape, lanes))};
  netlist.outputs = {netlist.add_stream(row_stream(outputs[0].shape, lanes))};
  std::vector<std::size_t> taps = netlist.inputs;
  if (!is_global(geometry)) {
    const Stream whole = netlist.streams[netlist.outputs[0]];
    taps = {netlist.add_stream({whole.beats() * geometry.window(), lanes, lanes, 8})};
    add_instance(netlist, "algean_window", "window", window_parameters(layer, geometry, inputs[0], lanes),
                 netlist.inputs, taps);
  }
  auto parameters = reduce_parameters(netlist, layer, geometry, inputs[0], outputs[0], lanes);
  add_instance(netlist, "algean_reduce", "reduce", std::move(parameters), std::move(taps), netlist.outputs);
  return netlist;
}

Cycles PoolHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs, const Folding& folding, const HardwareOptions&) const {
  const Geometry geometry = make_geometry(layer, inputs[0].shape).value();
  const Stream from = row_stream(inputs[0].shape, folding.simd);
  const Stream to = row_stream(outputs[0].shape, folding.simd);
  const std::int64_t stages = finish_of(layer, geometry).stages;
  if (is_global(geometry)) {
    Cycles cycles = pipeline_cycles(from.beats(), stages);
    cycles.lag_beats = from.beats() - from.beats_per_row() + 1;
    return cycles;
  }
  WindowShape window{{}, from.beats_per_row(), 1};
  for (std::size_t i = 0; i < 2; ++i) {
    const Axis& axis = geometry.axes.at(i);
    window.axes.at(i) = {axis.in, axis.window, axis.stride, axis.dilation, axis.before, axis.after};
  }
  return {std::max(from.beats(), to.beats() * geometry.window()), window_times(window).last + stages,
          window_lag(window)};
}

}  // namespace algean::kernels::pool
