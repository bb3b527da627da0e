#include "cluster/agent/configure.hpp"

#include <algorithm>

#include "runtime/transport/address.hpp"

namespace algean::cluster {
namespace {

std::string_view without_scheme(std::string_view address) {
  const std::size_t end = address.find("://");
  return end == std::string_view::npos ? address : address.substr(end + 3);
}

Result<std::string> address_of(std::uint16_t node, const std::string& name, const NodeAddresses& addresses) {
  const auto found = addresses.find(node);
  if (found == addresses.end()) return bad_input("node {} (`{}`) has no address", node, name);
  if (without_scheme(found->second).find_first_not_of("0123456789.:") == std::string_view::npos) return found->second;
  return bad_input("node {} (`{}`): `{}` is no address in numbers", node, name, found->second);
}

std::uint16_t node_of(std::uint16_t kernel, const Bundle& bundle) {
  const auto place = std::ranges::find(bundle.places, kernel, &KernelPlace::kernel);
  ALGEAN_INVARIANT(place != bundle.places.end());  // check(bundle) says so
  return place->node;
}

// Index of the kernel's node among those that clients attach to.
std::uint16_t client_node_of(std::uint16_t kernel, const Bundle& bundle) {
  const auto found = std::ranges::find(bundle.client_nodes, node_of(kernel, bundle), &BundleNode::node);
  ALGEAN_INVARIANT(found != bundle.client_nodes.end());  // likewise
  return static_cast<std::uint16_t>(found - bundle.client_nodes.begin());
}

Result<Description> describe(const Bundle& bundle, const NodeAddresses& addresses, const std::string& software) {
  Description description;
  description.deployment = bundle.deployment;
  description.node_version = software;
  description.max_in_flight = bundle.max_in_flight;
  description.polling_threads = static_cast<std::uint16_t>(std::clamp(bundle.polling_threads, 1U, 0xffffU));
  for (const BundleNode& node : bundle.client_nodes) {
    ALGEAN_ASSIGN(std::string address, address_of(node.node, node.name, addresses));
    description.nodes.push_back({node.name, std::move(address)});
  }
  for (const BundleInput& input : bundle.inputs) {
    description.inputs.push_back(input.port);
    auto& destinations = description.destinations.emplace_back();
    for (const Destination& to : input.destinations) {
      destinations.push_back({client_node_of(to.kernel, bundle), to.kernel, to.port});
    }
  }
  for (const BundleOutput& output : bundle.outputs) {
    description.outputs.push_back(output.port);
    description.output_nodes.push_back(client_node_of(output.kernel, bundle));
  }
  return description;
}

}  // namespace

Result<NodeConfig> configure_node(const Bundle& bundle, std::uint64_t epoch, const Engines& engines,
                                  const NodeAddresses& addresses, const std::string& software) {
  NodeConfig config;
  config.name = bundle.name;
  config.epoch = epoch;
  for (std::size_t i = 0; i < bundle.kernels.size(); ++i) {
    config.kernels.push_back({bundle.kernels[i].id, engines[i].get(), bundle.kernels[i].routes});
  }
  for (const BundlePeer& peer : bundle.peers) {
    if (peer.node == bundle.home) config.home_peer = config.peers.size();
    ALGEAN_ASSIGN(const std::string known, address_of(peer.node, peer.name, addresses));
    const std::string address = fmt::format("{}://{}", peer.transport, without_scheme(known));
    config.peers.push_back({peer.name, peer.kernels, address, bundle.node < peer.node, peer.mtu});
  }
  ALGEAN_ASSIGN(config.description, describe(bundle, addresses, software));
  return config;
}

Result<NodeOptions> node_options(const Bundle& bundle) {
  NodeOptions options;
  ALGEAN_ASSIGN(options.poll, parse_poll(bundle.poll));
  options.polling_threads = bundle.polling_threads;
  options.max_clients = bundle.max_clients;
  options.partial_timeout_ns = bundle.inference_deadline_ms * 1'000'000;
  return options;
}

Result<std::string> listen_address(const Bundle& bundle, bool loopback_only) {
  const bool says_scheme = bundle.listen.find("://") != std::string::npos;
  const auto is_tcp = [](const BundlePeer& peer) { return peer.transport == "tcp"; };
  const bool both = !says_scheme && std::ranges::any_of(bundle.peers, is_tcp);
  const std::string_view scheme = both ? "udp+tcp" : scheme_of(bundle.listen);
  ALGEAN_ASSIGN(const SocketAddress at, SocketAddress::parse(bundle.listen, scheme_of(bundle.listen)));
  if (loopback_only && !at.is_loopback()) {
    return bad_input("listen: {} is no loopback address, and this agent listens on loopback only", bundle.listen);
  }
  return fmt::format("{}://{}", scheme, at.text());
}

}  // namespace algean::cluster
