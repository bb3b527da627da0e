// Results over rows, element by element: sums, means, largest, smallest, and where the largest is. C++14 for Vitis HLS.
#pragma once

#include "kernels/requantise/hls/requantise.hpp"
#include "kernels/stream/hls/beat.hpp"

namespace algean {
namespace hls {

// Rules: what a result starts from, how an element (of row number `row`) goes into it, and what comes out.
template <class Rule>
struct add_up {  // Rule of kernels/requantise/hls; Config: multiplier, shift, zero, low, high, zero_x
  struct state {
    std::int32_t value;
  };
  using out_type = std::int8_t;
  template <class Config>
  static state take(const state& old, std::int32_t x, int row) {
    return state{(row == 0 ? 0 : old.value) + x - Config::zero_x};
  }
  template <class Config>
  static std::int32_t finish(const state& result) {
    return Rule::apply(result.value, Config::multiplier, Config::shift, Config::zero, Config::low, Config::high);
  }
};
struct take_largest {
  struct state {
    std::int32_t value;
  };
  using out_type = std::int8_t;
  template <class Config>
  static state take(const state& old, std::int32_t x, int row) {
    return row == 0 || x > old.value ? state{x} : old;
  }
  template <class Config>
  static std::int32_t finish(const state& result) {
    return result.value;
  }
};
struct take_smallest {
  struct state {
    std::int32_t value;
  };
  using out_type = std::int8_t;
  template <class Config>
  static state take(const state& old, std::int32_t x, int row) {
    return row == 0 || x < old.value ? state{x} : old;
  }
  template <class Config>
  static std::int32_t finish(const state& result) {
    return result.value;
  }
};
struct find_largest {
  struct state {
    std::int32_t value;
    std::int32_t where;
  };
  using out_type = std::int32_t;
  template <class Config>
  static state take(const state& old, std::int32_t x, int row) {
    return row == 0 || x > old.value ? state{x, row} : old;
  }
  template <class Config>
  static std::int32_t finish(const state& result) {
    return result.where;
  }
};

// In: for each of `rounds`, `count` rows of `elements`. Out: a row of results for each round. Config: rule, lanes too.
template <class Config>
void reduce(stream<std::int8_t, Config::lanes>& in, stream<typename Config::rule::out_type, Config::lanes>& out) {
  using rule = typename Config::rule;
  using T = typename rule::out_type;
  constexpr int beats = beats_of(Config::elements, Config::lanes);
  typename rule::state kept[beats][Config::lanes] = {};
#pragma HLS ARRAY_PARTITION variable = kept complete dim = 2
rounds:
  for (int round = 0; round < Config::rounds; ++round) {
  rows:
    for (int row = 0; row < Config::count; ++row) {
    beats:
      for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
        const beat<std::int8_t, Config::lanes> x = in.read();
        beat<T, Config::lanes> y;
        for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
          kept[i][e] = rule::template take<Config>(kept[i][e], x.lane[e], row);
          const bool is_element = i * Config::lanes + e < Config::elements;
          y.lane[e] =
              is_element && row == Config::count - 1 ? static_cast<T>(rule::template finish<Config>(kept[i][e])) : T(0);
        }
        if (row == Config::count - 1) out.write(y);
      }
    }
  }
}

// Scores of two streams: what a pair of elements adds, and what comes out.
struct squared_error {  // Config: zero_a, zero_b, m0, m1, shift
  using state = std::int64_t;
  template <class Config>
  static state term(std::int32_t a, std::int32_t b, const std::int32_t (*)[256]) {
    const std::int64_t difference = (a - Config::zero_a) * Config::m0 - (b - Config::zero_b) * Config::m1;
    return difference * difference;
  }
  template <class Config>
  static std::int32_t finish(state sum) {
    const std::int64_t half = Config::shift == 0 ? 0 : (std::int64_t{1} << Config::shift) / 2;
    return static_cast<std::int32_t>((sum + half) >> Config::shift);
  }
};
struct divergence {  // tables: of a and of b
  using state = std::int64_t;
  template <class Config>
  static state term(std::int32_t a, std::int32_t b, const std::int32_t (*tables)[256]) {
    return static_cast<state>(tables[0][a + 128]) + tables[1][b + 128];
  }
  template <class Config>
  static std::int32_t finish(state sum) {
    return static_cast<std::int32_t>(sum);
  }
};

// As reduce, of two streams.
template <class Config>
void score(stream<std::int8_t, Config::lanes>& a, stream<std::int8_t, Config::lanes>& b,
           stream<std::int32_t, Config::lanes>& out, const std::int32_t tables[][256]) {
  using rule = typename Config::rule;
  constexpr int beats = beats_of(Config::elements, Config::lanes);
  typename rule::state kept[beats][Config::lanes] = {};
#pragma HLS ARRAY_PARTITION variable = kept complete dim = 2
rounds:
  for (int round = 0; round < Config::rounds; ++round) {
  rows:
    for (int row = 0; row < Config::count; ++row) {
    beats:
      for (int i = 0; i < beats; ++i) {
#pragma HLS PIPELINE II = 1
        const beat<std::int8_t, Config::lanes> x = a.read();
        const beat<std::int8_t, Config::lanes> y = b.read();
        beat<std::int32_t, Config::lanes> result;
        for (int e = 0; e < Config::lanes; ++e) {
#pragma HLS UNROLL
          kept[i][e] = (row == 0 ? 0 : kept[i][e]) + rule::template term<Config>(x.lane[e], y.lane[e], tables);
          const bool is_element = i * Config::lanes + e < Config::elements;
          result.lane[e] = is_element && row == Config::count - 1 ? rule::template finish<Config>(kept[i][e]) : 0;
        }
        if (row == Config::count - 1) out.write(result);
      }
    }
  }
}

}  // namespace hls
}  // namespace algean
