#include "kernels/circuit/report.hpp"

#include <algorithm>

#include "kernels/cost/cost.hpp"

namespace algean::kernels {
namespace {

std::int64_t multipliers_of(const ModuleInstance& instance) {
  if (instance.module.starts_with("algean_matvec")) return instance.number("SIMD") * instance.number("PE");
  if (instance.module.starts_with("algean_depthwise")) return instance.number("LANES") * instance.number("MULTIPLIER");
  return 0;
}

}  // namespace

Result<std::vector<LayerReport>> report(const Design& design, const Graph& graph, const Measured& measured) {
  std::vector<LayerReport> rows;
  for (std::size_t i = 0; i < design.layers.size(); ++i) {
    const DesignLayer& layer = design.layers[i];
    LayerReport row{layer.layer, graph.layers[i].spec.operation, layer.module, layer.folding, layer.cycles, 0, {},
                    false};
    for (const ModuleInstance& instance : layer.netlist.instances) row.multipliers += multipliers_of(instance);
    auto taken = resources(layer.netlist);
    if (!taken) return std::unexpected(taken.error().within("layer '" + layer.layer + "'"));
    row.resources = *taken;
    if (const auto found = measured.find(layer.module); found != measured.end()) {
      row.measured = true;
      row.resources = found->second;
      row.resources.dsp_requantise = std::min(taken->dsp_requantise, row.resources.dsp_multiply);
      row.resources.dsp_multiply -= row.resources.dsp_requantise;
    }
    rows.push_back(std::move(row));
  }
  LayerReport between;
  for (std::size_t i = 0; i < design.top.instances.size(); ++i) {
    if (design.layer_of[i]) continue;
    ALGEAN_ASSIGN(const Resources taken, resources(design.top.instances[i]));
    between.resources += taken;
  }
  if (between.resources != Resources{}) rows.push_back(std::move(between));
  return rows;
}

}  // namespace algean::kernels
