#include "kernels/dense/hardware.hpp"

#include "kernels/weighted/unit.hpp"

namespace algean::kernels {
namespace {

MatrixUnit matrix(const WeightedUnit& unit, const Shape& input, const Folding& folding) {
  return {.n_in = unit.taps(), .n_out = unit.outputs(), .rows = input.elements() / unit.taps(), .folding = folding};
}

}  // namespace

Result<std::vector<Folding>> DenseHardware::foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                     std::span<const TensorType> outputs,
                                                     const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const WeightedUnit unit, WeightedUnit::make(layer, inputs[0], outputs[0], options));
  return matrix_foldings(unit, unit.taps(), unit.taps());
}

Result<Netlist> DenseHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                       std::span<const TensorType> outputs, const Folding& folding,
                                       const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const WeightedUnit unit, WeightedUnit::make(layer, inputs[0], outputs[0], options));
  ALGEAN_TRY(check_folding(folding, unit.taps(), unit.outputs()));
  const MatrixUnit matrix_unit = matrix(unit, inputs[0].shape, folding);
  Netlist netlist;
  netlist.inputs = {netlist.add_stream({.rows = matrix_unit.rows, .elements = unit.taps(), .lanes = folding.simd})};
  netlist.outputs = {matrix_unit.add_to(netlist, unit, netlist.inputs[0], [](std::int64_t tap) { return tap; })};
  return netlist;
}

Cycles DenseHardware::cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                             std::span<const TensorType> outputs, const Folding& folding,
                             const HardwareOptions& options) const {
  const WeightedUnit unit = WeightedUnit::make(layer, inputs[0], outputs[0], options).value();
  const MatrixUnit matrix_unit = matrix(unit, inputs[0].shape, folding);
  return {.interval = matrix_unit.rows * matrix_unit.cycles(),
          .latency = matrix_unit.folds() + (matrix_unit.rows - 1) * matrix_unit.cycles() + matrix_unit.latency(unit),
          .lag_beats = matrix_unit.folds()};
}

}  // namespace algean::kernels
