// Several streams as one, and one as several, in runs of whole beats. A beat a cycle. C++14 for Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// `count` beats from `in`, by table `entries` where it is there.
template <class T, int LANES>
void move_run(stream<T, LANES>& in, stream<T, LANES>& out, int count, const T* entries) {
run:
  for (int i = 0; i < count; ++i) {
#pragma HLS PIPELINE II = 1
    const beat<T, LANES> x = in.read();
    beat<T, LANES> y;
    for (int e = 0; e < LANES; ++e) {
#pragma HLS UNROLL
      y.lane[e] = entries == nullptr ? x.lane[e] : entries[static_cast<int>(x.lane[e]) + 128];
    }
    out.write(y);
  }
}

// Config: in_type, lanes, rounds (how often the inputs take turns), has_tables. beats: of each input in a round. All
// lanes of all beats hold elements where there are tables. tables[input][x + 128], or nothing of interest.
template <class Config, class... Streams>
void concat(stream<typename Config::in_type, Config::lanes>& out, const std::int32_t* beats,
            const typename Config::in_type tables[][256], Streams&... in) {
rounds:
  for (int round = 0; round < Config::rounds; ++round) {
    int input = 0;
    const int done[] = {(move_run(in, out, beats[input], Config::has_tables ? tables[input] : nullptr), ++input)...};
    (void)done;
  }
}

// The other way.
template <class Config, class... Streams>
void split(stream<typename Config::in_type, Config::lanes>& in, const std::int32_t* beats, Streams&... out) {
  using T = typename Config::in_type;
rounds:
  for (int round = 0; round < Config::rounds; ++round) {
    int output = 0;
    const int done[] = {(move_run(in, out, beats[output], static_cast<const T*>(nullptr)), ++output)...};
    (void)done;
  }
}

}  // namespace hls
}  // namespace algean
