#include "kernels/cost/cost.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/cost/image.hpp"
#include "kernels/cost/model.hpp"

namespace algean::kernels {

namespace cost {

std::int64_t weigh(const Terms& terms, std::span<const double> weights) {
  ALGEAN_INVARIANT(terms.size() == weights.size());
  double sum = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) sum += terms[i] * weights[i];
  return std::max<std::int64_t>(0, std::llround(sum));
}

}  // namespace cost

Result<Resources> resources(const ModuleInstance& instance) {
  const auto models = cost::models();
  const auto weights = cost::weights();
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models[i].module != instance.module) continue;
    ALGEAN_INVARIANT(i < weights.size() && weights[i].module == instance.module);
    Resources sum = models[i].exact(instance);
    sum.lut = cost::weigh(models[i].luts(instance), weights[i].luts);
    sum.ff = cost::weigh(models[i].ffs(instance), weights[i].ffs);
    return sum;
  }
  return bad_input("module {} ({}) has no cost model", instance.name, instance.module);
}

Result<Resources> resources(const Netlist& netlist) {
  Resources sum;
  for (const ModuleInstance& instance : netlist.instances) {
    ALGEAN_ASSIGN(const Resources one, resources(cost::with_images(instance, netlist)));
    sum += one;
  }
  return sum;
}

}  // namespace algean::kernels
