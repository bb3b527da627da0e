// Where a node's results and failures go: to clients, to other nodes, home.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

#include "runtime/node/client_slots.hpp"
#include "runtime/node/peer_links.hpp"
#include "runtime/node/shared.hpp"

namespace algean {

// An inference on all nodes.
struct InferenceKey {
  std::uint16_t client_slot = 0;
  std::uint32_t inference_id = 0;
};

class Dispatch {
 public:
  Dispatch(NodeShared& shared, ClientSlots& slots, PeerLinks& links) : shared_(shared), slots_(slots), links_(links) {}

  // Tensors to another node or the client. What cannot be sent fails the inference by name.
  void to_peer(std::size_t peer, const wire::MessageHeader& common, std::span<const wire::Shipment> shipments);
  void to_client(const wire::MessageHeader& common, std::span<const wire::Shipment> shipments);

  // An inference failed here: the client is told, over home where it is not attached to this node.
  template <class... Args>
  void fail(InferenceKey which, wire::ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
    shared_.counters.errors.add();
    tell(which, code, shared_.prefix() + fmt::format(text, std::forward<Args>(args)...));
  }
  // An error frame of another node: passed on to the client, or to all.
  void pass_on(const wire::Message& message);
  // A node is lost, and with it all that is in flight: everybody is told.
  void lose_node(std::size_t peer, std::string_view why);

 private:
  void tell(InferenceKey which, wire::ErrorCode code, std::string_view text);
  void tell_client(ClientSlot& slot, std::uint32_t inference_id, wire::ErrorCode code, std::string_view text);
  void tell_all_clients(wire::ErrorCode code, std::string_view text);
  // The link with home, when there is one and it is up.
  PeerLink* home();
  [[nodiscard]] wire::MessageHeader header(InferenceKey which) const;

  NodeShared& shared_;
  ClientSlots& slots_;
  PeerLinks& links_;
};

}  // namespace algean
