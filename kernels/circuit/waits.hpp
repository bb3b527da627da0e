// Who waits for whom: how much the channels between layers must hold so that paths that part and meet again neither
// block each other for ever nor slow each other down.
//
// Progress of a node is the fraction of an inference's output that it has given, counted on over inferences. A channel
// from u to v: v gives its output up to x only once u has given up to x + lag; u can be ahead of what v has given by
// lag (which v takes in) + capacity. A state in which nothing moves is a ring of nodes, each waiting for the next,
// either for input (next < own + lag) or for room (next <= own - lag - capacity). Summed around the ring that is
// impossible unless the lags of the first kind exceed the lags and capacities of the second: a ring of negative length.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"

namespace algean::kernels {

struct Channel {
  std::size_t from = 0;  // nodes
  std::size_t to = 0;
  double lag = 0;       // fraction of an inference that `to` takes in before it gives its first output
  double capacity = 0;  // fraction of an inference that fits between them
};

// failed names the nodes of a ring that can block ("'split', 'conv', 'add'"). Conservative: what passes cannot block,
// by the argument above; what fails may.
Result<> check_no_deadlock(std::span<const std::string> nodes, std::span<const Channel> channels);

// One layer's part in that, and in time.
struct LayerTiming {
  double lag = 0;    // as above
  double delay = 0;  // cycles from its first input beat to its first output beat, at the network's pace
};

// `interval`: cycles of an inference of the whole network.
LayerTiming timing_of(const Cycles& cycles, const Stream& input, const Stream& output, std::int64_t interval);

struct Schedule {
  // For each value and each of its readers (in the order of Graph::consumers), how many beats a FIFO in front of that
  // reader must hold: 0 where nothing waits.
  std::vector<std::vector<std::int64_t>> waiting_beats;
  // When the last beat of an inference leaves at the latest, in cycles from its first.
  std::int64_t longest = 0;
};
// The graph's value v travels as streams[v]; timings are by layer.
Schedule schedule(const Graph& graph, std::span<const Stream> streams, std::span<const LayerTiming> timings,
                  std::int64_t interval);

}  // namespace algean::kernels
