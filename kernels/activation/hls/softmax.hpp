// Softmax and its logarithm over rows: a row is kept, and read three times. C++14 for Vitis HLS.
#pragma once

#include "kernels/numeric/softmax.hpp"
#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Rules: `exponential` entries, what is added up of each, and a row's codes from the sum. Tables that a rule does not
// name are not read.
struct scaled_softmax {
  using exponential_type = std::uint32_t;
  using sum_type = std::uint64_t;
  using state = std::uint64_t;
  static sum_type part(exponential_type exponential) { return exponential; }
  static state begin(sum_type sum, const std::int32_t*, const std::int32_t*) { return sum; }
  template <class Config>
  static std::int32_t code(std::int32_t, exponential_type exponential, const state& sum) {
    return kernels::softmax::scaled_code(exponential, sum);
  }
};
struct tflite_softmax {
  using exponential_type = std::int32_t;
  using sum_type = std::uint32_t;
  using state = kernels::softmax::TfliteScale;
  static sum_type part(exponential_type exponential) {
    return static_cast<sum_type>(kernels::tflite::rdbpot(exponential, kernels::softmax::tflite_sum_bits));
  }
  static state begin(sum_type sum, const std::int32_t*, const std::int32_t*) {
    return kernels::softmax::tflite_scale(sum);
  }
  template <class Config>
  static std::int32_t code(std::int32_t, exponential_type exponential, const state& scale) {
    return kernels::softmax::tflite_code(exponential, scale);
  }
};
struct scaled_log_softmax {  // octaves, mantissas; Config: step, zero
  using exponential_type = std::uint32_t;
  using sum_type = std::uint64_t;
  using state = std::int64_t;
  static sum_type part(exponential_type exponential) { return exponential; }
  static state begin(sum_type sum, const std::int32_t* octaves, const std::int32_t* mantissas) {
    return kernels::softmax::logarithm(sum, octaves, mantissas);
  }
  template <class Config>
  static std::int32_t code(std::int32_t difference, exponential_type, const state& logarithm) {
    return kernels::softmax::log_code(difference, Config::step, logarithm, Config::zero);
  }
};

// Config: rule, rows, elements (of a row), lanes. exponentials: 256 entries, by the distance below the row's largest
// code.
template <class Config>
void softmax(stream<std::int8_t, Config::lanes>& in, stream<std::int8_t, Config::lanes>& out,
             const typename Config::rule::exponential_type* exponentials, const std::int32_t* octaves,
             const std::int32_t* mantissas) {
  using rule = typename Config::rule;
  constexpr int beats = beats_of(Config::elements, Config::lanes);
  std::int8_t row[beats][Config::lanes];
#pragma HLS ARRAY_PARTITION variable = row complete dim = 2
rows:
  for (int r = 0; r < Config::rows; ++r) {
    std::int32_t largest = -128;
  read:
    for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
      const beat<std::int8_t, Config::lanes> x = in.read();
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        const bool is_element = i * Config::lanes + e < Config::elements;
        row[i][e] = x.lane[e];
        if (is_element && x.lane[e] > largest) largest = x.lane[e];
      }
    }
    typename rule::sum_type sum = 0;
  add:
    for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        const bool is_element = i * Config::lanes + e < Config::elements;
        if (is_element) sum += rule::part(exponentials[largest - row[i][e]]);
      }
    }
    const typename rule::state state = rule::begin(sum, octaves, mantissas);
  write:
    for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
      beat<std::int8_t, Config::lanes> y;
      for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
        const std::int32_t difference = row[i][e] - largest;
        const bool is_element = i * Config::lanes + e < Config::elements;
        y.lane[e] =
            is_element
                ? static_cast<std::int8_t>(rule::template code<Config>(difference, exponentials[-difference], state))
                : std::int8_t(0);
      }
      out.write(y);
    }
  }
}

}  // namespace hls
}  // namespace algean
