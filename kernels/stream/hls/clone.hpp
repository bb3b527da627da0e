// One stream for several readers. A beat a cycle.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Config: in_type, lanes, beats (of one inference).
template <class Config, class... Streams>
void clone(stream<typename Config::in_type, Config::lanes>& in, Streams&... out) {
copy:
  for (int i = 0; i < Config::beats; ++i) {
#pragma HLS PIPELINE II = 1
    const beat<typename Config::in_type, Config::lanes> value = in.read();
    const int written[] = {(out.write(value), 0)...};
    (void)written;
  }
}

}  // namespace hls
}  // namespace algean
