#include "kernels/circuit/report.hpp"

namespace algean::kernels {
namespace {

// DSP48E2 of one lane of requantisation: a product of 27 x 18 bits, or wider.
std::int64_t lane_dsps(const ModuleInstance& instance) {
  if (instance.number("ARITHMETIC") != 0)
    return instance.number("SHIFT_HIGH") <= 0 && instance.number("ACCUMULATOR_BITS") <= 27 ? 2 : 4;
  return instance.number("ACCUMULATOR_BITS") <= 27 ? 1 : 2;
}

void count(const ModuleInstance& instance, LayerReport& row) {
  if (instance.module.starts_with("algean_matvec")) {
    const std::int64_t simd = instance.number("SIMD");
    const std::int64_t pe = instance.number("PE");
    row.multipliers += simd * pe;
    row.dsp_multiply += instance.number("PACKED") != 0 ? simd * ((pe + 1) / 2) : simd * pe;
    row.dsp_requantise += instance.number("LANES") * lane_dsps(instance);
  } else if (instance.module.starts_with("algean_depthwise")) {
    const std::int64_t products = instance.number("LANES") * instance.number("MULTIPLIER");
    row.multipliers += products;
    row.dsp_multiply += products;
    row.dsp_requantise += instance.number("OUT_LANES") * lane_dsps(instance);
  }
}

}  // namespace

std::vector<LayerReport> report(const Design& design, const Graph& graph) {
  std::vector<LayerReport> rows;
  for (std::size_t i = 0; i < design.layers.size(); ++i) {
    const DesignLayer& layer = design.layers[i];
    LayerReport row{layer.layer, graph.layers[i].spec.operation, layer.folding, layer.cycles, 0, 0, 0};
    for (const ModuleInstance& instance : layer.netlist.instances) count(instance, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace algean::kernels
