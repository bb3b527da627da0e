#include "cluster/inspect/layout.hpp"

#include <set>
#include <utility>

namespace algean::cluster {

Layout layout_of(std::span<const Bundle> bundles) {
  Layout layout;
  std::set<std::pair<std::uint16_t, std::uint16_t>> hops;
  for (const Bundle& bundle : bundles) {
    for (const BundleInput& input : bundle.inputs) {  // the same in all bundles
      for (const Destination& to : input.destinations) hops.emplace(client_kernel, to.kernel);
    }
    for (const BundleKernel& kernel : bundle.kernels) {
      for (const std::string& layer : kernel.layers) layout.node_of_layer[layer] = bundle.name;
      for (const auto& route : kernel.routes) {
        for (const Destination& to : route) hops.emplace(kernel.id, to.kernel);
      }
    }
  }
  for (const auto& [from, to] : hops) layout.hops.push_back({from, to});
  return layout;
}

Result<Layout> read_layout(const Deployment& deployment, const StateRoot& states) {
  std::vector<Bundle> bundles;
  for (const DeployedNode& node : deployment.nodes) {
    ALGEAN_ASSIGN(Bundle bundle, read_bundle(states.folder(deployment.name) / bundle_folder / node.name));
    bundles.push_back(std::move(bundle));
  }
  return layout_of(bundles);
}

}  // namespace algean::cluster
