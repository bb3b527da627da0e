// Nodes and links as values. No node is asked and no file read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

inline constexpr auto local_host = "local";
inline constexpr std::size_t max_node_name_characters = 64;

// Letters, digits, '_' and '-', first a letter or digit: also a folder's name, and half of a link's.
[[nodiscard]] bool is_node_name(std::string_view name);

struct TargetNode {
  std::string name;
  std::string host = local_host;       // or tcp://HOST:PORT, where its agent listens
  std::string listen = "127.0.0.1:0";  // data address HOST:PORT; port 0: any free one
  std::string poll = "auto";           // auto, spin, yield, block
  std::string cores;                   // "0", "0,2", "1-3"; empty: any
  std::optional<double> speed_gmacs;   // int8 multiply-accumulates a second / 1e9, above 0
  [[nodiscard]] bool is_local() const { return host == local_host; }
  bool operator==(const TargetNode&) const = default;
};

struct LinkProperties {
  std::string transport = "udp";         // udp, tcp
  std::optional<std::size_t> mtu;        // IP and UDP headers included
  std::optional<double> bandwidth_gbps;  // above 0
  std::optional<double> latency_us;      // at least 0
  bool operator==(const LinkProperties&) const = default;
};

// What is said of the link between two nodes, in place of the default.
struct TargetLink {
  std::size_t a = 0, b = 0;  // indices of nodes, a < b
  LinkProperties properties;
  bool operator==(const TargetLink&) const = default;
};

struct Limits {
  std::int64_t inference_deadline_ms = 2000;
  std::int64_t deploy_deadline_s = 60;
  std::optional<std::uint16_t> max_clients;    // else as many as memory allows, at most 64
  std::optional<std::uint16_t> max_in_flight;  // of one client; else as memory allows, at most 16
  bool operator==(const Limits&) const = default;
};

struct Target {
  std::vector<TargetNode> nodes;  // at least one; names are unique; greedy search fills them in this order
  LinkProperties default_link;
  std::vector<TargetLink> links;
  Limits limits;

  // The index of the node of that name.
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const;
  // Two different nodes.
  [[nodiscard]] const LinkProperties& link(std::size_t a, std::size_t b) const;
  // Bytes of the largest IP packet between two nodes: as declared; else 65535 within one host, where packets are never
  // cut, and Ethernet's 1500 between hosts.
  [[nodiscard]] std::size_t mtu(std::size_t a, std::size_t b) const;
  bool operator==(const Target&) const = default;
};

// One node of this host, named "local".
[[nodiscard]] Target local_target();

// GMAC/s of each node for planning: declared; else `measured` (of this host) for a local one; else, and where nothing
// was measured, the lowest speed that is known, and 1 if none is.
[[nodiscard]] std::vector<double> speeds_gmacs(const Target& target, std::optional<double> measured);

// Threads that poll on the host of each node, a local client's included.
[[nodiscard]] std::vector<unsigned> polling_threads(const std::vector<TargetNode>& nodes);

}  // namespace algean::partitioner
