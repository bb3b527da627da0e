// What lies where in a deployment, as its bundles have it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "cluster/deploy/state.hpp"
#include "cluster/inspect/way.hpp"
#include "runtime/bundle/bundle.hpp"

namespace algean::cluster {

struct Layout {
  std::map<std::string, std::string, std::less<>> node_of_layer;
  std::vector<Hop> hops;
};

// Of all bundles of one deployment.
[[nodiscard]] Layout layout_of(std::span<const Bundle> bundles);
// Of the bundles in its state folder.
Result<Layout> read_layout(const Deployment& deployment, const StateRoot& states);

}  // namespace algean::cluster
