// What nodes measured of traced inferences.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cluster/control/message.hpp"
#include "cluster/inspect/way.hpp"

namespace algean::cluster {

struct TraceSum {
  std::uint64_t count = 0;
  std::int64_t ns = 0;
};
// Of two looks at the same sum; none where it began anew meanwhile.
[[nodiscard]] TraceSum difference(const TraceSum& earlier, const TraceSum& later);

// Of one node, since it was started; or between two looks.
struct NodeSums {
  struct Kernel {
    std::uint16_t id = 0;
    TraceSum queue;
    TraceSum compute;
  };
  std::string node;
  std::vector<Kernel> kernels;
  std::map<std::string, TraceSum> wires;  // of messages that came to it, by the node that sent them; or client_end
};

[[nodiscard]] NodeSums sums_of(const control::PartStatus& part);
// Of the same node; what it has lost meanwhile counts as nothing.
[[nodiscard]] NodeSums difference(const NodeSums& earlier, const NodeSums& later);

struct MeanTimes {
  std::vector<KernelTime> kernels;
  std::vector<WireTime> wires;
};

// `to_client`: by node. A wire whose messages took longer, on average, than most_ns is left out: its two ends go by
// clocks that are not the same.
[[nodiscard]] MeanTimes mean_times(std::span<const NodeSums> nodes, const std::map<std::string, TraceSum>& to_client,
                                   double most_ns);

}  // namespace algean::cluster
