#include "runtime/router/routes.hpp"

#include <algorithm>

namespace algean {

Result<> KernelMap::put_here(std::uint16_t kernel, std::size_t index) { return put(kernel, {Where::here, index}); }

Result<> KernelMap::put_at_peer(std::uint16_t kernel, std::size_t peer) { return put(kernel, {Where::peer, peer}); }

Result<> KernelMap::put(std::uint16_t kernel, Place place) {
  if (kernel == wire::client_kernel) return bad_input("kernel {} is the client", kernel);
  if (places_.size() <= kernel) places_.resize(std::size_t{kernel} + 1);
  if (places_[kernel].where != Where::nowhere) return bad_input("kernel {} is there twice", kernel);
  places_[kernel] = place;
  return {};
}

Result<WaysOut> find_ways(const KernelMap& map, std::span<const std::vector<Destination>> routes,
                          std::span<const std::span<const std::byte>> outputs) {
  if (routes.size() != outputs.size()) return bad_input("{} routes of {} outputs", routes.size(), outputs.size());
  WaysOut ways;
  for (std::size_t output = 0; output < routes.size(); ++output) {
    for (const Destination& to : routes[output]) {
      const wire::Shipment shipment{to.kernel, to.port, static_cast<std::uint8_t>(output), outputs[output]};
      if (to.kernel == wire::client_kernel) {
        ways.client.push_back(shipment);
      } else if (const auto here = map.here(to.kernel)) {
        ways.here.push_back({*here, to.port, outputs[output]});
      } else if (const auto peer = map.at_peer(to.kernel)) {
        auto way = std::ranges::find(ways.peers, *peer, &WaysOut::Peer::peer);
        if (way == ways.peers.end()) way = ways.peers.insert(way, {*peer, {}});
        way->shipments.push_back(shipment);
      } else {
        return bad_input("output {} goes to kernel {}, which is nowhere", output, to.kernel);
      }
    }
  }
  return ways;
}

}  // namespace algean
