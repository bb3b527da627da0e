#include "kernels/conv/hardware.hpp"

#include <algorithm>

#include "kernels/conv/hardware_plan.hpp"

namespace algean::kernels::conv {
namespace {

// A layer as its modules see it.
struct Plan {
  WeightedUnit unit;
  WindowShape shape;
  bool depthwise = false;

  [[nodiscard]] std::int64_t multiplier() const { return unit.outputs() / shape.channels; }  // of a depthwise layer
  [[nodiscard]] std::int64_t n_in() const { return shape.taps() * shape.channels; }
  [[nodiscard]] MatrixUnit matrix(const Folding& folding) const {
    return {.n_in = n_in(), .n_out = unit.outputs(), .rows = shape.pixels(), .folding = folding};
  }
  [[nodiscard]] Window window(const Folding& folding) const {
    if (depthwise) return {shape, Order::blocks, folding.simd};
    return choose_window(shape, folding.simd, matrix(folding).cycles());
  }
};

Result<Plan> plan(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                  const HardwareOptions& options) {
  ALGEAN_ASSIGN(WeightedUnit unit, WeightedUnit::make(layer, input, output, options));
  ALGEAN_ASSIGN(const WindowShape shape, window_shape(layer, input.shape));
  const std::int64_t groups = layer.attributes.integer_or("groups", 1);
  if (groups > 1 && groups != shape.channels) {
    return bad_input("attribute 'groups' is {}: there is hardware for one group, and for one a channel ({})", groups,
                     shape.channels);
  }
  return Plan{std::move(unit), shape, groups > 1};
}

Result<> check(const Plan& plan, const Folding& folding) {
  if (!plan.depthwise) return check_folding(folding, plan.n_in(), plan.unit.outputs());
  if (folding.simd >= 1 && folding.simd <= plan.shape.channels && folding.pe == 1) return {};
  return bad_input("folding {}x{} of a depthwise layer must be within 1..{} by 1", folding.simd, folding.pe,
                   plan.shape.channels);
}

std::int64_t interval(const Plan& plan, const Folding& folding) {
  if (plan.depthwise) return plan.window(folding).interval(0);
  const std::int64_t each = plan.matrix(folding).cycles();
  return plan.shape.trivial() ? plan.shape.pixels() * each : plan.window(folding).interval(each);
}

std::size_t add_window(Netlist& netlist, const Window& window, std::int32_t zero, std::size_t input) {
  const WindowShape& shape = window.shape;
  // Where the last lanes of a channel's last block stay empty, a row is one tap.
  const bool whole = shape.channels % window.lanes == 0;
  Stream stream{.rows = shape.pixels(), .elements = shape.taps() * shape.channels, .lanes = window.output_lanes()};
  if (window.order == Order::blocks) {
    stream.rows = shape.pixels() * window.blocks();
    stream.elements = shape.taps() * window.lanes;
  } else if (!whole) {
    stream.rows = shape.pixels() * shape.taps();
    stream.elements = shape.channels;
  }
  const std::size_t output = netlist.add_stream(stream);
  netlist.instances.push_back({.module = "algean_window",
                               .name = "window",
                               .parameters = {{"BITS", 8},
                                              {"LANES", window.lanes},
                                              {"CHANNELS", shape.channels},
                                              {"HEIGHT", shape.height},
                                              {"WIDTH", shape.width},
                                              {"KERNEL_H", shape.k_h},
                                              {"KERNEL_W", shape.k_w},
                                              {"STRIDE_H", shape.stride_h},
                                              {"STRIDE_W", shape.stride_w},
                                              {"DILATION_H", shape.dilation_h},
                                              {"DILATION_W", shape.dilation_w},
                                              {"PAD_TOP", shape.top},
                                              {"PAD_BOTTOM", shape.bottom},
                                              {"PAD_LEFT", shape.left},
                                              {"PAD_RIGHT", shape.right},
                                              {"PAD_VALUE", zero},
                                              {"ORDER", static_cast<std::int64_t>(window.order)}},
                               .inputs = {input},
                               .outputs = {output}});
  return output;
}

std::size_t add_repack(Netlist& netlist, std::size_t input, const Stream& to) {
  const Stream from = netlist.streams[input];
  if (from == to) return input;
  const std::size_t output = netlist.add_stream(to);
  netlist.instances.push_back({.module = "algean_repack",
                               .name = "repack",
                               .parameters = {{"BITS", from.bits},
                                              {"ROWS", from.rows},
                                              {"IN_ELEMENTS", from.elements},
                                              {"IN_LANES", from.lanes},
                                              {"OUT_ELEMENTS", to.elements},
                                              {"OUT_LANES", to.lanes}},
                               .inputs = {input},
                               .outputs = {output}});
  return output;
}

std::size_t add_depthwise(Netlist& netlist, const Plan& plan, const Folding& folding, std::size_t input) {
  const std::int64_t channels = plan.shape.channels;
  const std::int64_t taps = plan.shape.taps();
  const std::int64_t multiplier = plan.multiplier();
  const std::int64_t sums = folding.simd * multiplier;
  const std::int64_t lanes = output_lanes(sums, taps);
  const std::int64_t blocks = (channels + folding.simd - 1) / folding.simd;
  const std::size_t output =
      netlist.add_stream({.rows = plan.shape.pixels(), .elements = plan.unit.outputs(), .lanes = lanes});
  const auto layout = [&](std::int64_t word, std::int64_t place) -> WeightedUnit::Place {
    const std::int64_t at = word / taps * sums + place;
    if (at >= plan.unit.outputs()) return {};
    return {at, word % taps};
  };
  plan.unit.add_to(netlist, "algean_depthwise",
                   {{"CHANNELS", channels},
                    {"MULTIPLIER", multiplier},
                    {"TAPS", taps},
                    {"LANES", folding.simd},
                    {"OUT_LANES", lanes}},
                   input, output, taps * blocks, sums, layout, lanes);
  return output;
}

}  // namespace

Result<std::vector<Folding>> ConvHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                    std::span<const TensorType> outputs,
                                                    const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const Plan p, plan(layer, inputs[0], outputs[0], options));
  std::vector<Folding> candidates;
  if (p.depthwise) {
    for (std::int64_t lanes = 1; lanes <= p.shape.channels; ++lanes) {
      const std::int64_t blocks = (p.shape.channels + lanes - 1) / lanes;
      if ((p.shape.channels + blocks - 1) / blocks == lanes) candidates.push_back({lanes, 1});
    }
  } else {
    candidates = matrix_foldings(p.unit, p.n_in(), p.shape.channels);
  }
  std::vector<Folding> faster;
  std::int64_t least = 0;
  for (const Folding& folding : candidates) {
    const std::int64_t cycles = interval(p, folding);
    if (!faster.empty() && cycles >= least) continue;
    least = cycles;
    faster.push_back(folding);
  }
  return faster;
}

