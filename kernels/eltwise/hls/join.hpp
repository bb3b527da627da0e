// Two operands, element by element: a beat a cycle. C++14 for Vitis HLS.
#pragma once

#include "kernels/numeric/joint.hpp"
#include "kernels/requantise/hls/requantise.hpp"
#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Rules: a code from two, of a Config with zero_a, zero_b, zero, low, high and what the rule names. Table a, b: what
// becomes of the operands' codes first (largest, smallest; others do not read them).
struct scaled_sum {  // m0, m1, shift (kernels/numeric/joint.hpp)
  template <class Config>
  static std::int32_t apply(std::int32_t a, std::int32_t b, const std::int8_t*, const std::int8_t*) {
#pragma HLS INLINE
    return kernels::joint::requantise((a - Config::zero_a) * Config::m0 + (b - Config::zero_b) * Config::m1,
                                      Config::shift, Config::zero, Config::low, Config::high);
  }
};
struct scaled_product {  // m0, shift
  template <class Config>
  static std::int32_t apply(std::int32_t a, std::int32_t b, const std::int8_t*, const std::int8_t*) {
#pragma HLS INLINE
    return kernels::joint::requantise((a - Config::zero_a) * (b - Config::zero_b) * Config::m0, Config::shift,
                                      Config::zero, Config::low, Config::high);
  }
};
struct tflite_sum {  // m0, m1, m2 and shift0, shift1, shift2: operands and sum; difference: 1 takes b away
  template <class Config>
  static std::int32_t apply(std::int32_t a, std::int32_t b, const std::int8_t*, const std::int8_t*) {
#pragma HLS INLINE
    const std::int32_t left = kernels::tflite::mbqm((a - Config::zero_a) * (1 << 20), Config::m0, Config::shift0);
    const std::int32_t right = kernels::tflite::mbqm((b - Config::zero_b) * (1 << 20), Config::m1, Config::shift1);
    const std::int32_t sum = Config::difference ? left - right : left + right;
    return clamped(static_cast<std::int64_t>(Config::zero) + kernels::tflite::mbqm(sum, Config::m2, Config::shift2),
                   Config::low, Config::high);
  }
};
struct tflite_product {  // m0, shift0
  template <class Config>
  static std::int32_t apply(std::int32_t a, std::int32_t b, const std::int8_t*, const std::int8_t*) {
#pragma HLS INLINE
    const std::int32_t product = (a - Config::zero_a) * (b - Config::zero_b);
    return clamped(static_cast<std::int64_t>(Config::zero) + kernels::tflite::mbqm(product, Config::m0, Config::shift0),
                   Config::low, Config::high);
  }
};
struct largest_of {
  template <class Config>
  static std::int32_t apply(std::int32_t a, std::int32_t b, const std::int8_t* table_a, const std::int8_t* table_b) {
#pragma HLS INLINE
    const std::int32_t left = table_a[a + 128], right = table_b[b + 128];
    return left > right ? left : right;
  }
};
struct smallest_of {
  template <class Config>
  static std::int32_t apply(std::int32_t a, std::int32_t b, const std::int8_t* table_a, const std::int8_t* table_b) {
#pragma HLS INLINE
    const std::int32_t left = table_a[a + 128], right = table_b[b + 128];
    return left < right ? left : right;
  }
};

// One beat of results; lanes that hold no element are 0.
template <class Config>
beat<std::int8_t, Config::lanes> joined(const beat<std::int8_t, Config::lanes>& a,
                                        const beat<std::int8_t, Config::lanes>& b, int first,
                                        const std::int8_t* table_a, const std::int8_t* table_b) {
#pragma HLS INLINE
  beat<std::int8_t, Config::lanes> y;
  for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
    y.lane[e] =
        first + e < Config::elements
            ? static_cast<std::int8_t>(Config::rule::template apply<Config>(a.lane[e], b.lane[e], table_a, table_b))
            : std::int8_t(0);
  }
  return y;
}

// Config: rule, rows, elements (of a row), lanes.
template <class Config>
void join(stream<std::int8_t, Config::lanes>& a, stream<std::int8_t, Config::lanes>& b,
          stream<std::int8_t, Config::lanes>& out, const std::int8_t* table_a, const std::int8_t* table_b) {
rows:
  for (int row = 0; row < Config::rows; ++row) {
  beats:
    for (int at = 0; at < Config::elements; at += Config::lanes) {
#pragma HLS PIPELINE II = 1
      const beat<std::int8_t, Config::lanes> left = a.read();
      const beat<std::int8_t, Config::lanes> right = b.read();
      out.write(joined<Config>(left, right, at, table_a, table_b));
    }
  }
}

// One operand streams; the other is one row, kept for all. Config further: reversed (1: the row is operand a).
template <class Config>
void join_row(stream<std::int8_t, Config::lanes>& in, stream<std::int8_t, Config::lanes>& row_in,
              stream<std::int8_t, Config::lanes>& out, const std::int8_t* table_a, const std::int8_t* table_b) {
  constexpr int beats = beats_of(Config::elements, Config::lanes);
  beat<std::int8_t, Config::lanes> kept[beats];
rows:
  for (int row = 0; row < Config::rows; ++row) {
  beats:
    for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
      if (row == 0) kept[i] = row_in.read();
      const beat<std::int8_t, Config::lanes> x = in.read();
      out.write(Config::reversed ? joined<Config>(kept[i], x, i * Config::lanes, table_a, table_b)
                                 : joined<Config>(x, kept[i], i * Config::lanes, table_a, table_b));
    }
  }
}

// One operand is the table constant[period][lanes] of beats, over and over. Config further: reversed, period.
template <class Config>
void join_constant(stream<std::int8_t, Config::lanes>& in, stream<std::int8_t, Config::lanes>& out,
                   const std::int8_t* table_a, const std::int8_t* table_b,
                   const std::int8_t constant[][Config::lanes]) {
#pragma HLS ARRAY_RESHAPE variable = constant complete dim = 2
  int at = 0;  // in the table
rows:
  for (int row = 0; row < Config::rows; ++row) {
  beats:
    for (int first = 0; first < Config::elements; first += Config::lanes) {
#pragma HLS PIPELINE II = 1
      const beat<std::int8_t, Config::lanes> x = in.read();
      beat<std::int8_t, Config::lanes> c;
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        c.lane[e] = constant[at][e];
      }
      at = at == Config::period - 1 ? 0 : at + 1;
      out.write(Config::reversed ? joined<Config>(c, x, first, table_a, table_b)
                                 : joined<Config>(x, c, first, table_a, table_b));
    }
  }
}

}  // namespace hls
}  // namespace algean
