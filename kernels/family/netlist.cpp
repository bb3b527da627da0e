#include "kernels/family/netlist.hpp"

#include "runtime/base/result.hpp"

namespace algean::kernels {

std::int64_t ModuleInstance::number(const std::string& parameter) const {
  for (const ModuleParameter& each : parameters) {
    if (each.name != parameter) continue;
    ALGEAN_INVARIANT(std::holds_alternative<std::int64_t>(each.value));
    return std::get<std::int64_t>(each.value);
  }
  ALGEAN_INVARIANT(false);
  return 0;
}

}  // namespace algean::kernels