Result<Netlist> ConvHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                      std::span<const TensorType> outputs, const Folding& folding,
                                      const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const Plan p, plan(layer, inputs[0], outputs[0], options));
  ALGEAN_TRY(check(p, folding));
  const Window window = p.window(folding);
  Netlist netlist;
  const std::int64_t pixels = p.shape.height * p.shape.width;
  if (!p.depthwise && p.shape.trivial()) {
    netlist.inputs = {netlist.add_stream({.rows = pixels, .elements = p.shape.channels, .lanes = folding.simd})};
    netlist.outputs = {p.matrix(folding).add_to(netlist, p.unit, netlist.inputs[0], [](std::int64_t i) { return i; })};
    return netlist;
  }
  netlist.inputs = {netlist.add_stream({.rows = pixels, .elements = p.shape.channels, .lanes = window.lanes})};
  std::size_t stream = add_window(netlist, window, p.unit.input_zero(), netlist.inputs[0]);
  if (p.depthwise) {
    netlist.outputs = {add_depthwise(netlist, p, folding, stream)};
    return netlist;
  }
  stream = add_repack(netlist, stream, {.rows = p.shape.pixels(), .elements = p.n_in(), .lanes = folding.simd});
  const auto order = [&](std::int64_t element) { return window.source(element); };
  netlist.outputs = {p.matrix(folding).add_to(netlist, p.unit, stream, order)};
  return netlist;
}

Cycles ConvHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs, const Folding& folding,
                            const HardwareOptions& options) const {
  const Plan p = plan(layer, inputs[0], outputs[0], options).value();
  const Window window = p.window(folding);
  Cycles result{.interval = interval(p, folding)};
  if (p.depthwise) {
    const std::int64_t sums = folding.simd * p.multiplier();
    const std::int64_t lanes = output_lanes(sums, p.shape.taps());
    const std::int64_t last = (p.unit.outputs() + lanes - 1) / lanes - (window.blocks() - 1) * (sums / lanes);
    result.latency = window.last_beat(0) + p.shape.taps() + p.unit.tail_cycles(last);
    result.lag_beats = window.lag_beats();
    return result;
  }
  const MatrixUnit matrix = p.matrix(folding);
  if (p.shape.trivial()) {
    result.latency = matrix.folds() + (matrix.rows - 1) * matrix.cycles() + matrix.latency(p.unit);
    result.lag_beats = matrix.folds();
    return result;
  }
  result.latency = window.last_beat(matrix.cycles()) + window.repack_cycles(folding.simd) + matrix.latency(p.unit);
  result.lag_beats = window.lag_beats();
  return result;
}

}  // namespace algean::kernels::conv
