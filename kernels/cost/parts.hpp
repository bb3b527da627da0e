// What parts of modules take that several models share.
#pragma once

#include "kernels/cost/memory.hpp"
#include "kernels/cost/model.hpp"
#include "kernels/cost/numbers.hpp"

namespace algean::kernels::cost {

// algean_requantise: from groups of sums to a stream of codes, its queue and constants included.
struct Requantise {
  std::int64_t sums = 1;   // of a group
  std::int64_t lanes = 1;  // that leave a cycle
  std::int64_t outputs = 1;
  std::int64_t bits = 8;
  std::int64_t accumulator_bits = 24;
  std::int64_t arithmetic = 0;  // 0 scaled, 1 tflite
  std::int64_t shift_low = 1;
  std::int64_t shift_high = 1;
  std::int64_t folds = 1;    // cycles of a group
  std::int64_t latency = 5;  // of the datapath before it
  bool loadable = false;
  Memory rom;  // of constants that are not
};
Requantise requantise_of(const ModuleInstance& instance, std::int64_t sums, std::int64_t lanes, std::int64_t outputs,
                         std::int64_t folds, std::int64_t latency);

Resources exact(const Requantise& part);
void add_lut_terms(Terms& terms, const Requantise& part);
void add_ff_terms(Terms& terms, const Requantise& part);

// algean_fifo of `bits` a word (data, last and mark), and what it takes behind a memory.
Resources exact_fifo(std::int64_t word_bits, std::int64_t depth);
double fifo_luts(std::int64_t word_bits, std::int64_t depth);
double fifo_ffs(std::int64_t word_bits, std::int64_t depth);

}  // namespace algean::kernels::cost
