#include "kernels/circuit/design.hpp"

#include <fmt/format.h>

namespace algean::kernels {

Result<Stream> stream_of(const TensorType& type) {
  if (!type.element.is_integer() || !type.element.is_signed()) {
    return bad_input("{}: streams carry signed integers", type.text());
  }
  const std::int64_t elements = type.shape.channels();
  return Stream{
      .rows = type.shape.elements() / elements, .elements = elements, .lanes = 1, .bits = type.element.bits()};
}

std::vector<std::string> loaders(const Design& design) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < design.top.instances.size(); ++i) {
    if (!design.layer_of[i]) continue;
    const DesignLayer& layer = design.layers[*design.layer_of[i]];
    for (const ModuleInstance& instance : layer.netlist.instances) {
      if (instance.has_loader) names.push_back(fmt::format("{}.{}", layer.layer, instance.name));
    }
  }
  return names;
}

}  // namespace algean::kernels
