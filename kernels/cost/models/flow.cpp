#include "kernels/cost/models/flow.hpp"

#include "kernels/cost/image.hpp"
#include "kernels/cost/memory.hpp"
#include "kernels/cost/numbers.hpp"

namespace algean::kernels::cost {
namespace {

double real(std::int64_t value) { return static_cast<double>(value); }
double when(bool holds, std::int64_t value) { return holds ? real(value) : 0.0; }
Resources nothing(const ModuleInstance&) { return {}; }

std::int64_t lanes_of(const ModuleInstance& instance) { return number_or(instance, "LANES", 1); }
std::int64_t data_bits(const ModuleInstance& instance) { return lanes_of(instance) * number_or(instance, "BITS", 8); }

// Of the constant multipliers of two operands, those that are powers of two: a shift, and no DSP.
std::int64_t shifts(const ModuleInstance& instance) {
  std::int64_t count = 0;
  for (const char* multiplier : {"MULTIPLIER_0", "MULTIPLIER_1"}) {
    const std::int64_t value = number_or(instance, multiplier, 1);
    if ((value & (value - 1)) == 0) ++count;
  }
  return count;
}

// --- algean_join: a lane's work depends on the rule.
std::int64_t rule_of(const ModuleInstance& instance) { return number_or(instance, "RULE", 0); }

Resources exact_join(const ModuleInstance& instance) {
  // Products a lane: two by constants; one of operands and one by a constant; none; then a wide one of several DSPs.
  constexpr std::array<std::int64_t, 6> dsps{2, 2, 0, 0, 4, 5};
  std::int64_t products = dsps.at(static_cast<std::size_t>(rule_of(instance)));
  if (rule_of(instance) == 0) products -= shifts(instance);
  Resources resources;
  resources.dsp_requantise = products * lanes_of(instance);
  return resources;
}
Terms join_terms(const ModuleInstance& instance) {
  const std::int64_t rule = rule_of(instance);
  const std::int64_t lanes = lanes_of(instance);
  const bool tables = number_or(instance, "TABLES", 0) != 0;
  return {1.0,
          when(rule == 0, lanes),
          when(rule == 1, lanes),
          when(rule == 2 || rule == 3, lanes),
          when(rule >= 4, lanes),
          when(tables, lanes),
          when(number_or(instance, "PERIOD", 0) > 1, clog2(number_or(instance, "PERIOD", 0)))};
}

// --- algean_table: a memory of 256 codes a lane.
Memory table_of(const ModuleInstance& instance) {
  return rom_of(instance, "IMAGE", number_or(instance, "OUT_BITS", 8), 256 * number_or(instance, "TABLES", 1));
}
Resources exact_table(const ModuleInstance& instance) {
  Resources resources;
  resources.bram18 = table_of(instance).bram18 * lanes_of(instance);
  return resources;
}
Terms table_luts(const ModuleInstance& instance) {
  return {1.0, real(table_of(instance).luts * lanes_of(instance)), real(lanes_of(instance)),
          real(clog2(number_or(instance, "PERIOD", 1)))};
}
Terms table_ffs(const ModuleInstance& instance) {
  return {1.0, real(table_of(instance).ffs * lanes_of(instance)), real(clog2(number_or(instance, "PERIOD", 1)))};
}

// --- algean_reduce: an accumulator a lane, which returns to a channel after BLOCKS beats.
std::int64_t finish_of(const ModuleInstance& instance) { return number_or(instance, "FINISH", 0); }
// DSPs of a lane: products by multipliers of 17 bits, of 31, and divisions as products by reciprocals of up to 32.
std::int64_t reduce_dsps(const ModuleInstance& instance) {
  switch (finish_of(instance)) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return 4;
    default:
      return number_or(instance, "TOTAL_BITS", 32) > 17 ? 4 : 2;
  }
}
Resources exact_reduce(const ModuleInstance& instance) {
  Resources resources;
  resources.dsp_requantise = reduce_dsps(instance) * lanes_of(instance);
  return resources;
}
Terms reduce_terms(const ModuleInstance& instance) {
  const std::int64_t lanes = lanes_of(instance);
  const std::int64_t bits = number_or(instance, "TOTAL_BITS", 32);
  const std::int64_t blocks = number_or(instance, "BLOCKS", 1);
  const std::int64_t finish = finish_of(instance);
  const bool stored = blocks > 1;
  return {1.0,
          real(lanes * bits),
          when(!stored, lanes * bits),
          when(stored, lanes * lut_ram(bits, blocks).luts),
          when(stored, clog2(blocks)),
          real(clog2(number_or(instance, "COUNT", 1))),
          when(finish == 1, lanes),
          when(finish == 2, lanes),
          when(finish >= 3, lanes),
          when(number_or(instance, "PERIOD", 1) > 1, lanes),
          real(lanes)};
}

// --- algean_score: a difference squared, or two tables of 256 words.
bool squares(const ModuleInstance& instance) { return rule_of(instance) == 0; }
std::int64_t score_bits(const ModuleInstance& instance) { return number_or(instance, "OUT_BITS", 44); }
Resources exact_score(const ModuleInstance& instance) {
  Resources resources;
  if (!squares(instance)) {
    resources.bram18 = 2 * rom(32, 512).bram18 * lanes_of(instance);
    return resources;
  }
  // Products by two constants, and the square.
  resources.dsp_multiply = lanes_of(instance) * (2 - shifts(instance) + (score_bits(instance) > 34 ? 2 : 1));
  return resources;
}
Terms score_terms(const ModuleInstance& instance) {
  const std::int64_t lanes = lanes_of(instance);
  return {1.0, when(squares(instance), lanes), when(squares(instance), lanes * score_bits(instance)),
          when(!squares(instance), lanes)};
}

// --- Modules that pass beats on, and count.
Terms concat_terms(const ModuleInstance& instance) {
  return {1.0, real(data_bits(instance)), real(clog2(instance.number("BEATS_0")) + clog2(instance.number("BEATS_1")))};
}
Terms split_terms(const ModuleInstance& instance) {
  return {1.0, real(data_bits(instance)), real(clog2(instance.number("BEATS_0")) + clog2(instance.number("BEATS_1"))),
          real(clog2(number_or(instance, "ROUNDS", 1)))};
}
Terms pad_terms(const ModuleInstance& instance) {
  return {
      1.0, real(data_bits(instance)),
      real(clog2(instance.number("HEIGHT")) + clog2(instance.number("WIDTH")) + clog2(instance.number("ELEMENTS")))};
}

// --- algean_repeat: a line is kept.
Memory line_of(const ModuleInstance& instance) {
  const std::int64_t words = instance.number("BEATS") * instance.number("WIDTH");
  return words > 64 ? block_ram(data_bits(instance), words) : lut_ram(data_bits(instance), words);
}
Resources exact_repeat(const ModuleInstance& instance) {
  Resources resources;
  resources.bram18 = line_of(instance).bram18;
  return resources;
}
Terms repeat_luts(const ModuleInstance& instance) {
  return {1.0, real(line_of(instance).luts), real(data_bits(instance)),
          real(clog2(instance.number("BEATS")) + clog2(instance.number("WIDTH")))};
}
Terms repeat_ffs(const ModuleInstance& instance) {
  return {1.0, when(line_of(instance).bram18 == 0, data_bits(instance)), real(data_bits(instance)),
          real(clog2(instance.number("BEATS")) + clog2(instance.number("WIDTH")))};
}

// --- algean_softmax: one element a beat, a row kept.
Memory row_of(const ModuleInstance& instance) {
  const std::int64_t elements = instance.number("ELEMENTS");
  return elements > 64 ? block_ram(8, elements) : lut_ram(8, elements);
}
Memory exponentials_of(const ModuleInstance&) { return rom(32, 256); }
Resources exact_softmax(const ModuleInstance& instance) {
  // The products of rule 1 (`tflite`) with a reciprocal; rule 2's with the step.
  constexpr std::array<std::int64_t, 3> dsps{0, 4, 1};
  Resources resources;
  resources.bram18 = row_of(instance).bram18 + exponentials_of(instance).bram18;
  if (rule_of(instance) == 2) resources.bram18 += rom(32, 1088).bram18;  // the logarithms
  resources.dsp_requantise = dsps.at(static_cast<std::size_t>(rule_of(instance)));
  return resources;
}
Terms softmax_terms(const ModuleInstance& instance) {
  const std::int64_t rule = rule_of(instance);
  return {when(rule == 0, 1), when(rule == 1, 1), when(rule == 2, 1), real(clog2(instance.number("ELEMENTS"))),
          real(row_of(instance).luts)};
}

// --- algean_move: two banks of a tensor, and the images of four loops.
Memory tensor_of(const ModuleInstance& instance) { return ram(data_bits(instance), 2 * instance.number("BEATS")); }
template <class Part>
std::int64_t sum_of_loops(const ModuleInstance& instance, Part part) {
  std::int64_t sum = 0;
  for (const char* loop : {"COUNT_0", "COUNT_1", "COUNT_2", "COUNT_3"}) sum += part(number_or(instance, loop, 1));
  return sum;
}
Resources exact_move(const ModuleInstance& instance) {
  Resources resources;
  resources.bram18 =
      tensor_of(instance).bram18 + sum_of_loops(instance, [](std::int64_t count) { return rom(24, count).bram18; });
  return resources;
}
Terms move_terms(const ModuleInstance& instance) {
  return {1.0,
          real(tensor_of(instance).luts),
          real(sum_of_loops(instance, [](std::int64_t count) { return rom(24, count).luts; })),
          real(sum_of_loops(instance, [](std::int64_t count) { return clog2(count); })),
          real(clog2(instance.number("BEATS"))),
          real(data_bits(instance))};
}

}  // namespace

Model join_model() { return {"algean_join", exact_join, join_terms, join_terms}; }
Model table_model() { return {"algean_table", exact_table, table_luts, table_ffs}; }
Model reduce_model() { return {"algean_reduce", exact_reduce, reduce_terms, reduce_terms}; }
Model score_model() { return {"algean_score", exact_score, score_terms, score_terms}; }
Model concat_model() { return {"algean_concat", nothing, concat_terms, concat_terms}; }
Model split_model() { return {"algean_split", nothing, split_terms, split_terms}; }
Model pad_model() { return {"algean_pad", nothing, pad_terms, pad_terms}; }
Model repeat_model() { return {"algean_repeat", exact_repeat, repeat_luts, repeat_ffs}; }
Model softmax_model() { return {"algean_softmax", exact_softmax, softmax_terms, softmax_terms}; }
Model move_model() { return {"algean_move", exact_move, move_terms, move_terms}; }

}  // namespace algean::kernels::cost
