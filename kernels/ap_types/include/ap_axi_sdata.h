// AXI4-Stream beats with side channels. A clean-room subset in C++14 of what AMD UG1399 documents under these names.
#pragma once

#include <ap_fixed.h>
#include <ap_int.h>
#include <hls_stream.h>

namespace hls {

// Bits of a beat's data: of the types of ap_int.h and ap_fixed.h as declared, of C++'s own 8 a byte.
template <class T, class = void>
struct axis_bits {
  static constexpr int value = 8 * static_cast<int>(sizeof(T));
};
template <class T>
struct axis_bits<T, std::enable_if_t<(T::width > 0)>> {
  static constexpr int value = T::width;
};

// data, and for each of its bytes keep (it counts) and strb (it is data); last of a packet; user, id and dest of the
// given bits, of which a field of 0 bits has one that nothing is connected to.
template <class T, std::size_t USER = 0, std::size_t ID = 0, std::size_t DEST = 0>
struct axis {
  static constexpr int bytes = (axis_bits<T>::value + 7) / 8;
  static constexpr int user_bits = USER > 0 ? static_cast<int>(USER) : 1;
  static constexpr int id_bits = ID > 0 ? static_cast<int>(ID) : 1;
  static constexpr int dest_bits = DEST > 0 ? static_cast<int>(DEST) : 1;

  T data = T();
  ap_uint<bytes> keep;
  ap_uint<bytes> strb;
  ap_uint<user_bits> user;
  ap_uint<1> last;
  ap_uint<id_bits> id;
  ap_uint<dest_bits> dest;

  T get_data() const { return data; }
  void set_data(const T& value) { data = value; }
  ap_uint<bytes> get_keep() const { return keep; }
  void set_keep(const ap_uint<bytes>& value) { keep = value; }
  ap_uint<bytes> get_strb() const { return strb; }
  void set_strb(const ap_uint<bytes>& value) { strb = value; }
  ap_uint<user_bits> get_user() const { return user; }
  void set_user(const ap_uint<user_bits>& value) { user = value; }
  ap_uint<1> get_last() const { return last; }
  void set_last(const ap_uint<1>& value) { last = value; }
  ap_uint<id_bits> get_id() const { return id; }
  void set_id(const ap_uint<id_bits>& value) { id = value; }
  ap_uint<dest_bits> get_dest() const { return dest; }
  void set_dest(const ap_uint<dest_bits>& value) { dest = value; }
  void keep_all() {
    keep = ~ap_uint<bytes>(0);
    strb = ~ap_uint<bytes>(0);
  }
};

}  // namespace hls

template <int DATA, std::size_t USER = 0, std::size_t ID = 0, std::size_t DEST = 0>
using ap_axis = hls::axis<ap_int<DATA>, USER, ID, DEST>;
template <int DATA, std::size_t USER = 0, std::size_t ID = 0, std::size_t DEST = 0>
using ap_axiu = hls::axis<ap_uint<DATA>, USER, ID, DEST>;
