#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <set>

#include "runtime/bundle/bundle.hpp"
#include "runtime/engine/description.hpp"

namespace algean {
namespace {

using Kernels = std::map<std::uint16_t, std::uint16_t>;  // node by kernel

Result<Kernels> check_places(const Bundle& bundle) {
  Kernels kernels;
  if (bundle.places.empty()) return bad_input("places: there is no kernel");
  for (const KernelPlace& place : bundle.places) {
    if (place.kernel == client_kernel) return bad_input("places: kernel 0 is the client");
    if (!kernels.emplace(place.kernel, place.node).second) {
      return bad_input("places: kernel {} has two", place.kernel);
    }
  }
  return kernels;
}

std::set<std::uint16_t> kernels_of(std::uint16_t node, const Kernels& kernels) {
  std::set<std::uint16_t> result;
  for (const auto& [kernel, place] : kernels) {
    if (place == node) result.insert(kernel);
  }
  return result;
}

bool is_address(std::string_view text) {
  for (const std::string_view scheme : {"udp://", "tcp://"}) {
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = text.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size();
}

Result<> check_node(const Bundle& bundle) {
  if (!is_address(bundle.listen)) return bad_input("listen: '{}' is no HOST:PORT", bundle.listen);
  const auto is_core_character = [](char c) { return (c >= '0' && c <= '9') || c == ',' || c == '-'; };
  if (!std::ranges::all_of(bundle.cores, is_core_character)) {
    return bad_input("cores: '{}' are no numbers of cores, as in 0,2 or 1-3", bundle.cores);
  }
  return {};
}

const BundlePeer* find_peer(const Bundle& bundle, std::uint16_t node) {
  const auto found = std::ranges::find(bundle.peers, node, &BundlePeer::node);
  return found == bundle.peers.end() ? nullptr : &*found;
}

Result<> check_peers(const Bundle& bundle, const Kernels& kernels) {
  std::set<std::uint16_t> nodes = {bundle.node};
  std::set<std::string_view> names = {bundle.name};
  for (std::size_t i = 0; i < bundle.peers.size(); ++i) {
    const BundlePeer& peer = bundle.peers[i];
    if (!nodes.insert(peer.node).second) return bad_input("peers[{}]: node {} is there already", i, peer.node);
    if (!names.insert(peer.name).second) return bad_input("peers[{}]: the name '{}' is taken", i, peer.name);
    const std::set<std::uint16_t> held(peer.kernels.begin(), peer.kernels.end());
    if (held.size() != peer.kernels.size() || held.empty() || held != kernels_of(peer.node, kernels)) {
      return bad_input("peers[{}]: its kernels are not those that places puts on node {}", i, peer.node);
    }
  }
  if (!nodes.contains(bundle.home)) return bad_input("home: node {} is neither this node nor a peer", bundle.home);
  return {};
}

Result<> check_route(const Bundle& bundle, const Kernels& kernels, std::uint16_t from, const Destination& to) {
  if (to.kernel == client_kernel) {
    if (to.port >= bundle.outputs.size()) return bad_input("output {} of {}", to.port, bundle.outputs.size());
    if (bundle.outputs[to.port].kernel == from) return {};
    return bad_input("leads to output {}, which kernel {} makes", to.port, bundle.outputs[to.port].kernel);
  }
  const auto place = kernels.find(to.kernel);
  if (place == kernels.end()) return bad_input("kernel {} has no place", to.kernel);
  if (to.kernel == from) return bad_input("leads back to its own kernel");
  if (place->second == bundle.node || find_peer(bundle, place->second) != nullptr) return {};
  return bad_input("kernel {} is on node {}, which is no peer", to.kernel, place->second);
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name != bundle_file &&
         name.find('/') == std::string_view::npos;
}

bool is_sha256(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, is_digit);
}

Result<> check_kernel(const Bundle& bundle, const Kernels& kernels, const BundleKernel& kernel) {
  if (!is_file_name(kernel.file)) return bad_input("file: '{}' is no plain file name", kernel.file);
  if (!is_sha256(kernel.sha256)) return bad_input("sha256: '{}' is not 64 hexadecimal digits", kernel.sha256);
  if (std::set<std::string_view>(kernel.taps.begin(), kernel.taps.end()).size() != kernel.taps.size()) {
    return bad_input("taps: a value is there twice");
  }
  if (kernel.routes.empty()) return bad_input("routes: it has no output");
  if (kernel.routes.size() > max_ports) return bad_input("routes: {}, at most {}", kernel.routes.size(), max_ports);
  for (std::size_t port = 0; port < kernel.routes.size(); ++port) {
    if (kernel.routes[port].empty()) return bad_input("routes[{}]: leads nowhere", port);
    for (const Destination& to : kernel.routes[port]) {
      if (auto good = check_route(bundle, kernels, kernel.id, to); !good) {
        return std::unexpected(good.error().within(fmt::format("routes[{}]", port)));
      }
    }
  }
  return {};
}

Result<> check_kernels(const Bundle& bundle, const Kernels& kernels) {
  std::set<std::uint16_t> ids;
  std::set<std::string_view> files;
  std::set<std::string_view> layers;
  for (std::size_t i = 0; i < bundle.kernels.size(); ++i) {
    const BundleKernel& kernel = bundle.kernels[i];
    if (!ids.insert(kernel.id).second) return bad_input("kernels[{}]: a second kernel {}", i, kernel.id);
    if (!files.insert(kernel.file).second) return bad_input("kernels[{}]: a second file '{}'", i, kernel.file);
    for (const std::string& layer : kernel.layers) {
      if (!layers.insert(layer).second) return bad_input("kernels[{}]: layer '{}' is there already", i, layer);
    }
    if (auto good = check_kernel(bundle, kernels, kernel); !good) {
      return std::unexpected(good.error().within(fmt::format("kernels[{}]", i)));
    }
  }
  if (ids.empty() || ids != kernels_of(bundle.node, kernels)) {
    return bad_input("kernels: they are not those that places puts on node {}", bundle.node);
  }
  return {};
}

Result<> check_external(const Bundle& bundle, const Kernels& kernels) {
  std::vector<Port> ports;
  for (std::size_t i = 0; i < bundle.inputs.size(); ++i) {
    ports.push_back(bundle.inputs[i].port);
    if (bundle.inputs[i].destinations.empty()) return bad_input("inputs[{}]: no kernel takes it", i);
    for (const Destination& to : bundle.inputs[i].destinations) {
      if (!kernels.contains(to.kernel)) return bad_input("inputs[{}]: kernel {} has no place", i, to.kernel);
    }
  }
  ALGEAN_TRY(check_ports("input", ports));
  ports.clear();
  for (std::size_t i = 0; i < bundle.outputs.size(); ++i) {
    const std::uint16_t kernel = bundle.outputs[i].kernel;
    ports.push_back(bundle.outputs[i].port);
    if (!kernels.contains(kernel)) return bad_input("outputs[{}]: kernel {} has no place", i, kernel);
  }
  return check_ports("output", ports);
}

// An input port of a kernel, and an output of the client, is fed from one place.
Result<> check_fed_once(const Bundle& bundle) {
  std::set<Destination> fed;
  const auto feed = [&](const Destination& to) -> Result<> {
    if (fed.insert(to).second) return {};
    if (to.kernel == client_kernel) return bad_input("output {} is made twice", to.port);
    return bad_input("port {} of kernel {} is fed twice", to.port, to.kernel);
  };
  for (const BundleInput& input : bundle.inputs) {
    for (const Destination& to : input.destinations) ALGEAN_TRY(feed(to));
  }
  std::set<std::uint16_t> local;
  for (const BundleKernel& kernel : bundle.kernels) {
    local.insert(kernel.id);
    for (const auto& route : kernel.routes) {
      for (const Destination& to : route) ALGEAN_TRY(feed(to));
    }
  }
  for (std::size_t i = 0; i < bundle.outputs.size(); ++i) {
    const Destination client{client_kernel, static_cast<std::uint8_t>(i)};
    if (!local.contains(bundle.outputs[i].kernel) || fed.contains(client)) continue;
    return bad_input("outputs[{}]: kernel {} has no route to it", i, bundle.outputs[i].kernel);
  }
  return {};
}

Result<> check_client_nodes(const Bundle& bundle, const Kernels& kernels) {
  std::set<std::uint16_t> wanted;
  for (const BundleInput& input : bundle.inputs) {
    for (const Destination& to : input.destinations) wanted.insert(kernels.at(to.kernel));
  }
  if (!wanted.contains(bundle.home)) return bad_input("home: node {} takes no input", bundle.home);
  for (const BundleOutput& output : bundle.outputs) wanted.insert(kernels.at(output.kernel));
  std::set<std::uint16_t> found;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < bundle.client_nodes.size(); ++i) {
    const auto& [node, name] = bundle.client_nodes[i];
    if (!found.insert(node).second) return bad_input("client_nodes[{}]: a second node {}", i, node);
    if (!names.insert(name).second) return bad_input("client_nodes[{}]: a second node '{}'", i, name);
    const BundlePeer* peer = find_peer(bundle, node);
    const std::string* known = node == bundle.node ? &bundle.name : peer != nullptr ? &peer->name : nullptr;
    if (known != nullptr && *known != name) {
      return bad_input("client_nodes[{}]: '{}' is '{}' elsewhere", i, name, *known);
    }
  }
  if (found != wanted) return bad_input("client_nodes: they are not those that take inputs or give outputs");
  if (bundle.client_nodes.front().node != bundle.home) return bad_input("client_nodes: the first is not home");
  return {};
}

}  // namespace

Result<> check(const Bundle& bundle) {
  ALGEAN_ASSIGN(const Kernels kernels, check_places(bundle));
  ALGEAN_TRY(check_node(bundle));
  ALGEAN_TRY(check_peers(bundle, kernels));
  ALGEAN_TRY(check_external(bundle, kernels));
  ALGEAN_TRY(check_kernels(bundle, kernels));
  ALGEAN_TRY(check_fed_once(bundle));
  return check_client_nodes(bundle, kernels);
}

}  // namespace algean
