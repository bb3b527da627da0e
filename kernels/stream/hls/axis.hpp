// Between beats and off-chip AXI4-Stream: element e of a beat is byte e of TDATA (4 bytes each for 32-bit elements),
// TKEEP marks the bytes of elements, TLAST the tensor's last beat; TUSER, TID and TDEST are the sender's.
#pragma once

#include <ap_axi_sdata.h>

#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

constexpr int user_bits = 8;
constexpr int id_bits = 8;
constexpr int dest_bits = 16;

template <class T, int LANES>
using packet = ap_axiu<8 * static_cast<int>(sizeof(T)) * LANES, user_bits, id_bits, dest_bits>;
template <class T, int LANES>
using packets = ::hls::stream<packet<T, LANES>>;

// Config: in_type, lanes, beats (of one inference). What is behind TKEEP counts as 0.
template <class Config>
void unpack(packets<typename Config::in_type, Config::lanes>& in,
            stream<typename Config::in_type, Config::lanes>& out) {
  using T = typename Config::in_type;
  constexpr int bits = 8 * static_cast<int>(sizeof(T));
take:
  for (int i = 0; i < Config::beats; ++i) {
#pragma HLS PIPELINE II = 1
    const packet<T, Config::lanes> from = in.read();
    beat<T, Config::lanes> to;
    for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
      const T value = static_cast<T>(from.data.range(bits * e + bits - 1, bits * e).to_uint());
      to.lane[e] = from.keep[static_cast<int>(sizeof(T)) * e] ? value : T(0);
    }
    out.write(to);
  }
}

// Config: in_type, lanes, rows, elements (of a row), and user, id and dest of all packets.
template <class Config>
void pack(stream<typename Config::in_type, Config::lanes>& in, packets<typename Config::in_type, Config::lanes>& out) {
  using T = typename Config::in_type;
  constexpr int bytes = static_cast<int>(sizeof(T));
  constexpr int beats = beats_of(Config::elements, Config::lanes);
rows:
  for (int row = 0; row < Config::rows; ++row) {
  beats:
    for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
      const beat<T, Config::lanes> from = in.read();
      packet<T, Config::lanes> to;
      to.keep = 0;
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        to.data.range(8 * bytes * (e + 1) - 1, 8 * bytes * e) = static_cast<std::uint32_t>(from.lane[e]);
        for (int b = 0; b < bytes; ++b) to.keep[bytes * e + b] = i * Config::lanes + e < Config::elements;
      }
      to.strb = to.keep;
      to.last = row == Config::rows - 1 && i == beats - 1;
      to.user = Config::user;
      to.id = Config::id;
      to.dest = Config::dest;
      out.write(to);
    }
  }
}

}  // namespace hls
}  // namespace algean
