#include "runtime/node/counts.hpp"

namespace algean {

std::string_view to_text(LinkState state) {
  switch (state) {
    case LinkState::waiting:
      return "waiting";
    case LinkState::up:
      return "up";
    case LinkState::down:
      return "down";
  }
  return "unknown";
}

NodeCounts NodeCounters::counts() const {
  NodeCounts counts{datagrams.value(), inferences.value(), attached.value(),     freed.value(),
                    errors.value(),    evicted.value(),    lost_replies.value(), {}};
  for (std::size_t i = 0; i < wire::drop_count; ++i) counts.dropped[i] = dropped[i].value();
  return counts;
}

}  // namespace algean
