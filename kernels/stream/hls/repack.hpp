// Other lanes or other rows, the elements in their order. One beat in and one out a cycle at most.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Config: in_type, rows (of the input), in_elements, in_lanes, out_elements, out_lanes; rows * in_elements is a
// multiple of out_elements.
template <class Config>
void repack(stream<typename Config::in_type, Config::in_lanes>& in,
            stream<typename Config::in_type, Config::out_lanes>& out) {
  using T = typename Config::in_type;
  constexpr int held_lanes = Config::in_lanes + Config::out_lanes;
  constexpr long elements = static_cast<long>(Config::rows) * Config::in_elements;
  static_assert(elements % Config::out_elements == 0, "repack: the rows of the output do not hold the input");
  T held[held_lanes] = {};  // the oldest first
#pragma HLS ARRAY_PARTITION variable = held complete
  int count = 0;                        // of held elements
  int in_left = Config::in_elements;    // of the row that is read
  int out_left = Config::out_elements;  // of the row that is written
  long left = elements;                 // not yet written
convert:
  while (left > 0) {
#pragma HLS PIPELINE II = 1
    const int wanted = smaller(Config::out_lanes, out_left);
    if (count < wanted) {
      const beat<T, Config::in_lanes> value = in.read();
      for (int i = 0; i < Config::in_lanes; ++i) {
#pragma HLS UNROLL
        held[count + i] = value.lane[i];
      }
      const int taken = smaller(Config::in_lanes, in_left);
      count += taken;
      in_left = in_left == taken ? Config::in_elements : in_left - taken;
    }
    if (count >= wanted) {
      beat<T, Config::out_lanes> value;
      for (int i = 0; i < Config::out_lanes; ++i) {
#pragma HLS UNROLL
        value.lane[i] = i < wanted ? held[i] : T(0);
      }
      out.write(value);
      for (int i = 0; i < held_lanes; ++i) {
#pragma HLS UNROLL
        held[i] = i + wanted < held_lanes ? held[i + wanted] : T(0);
      }
      count -= wanted;
      left -= wanted;
      out_left = out_left == wanted ? Config::out_elements : out_left - wanted;
    }
  }
}

}  // namespace hls
}  // namespace algean
