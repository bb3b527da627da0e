// From a bundle, and what its controller knows besides, to what a node needs.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cluster/agent/compilation.hpp"
#include "runtime/base/result.hpp"
#include "runtime/bundle/bundle.hpp"
#include "runtime/node/node.hpp"

namespace algean::cluster {

using NodeAddresses = std::map<std::uint16_t, std::string>;  // data addresses, by node of the deployment

// Engines in the order of the bundle's kernels. `software` is the version that clients are told. The node with the
// lower number dials. bad_input where the address of a peer or of a node that clients attach to is missing.
Result<NodeConfig> configure_node(const Bundle& bundle, std::uint64_t epoch, const Engines& engines,
                                  const NodeAddresses& addresses, const std::string& software);

// Without a log.
Result<NodeOptions> node_options(const Bundle& bundle);

// What the bundle's `listen` comes to, with its scheme (both udp and tcp where it says none and a peer wants tcp),
// names looked up, which may take its time. bad_input where others than this host would reach it though
// `loopback_only`.
Result<std::string> listen_address(const Bundle& bundle, bool loopback_only);

}  // namespace algean::cluster
