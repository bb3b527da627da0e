// Functions of one element as tables of 256 codes: a beat a cycle. C++14 for Vitis HLS.
#pragma once

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Config: in_type, out_type (one byte each), rows, elements (of a row), lanes, lowest (of the input's codes).
template <class Config>
void table(stream<typename Config::in_type, Config::lanes>& in, stream<typename Config::out_type, Config::lanes>& out,
           const typename Config::out_type* entries) {
  using T = typename Config::out_type;
rows:
  for (int row = 0; row < Config::rows; ++row) {
  beats:
    for (int at = 0; at < Config::elements; at += Config::lanes) {
#pragma HLS PIPELINE II = 1
      const beat<typename Config::in_type, Config::lanes> x = in.read();
      beat<T, Config::lanes> y;
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        y.lane[e] = at + e < Config::elements ? entries[x.lane[e] - Config::lowest] : T(0);
      }
      out.write(y);
    }
  }
}

// A table for each place: entries[index][x + 128], index[period][lanes] of beats, over and over. Config further:
// period.
template <class Config>
void table_by_place(stream<std::int8_t, Config::lanes>& in, stream<std::int8_t, Config::lanes>& out,
                    const std::int8_t entries[][256], const std::uint16_t index[][Config::lanes]) {
#pragma HLS ARRAY_RESHAPE variable = index complete dim = 2
  int place = 0;
rows:
  for (int row = 0; row < Config::rows; ++row) {
  beats:
    for (int at = 0; at < Config::elements; at += Config::lanes) {
#pragma HLS PIPELINE II = 1
      const beat<std::int8_t, Config::lanes> x = in.read();
      beat<std::int8_t, Config::lanes> y;
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        y.lane[e] = at + e < Config::elements ? entries[index[place][e]][x.lane[e] + 128] : std::int8_t(0);
      }
      place = place == Config::period - 1 ? 0 : place + 1;
      out.write(y);
    }
  }
}

}  // namespace hls
}  // namespace algean
