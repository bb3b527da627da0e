// Nearest up-sampling by whole numbers: every pixel `across` times, every line `down` times. A beat a cycle. C++14 for
// Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Config: in_type, in_h, in_w, pixel_beats, lanes, down, across.
template <class Config>
void repeat(stream<typename Config::in_type, Config::lanes>& in, stream<typename Config::in_type, Config::lanes>& out) {
  beat<typename Config::in_type, Config::lanes> line[Config::in_w * Config::pixel_beats];
rows:
  for (int y = 0; y < Config::in_h; ++y) {
  copies:
    for (int copy = 0; copy < Config::down; ++copy) {
    columns:
      for (int x = 0; x < Config::in_w; ++x) {
      again:
        for (int k = 0; k < Config::across; ++k) {
        beats:
          for (int b = 0; b < Config::pixel_beats; ++b) {
#pragma HLS PIPELINE II = 1
            const int at = x * Config::pixel_beats + b;
            if (copy == 0 && k == 0) line[at] = in.read();
            out.write(line[at]);
          }
        }
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
