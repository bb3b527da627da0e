// Where kernels are, as one node sees it, and where what they make goes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/bundle/bundle.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

// Kernel id -> a kernel of this node, or the peer that has it.
class KernelMap {
 public:
  // bad_input when the kernel is known already, or is the client.
  Result<> put_here(std::uint16_t kernel, std::size_t index);
  Result<> put_at_peer(std::uint16_t kernel, std::size_t peer);
  [[nodiscard]] std::optional<std::size_t> here(std::uint16_t kernel) const { return find(kernel, Where::here); }
  [[nodiscard]] std::optional<std::size_t> at_peer(std::uint16_t kernel) const { return find(kernel, Where::peer); }

 private:
  enum class Where : std::uint8_t { nowhere, here, peer };
  struct Place {
    Where where = Where::nowhere;
    std::size_t index = 0;
  };
  Result<> put(std::uint16_t kernel, Place place);
  [[nodiscard]] std::optional<std::size_t> find(std::uint16_t kernel, Where where) const {
    if (kernel >= places_.size() || places_[kernel].where != where) return std::nullopt;
    return places_[kernel].index;
  }

  std::vector<Place> places_;  // by kernel id
};

// What one kernel's outputs are sent as: the shipments of each way out. Made once; the outputs' storage stays where it
// is.
struct WaysOut {
  struct Local {
    std::size_t kernel;  // index here
    std::uint8_t port;
    std::span<const std::byte> bytes;
  };
  struct Peer {
    std::size_t peer;
    std::vector<wire::Shipment> shipments;
  };
  std::vector<Local> here;
  std::vector<Peer> peers;
  std::vector<wire::Shipment> client;
};

// `routes[i]` says where output i, which lies at outputs[i] in wire form, goes. bad_input for a kernel that is nowhere,
// or when there are more or fewer routes than outputs.
Result<WaysOut> find_ways(const KernelMap& map, std::span<const std::vector<Destination>> routes,
                          std::span<const std::span<const std::byte>> outputs);

}  // namespace algean
