// A whole tensor in another order: it is kept, and read as an index says. C++14 for Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// In: in_elements elements in beats of one. Out: out_elements, number i being in[index[i]], or `fill` where index[i] is
// -1. Config: in_type too. Takes in_elements + out_elements cycles.
template <class Config>
void move(stream<typename Config::in_type, 1>& in, stream<typename Config::in_type, 1>& out,
          const std::int32_t* index) {
  using T = typename Config::in_type;
  T kept[Config::in_elements];
read:
  for (int i = 0; i < Config::in_elements; ++i) {
#pragma HLS PIPELINE II = 1
    kept[i] = in.read().lane[0];
  }
write:
  for (int i = 0; i < Config::out_elements; ++i) {
#pragma HLS PIPELINE II = 1
    beat<T, 1> y;
    y.lane[0] = index[i] < 0 ? T(Config::fill) : kept[index[i]];
    out.write(y);
  }
}

}  // namespace hls
}  // namespace algean
