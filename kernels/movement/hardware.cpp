#include "kernels/movement/hardware.hpp"

#include <algorithm>

#include "kernels/family/streams.hpp"
#include "kernels/movement/moves.hpp"
#include "kernels/movement/reorder.hpp"

namespace algean::kernels::movement {
namespace {

// Padding of whole rows with one code, over at most two axes: algean_pad.
struct Frame {
  std::int64_t height = 1, width = 1;
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;
};
std::optional<Frame> frame_of(const LayerSpec& layer, const Shape& input) {
  if (layer.operation != "pad" || layer.attributes.text_or("mode", "constant") != "constant") return std::nullopt;
  if (input.rank() < 2 || input.rank() > 3) return std::nullopt;
  const auto before = layer.attributes.integers("before").value();
  const auto after = layer.attributes.integers("after").value();
  if (before.back() != 0 || after.back() != 0) return std::nullopt;
  const std::size_t columns = input.rank() - 2;
  Frame frame{1, input[columns], 0, before[columns], 0, after[columns]};
  if (columns == 0) return frame;
  frame.height = input[0];
  frame.top = before[0];
  frame.bottom = after[0];
  return frame;
}

Reorder reorder_of(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  return {input, output, move_of(layer, input.shape).value().axes, layer.attributes.integer_or("code", 0)};
}

Netlist pad_netlist(const LayerSpec& layer, const Frame& frame, const TensorType& input, const TensorType& output,
                    std::int64_t lanes) {
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(row_stream(input.shape, lanes))};
  netlist.outputs = {netlist.add_stream(row_stream(output.shape, lanes))};
  // What may come while the longest run of padding is given.
  const Stream from = netlist.streams[netlist.inputs[0]];
  const std::int64_t rows =
      (frame.top + frame.bottom) * (frame.left + frame.width + frame.right) + frame.left + frame.right;
  const std::size_t waiting =
      add_fifo(netlist, "fifo", netlist.inputs[0], std::min(rows * from.beats_per_row(), from.beats()));
  add_instance(netlist, "algean_pad", "pad",
               {{"LANES", lanes},
                {"ELEMENTS", input.shape.channels()},
                {"HEIGHT", frame.height},
                {"WIDTH", frame.width},
                {"TOP", frame.top},
                {"LEFT", frame.left},
                {"BOTTOM", frame.bottom},
                {"RIGHT", frame.right},
                {"VALUE", layer.attributes.integer_or("code", 0)}},
               {waiting}, netlist.outputs);
  return netlist;
}

}  // namespace

Result<std::vector<Folding>> MovementHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                        std::span<const TensorType> outputs,
                                                        const HardwareOptions&) const {
  if (inputs[0].element.bytes() == 1 && frame_of(layer, inputs[0].shape)) {
    return lane_foldings(inputs[0].shape.channels());
  }
  return reorder_foldings(reorder_of(layer, inputs[0], outputs[0]));
}

Result<Netlist> MovementHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                          std::span<const TensorType> outputs, const Folding& folding,
                                          const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  const auto frame = frame_of(layer, inputs[0].shape);
  if (inputs[0].element.bytes() == 1 && frame) {
    return pad_netlist(layer, *frame, inputs[0], outputs[0], folding.simd);
  }
  return reorder_netlist(reorder_of(layer, inputs[0], outputs[0]), folding.simd);
}

Cycles MovementHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                                std::span<const TensorType> outputs, const Folding& folding,
                                const HardwareOptions&) const {
  const auto frame = frame_of(layer, inputs[0].shape);
  if (inputs[0].element.bytes() != 1 || !frame) {
    return reorder_cycles(reorder_of(layer, inputs[0], outputs[0]), folding.simd);
  }
  return pipeline_cycles(row_stream(outputs[0].shape, folding.simd).beats(), fifo_latency);
}

}  // namespace algean::kernels::movement
