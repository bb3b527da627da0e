// What a node is sent: node.json, and beside it one graph file a kernel.
// Kernels have ids from 1 that are unique in the deployment; the client is kernel 0, whose ports are the deployment's
// outputs. Kernel ids fit the wire's 16 bits and ports its 8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/engine/engine.hpp"

namespace algean {

inline constexpr std::string_view bundle_file = "node.json";
inline constexpr int bundle_version = 1;
inline constexpr std::uint16_t client_kernel = 0;
inline constexpr std::uint8_t highest_port = 254;             // runtime/engine's max_ports - 1
inline constexpr std::uint16_t highest_client_slot = 0xfffe;  // 0xffff asks for any
inline constexpr std::int64_t lowest_mtu = 576;               // IPv4's (RFC 791: every host takes it)
inline constexpr std::int64_t highest_mtu = 65535;
inline constexpr std::int64_t highest_deadline_ms = 86'400'000;  // a day

struct Destination {
  std::uint16_t kernel = 0;
  std::uint8_t port = 0;
  auto operator<=>(const Destination&) const = default;
};

struct BundleKernel {
  std::uint16_t id = 0;
  std::string file;         // of its graph, in the bundle's folder
  std::string sha256;       // of that file: 64 hexadecimal digits
  std::uint64_t bytes = 0;  // of that file
  std::vector<std::string> layers;
  std::vector<std::string> taps;                 // values of its graph that it can report
  std::vector<std::vector<Destination>> routes;  // an output port of the kernel each; never empty
  bool operator==(const BundleKernel&) const = default;
};

// Another node that this one is linked with.
struct BundlePeer {
  std::uint16_t node = 0;
  std::string name;
  std::vector<std::uint16_t> kernels;
  std::string transport;  // "udp", "tcp"
  std::size_t mtu = 0;    // of the link, IP and UDP headers included
  bool operator==(const BundlePeer&) const = default;
};

// External tensors of the deployment, as the client sees them.
struct BundleInput {
  Port port;
  std::vector<Destination> destinations;  // kernels that take it, at least one
  bool operator==(const BundleInput&) const = default;
};
struct BundleOutput {
  Port port;
  std::uint16_t kernel = 0;  // that makes it
  bool operator==(const BundleOutput&) const = default;
};

struct BundleNode {
  std::uint16_t node = 0;
  std::string name;
  bool operator==(const BundleNode&) const = default;
};

struct KernelPlace {
  std::uint16_t kernel = 0;
  std::uint16_t node = 0;
  bool operator==(const KernelPlace&) const = default;
};

struct Bundle {
  std::string deployment;
  std::string network;
  std::uint16_t node = 0;  // index in the plan
  std::string name;
  std::string listen = "127.0.0.1:0";  // data address HOST:PORT, or tcp://HOST:PORT
  std::string poll = "auto";           // auto, spin, yield, block
  std::string cores;                   // "0", "0,2", "1-3"; empty: any
  unsigned polling_threads = 1;        // of the node's host, a local client's included
  std::uint16_t home = 0;              // the node that gives out client slots
  std::uint16_t max_clients = 1;
  std::uint16_t max_in_flight = 1;  // inferences a client
  std::int64_t inference_deadline_ms = 1000;
  std::vector<BundleKernel> kernels;
  std::vector<BundlePeer> peers;
  std::vector<BundleInput> inputs;
  std::vector<BundleOutput> outputs;
  std::vector<BundleNode>
      client_nodes;                 // those that take inputs or give outputs: a client attaches to them; home first
  std::vector<KernelPlace> places;  // every kernel of the deployment
  bool operator==(const Bundle&) const = default;
};

std::string to_text(const Bundle& bundle);
// Strict: unknown, doubled and missing keys and wrong types are errors with `where` (a file name), line and column;
// then check().
Result<Bundle> parse_bundle(std::string_view text, const std::string& where);
Result<Bundle> read_bundle(const std::filesystem::path& folder);

// Every rule between the parts of one bundle: ids and names unique, every kernel at one place, routes lead to kernels
// that this node or a peer holds, no input port is fed twice, outputs of the client come from where they are said to,
// home is the first of the client's nodes, ... bad_input names the part ("kernels[1].routes[0]").
Result<> check(const Bundle& bundle);

// 64 hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);
// Every graph file of the bundle lies in `folder` with the size and hash that the bundle says. bad_input otherwise.
Result<> check_files(const Bundle& bundle, const std::filesystem::path& folder);

}  // namespace algean
