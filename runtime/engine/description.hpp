// What a node tells a client that attaches. Bytes: runtime/wire/FORMAT.md, "The description of an attach reply".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/engine/engine.hpp"
#include "runtime/wire/fields.hpp"

namespace algean {

// A node that clients attach to.
struct DescribedNode {
  std::string name;
  std::string address;  // empty: the one that was dialled
  bool operator==(const DescribedNode&) const = default;
};

// Where an external input goes.
struct InputDestination {
  std::uint16_t node = 0;  // index into Description::nodes
  std::uint16_t kernel = wire::node_kernel;
  std::uint8_t port = 0;
  bool operator==(const InputDestination&) const = default;
};

struct Description {
  std::string deployment;
  std::string node_version;
  std::uint16_t max_in_flight = 1;         // inferences that a client may have begun, on all nodes
  std::uint32_t idle_timeout_ms = 0;       // silence after which the client's slot may be freed
  std::uint32_t receive_window_bytes = 0;  // datagrams that may lie unread at the node before some are lost
  std::uint16_t polling_threads = 2;       // on home's host, one client included: what Poll::automatic counts
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<DescribedNode> nodes;                         // those that take inputs or give outputs, home first
  std::vector<std::vector<InputDestination>> destinations;  // by input, at least one each
  std::vector<std::uint16_t> output_nodes;                  // by output: index of the node that sends it
  bool operator==(const Description&) const = default;
};

inline constexpr std::size_t max_ports = 255;                          // in one direction
inline constexpr std::size_t max_tensor_bytes = std::size_t{1} << 30;  // of one port, in memory
inline constexpr std::size_t max_nodes = 4096;
inline constexpr std::size_t max_description_bytes = std::size_t{1} << 20;

// Whether these ports can be described and served: at most max_ports, named apart, tensors of at most max_tensor_bytes,
// quantised per tensor, float32 form only where there is a quantisation or the type is float32. `direction` ("input")
// is for the message.
Result<> check_ports(std::string_view direction, std::span<const Port> ports);

// Of a deployment of one node with one kernel; limits are left to the caller.
Description describe_one_node(std::string deployment, std::string node_version, const Engine& engine);

// Whether nodes, destinations and output_nodes fit the ports and each other.
Result<> check_places(const Description& description);

// `description` passes check_ports and check_places; strings are cut to 65535 bytes.
std::vector<std::byte> encode(const Description& description);
// bad_input with the byte where the rule is broken.
Result<Description> decode_description(std::span<const std::byte> bytes);

}  // namespace algean
