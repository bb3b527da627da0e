#include "kernels/reshape/hardware.hpp"

#include <numeric>

#include "kernels/family/streams.hpp"

namespace algean::kernels::reshape {
namespace {

std::int64_t bits_of(const TensorType& type) { return static_cast<std::int64_t>(type.element.bytes()) * 8; }

}  // namespace

Result<std::vector<Folding>> ReshapeHardware::foldings(const LayerSpec&, std::span<const TensorType> inputs,
                                                       std::span<const TensorType> outputs,
                                                       const HardwareOptions&) const {
  const Stream from = row_stream(inputs[0].shape, 1);
  const Stream to = row_stream(outputs[0].shape, 1);
  if (from == to) return lane_foldings(from.elements);
  return dividing_foldings(std::gcd(from.elements, to.elements));
}

Result<Netlist> ReshapeHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                         std::span<const TensorType> outputs, const Folding& folding,
                                         const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  Netlist netlist;
  const std::int64_t bits = bits_of(inputs[0]);
  const Stream from = row_stream(inputs[0].shape, folding.simd, bits);
  const Stream to = row_stream(outputs[0].shape, folding.simd, bits);
  netlist.inputs = {netlist.add_stream(from)};
  netlist.outputs = {from == to ? netlist.inputs[0] : netlist.add_stream(to)};
  if (from == to) return netlist;
  add_instance(netlist, "algean_repack", "repack",
               {{"BITS", bits},
                {"ROWS", from.rows},
                {"IN_ELEMENTS", from.elements},
                {"IN_LANES", from.lanes},
                {"OUT_ELEMENTS", to.elements},
                {"OUT_LANES", to.lanes}},
               netlist.inputs, netlist.outputs);
  return netlist;
}

Cycles ReshapeHardware::cycles(const LayerSpec&, std::span<const TensorType> inputs, std::span<const TensorType>,
                               const Folding& folding, const HardwareOptions&) const {
  return pipeline_cycles(row_stream(inputs[0].shape, folding.simd).beats(), 0);
}

}  // namespace algean::kernels::reshape
