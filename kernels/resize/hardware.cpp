#include "kernels/resize/hardware.hpp"

#include <optional>

#include "kernels/family/streams.hpp"
#include "kernels/movement/reorder.hpp"
#include "kernels/resize/rules.hpp"

namespace algean::kernels::resize {
namespace {

// Down and across, where each output index x reads x / factor.
struct Factors {
  std::int64_t down = 1, across = 1;
};
std::optional<Factors> factors_of(const Rules& rules) {
  Factors factors;
  for (std::size_t i = 0; i < rules.axes.size(); ++i) {
    const AxisRule& axis = rules.axes[i];
    if (axis.out % axis.in != 0) return std::nullopt;
    const std::int64_t factor = axis.out / axis.in;
    const auto indices = nearest(axis, rules.rounding, rules.tflite);
    for (std::size_t x = 0; x < indices.size(); ++x) {
      if (indices[x] != static_cast<std::int64_t>(x) / factor) return std::nullopt;
    }
    (i + 1 == rules.axes.size() ? factors.across : factors.down) = factor;
  }
  return factors;
}

Reorder reorder_of(const Rules& rules, const TensorType& input, const TensorType& output) {
  const auto strides = element_strides(input.shape);
  Reorder reorder{input, output, {}, 0};
  for (std::size_t axis = 0; axis < rules.axes.size(); ++axis) {
    AxisRuns runs;
    for (const std::int64_t index : nearest(rules.axes[axis], rules.rounding, rules.tflite)) {
      append(runs, {index * strides[axis], 0, 1});
    }
    reorder.axes.push_back(std::move(runs));
  }
  reorder.axes.push_back({{0, 1, input.shape.channels()}});
  return reorder;
}

}  // namespace

Result<std::vector<Folding>> ResizeHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      const HardwareOptions&) const {
  ALGEAN_ASSIGN(const Rules rules, parse_rules(layer, inputs[0].shape));
  if (rules.bilinear) return bad_input("resize: there is no hardware for linear interpolation");
  if (factors_of(rules)) return lane_foldings(inputs[0].shape.channels());
  return reorder_foldings(reorder_of(rules, inputs[0], outputs[0]));
}

Result<Netlist> ResizeHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs, const Folding& folding,
                                        const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  const Rules rules = parse_rules(layer, inputs[0].shape).value();
  const auto factors = factors_of(rules);
  if (!factors) return reorder_netlist(reorder_of(rules, inputs[0], outputs[0]), folding.simd);
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(row_stream(inputs[0].shape, folding.simd))};
  netlist.outputs = {netlist.add_stream(row_stream(outputs[0].shape, folding.simd))};
  const std::int64_t line = netlist.streams[netlist.inputs[0]].beats_per_row() * rules.axes.back().in;
  const std::size_t lines = add_fifo(netlist, "fifo", netlist.inputs[0], line);
  add_instance(netlist, "algean_repeat", "repeat",
               {{"LANES", folding.simd},
                {"BEATS", netlist.streams[netlist.inputs[0]].beats_per_row()},
                {"WIDTH", rules.axes.back().in},
                {"ACROSS", factors->across},
                {"DOWN", factors->down}},
               {lines}, netlist.outputs);
  return netlist;
}

Cycles ResizeHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                              std::span<const TensorType> outputs, const Folding& folding,
                              const HardwareOptions&) const {
  const Rules rules = parse_rules(layer, inputs[0].shape).value();
  if (!factors_of(rules)) return reorder_cycles(reorder_of(rules, inputs[0], outputs[0]), folding.simd);
  return pipeline_cycles(row_stream(outputs[0].shape, folding.simd).beats(), 1 + fifo_latency);
}

}  // namespace algean::kernels::resize
