// Where an inference's time goes: its longest way through client, links and kernels, from mean times of each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace algean::cluster {

// A tensor from kernel to kernel; kernel 0 is the client.
struct Hop {
  std::uint16_t from = 0;
  std::uint16_t to = 0;
};

struct KernelTime {
  std::uint16_t kernel = 0;
  std::string node;
  double queue_ns = 0;  // from the last piece of its inputs to the start
  double compute_ns = 0;
};

inline constexpr auto client_end = "client";  // of a WireTime, in place of a node's name

// Of one tensor, from its sending to its arrival.
struct WireTime {
  std::string from;
  std::string to;
  double ns = 0;
};

struct Step {
  enum class Kind : std::uint8_t { wire, queue, compute };
  Kind kind = Kind::wire;
  std::string node;          // of a wire, the one at its end; or client_end
  std::string from;          // of a wire, where it begins
  std::uint16_t kernel = 0;  // of queue and compute
  double ns = 0;
  bool on_way = true;  // false: something else takes longer, meanwhile
};

struct Way {
  std::vector<Step> steps;  // those on the way in order, then the others
  double ns = 0;            // of those on the way
};

// The hops lead from the client through all kernels back to it, without a cycle between kernels; hops that go on within
// a node, or over a wire that is not listed, take no time. Each wire is listed once, however often the way goes over
// it.
Way longest_way(std::span<const KernelTime> kernels, std::span<const WireTime> wires, std::span<const Hop> hops);

}  // namespace algean::cluster
