#include "kernels/cost/models/matvec.hpp"

#include <algorithm>

#include "kernels/cost/image.hpp"
#include "kernels/cost/memory.hpp"
#include "kernels/cost/parts.hpp"

namespace algean::kernels::cost {
namespace {

Memory weights_of(const ModuleInstance& instance, bool loadable, bool ultra, std::int64_t bits, std::int64_t words) {
  return !loadable ? rom_of(instance, "WEIGHTS", bits, words) : ultra ? Memory{} : banks(bits, words);
}

// URAM288 are 72 bits by 4096 words; each column of 64 bits has its own.
std::int64_t ultra_banks(std::int64_t bits, std::int64_t words) {
  return round_up_div(bits, 64) * round_up_div(2 * words, 4096);
}

struct Shape {
  explicit Shape(const ModuleInstance& instance)
      : simd(instance.number("SIMD")),
        pe(instance.number("PE")),
        bits(number_or(instance, "BITS", 8)),
        weight_bits(instance.number("WEIGHT_BITS")),
        accumulator_bits(instance.number("ACCUMULATOR_BITS")),
        folds(round_up_div(instance.number("ELEMENTS"), simd)),
        rounds(round_up_div(instance.number("OUTPUTS"), pe)),
        packed(instance.number("PACKED") != 0),
        latency(4 + clog2(simd) + (packed ? 1 : 0)),
        requantise(requantise_of(instance, pe, instance.number("LANES"), instance.number("OUTPUTS"), folds, latency)),
        loadable(instance.module.ends_with("_loadable")),
        ultra(number_or(instance, "ULTRA", 0) != 0) {
    requantise.loadable = loadable;
    weights = weights_of(instance, loadable, ultra, word(), folds * rounds);
  }

  [[nodiscard]] std::int64_t word() const { return pe * simd * weight_bits; }
  [[nodiscard]] std::int64_t product_bits() const { return bits + weight_bits; }
  [[nodiscard]] std::int64_t tree_bits() const { return std::min(product_bits() + clog2(simd), accumulator_bits); }
  [[nodiscard]] std::int64_t pairs() const { return (pe + 1) / 2; }
  [[nodiscard]] std::int64_t multipliers() const { return simd * (packed ? pairs() : pe); }
  [[nodiscard]] Memory buffer() const { return ram(bits * simd, 2 * folds); }
  // Registers of weights, or of the lower halves of pairs.
  [[nodiscard]] std::int64_t factors() const {
    const std::int64_t all = multipliers() * weight_bits;
    return loadable ? all : distinct_bits(all, folds * rounds);
  }
  [[nodiscard]] std::int64_t urams() const { return ultra ? ultra_banks(word(), folds * rounds) : 0; }

  std::int64_t simd, pe, bits, weight_bits, accumulator_bits, folds, rounds;
  bool packed;
  std::int64_t latency;
  Requantise requantise;
  bool loadable, ultra;
  Memory weights;
};

// Of all adder trees, and of where packed sums are parted.
Sums trees(const Shape& shape) {
  const std::int64_t levels = clog2(shape.simd);
  if (!shape.packed) {
    const Sums one = adder_tree(shape.simd, shape.product_bits(), shape.tree_bits(), levels);
    return {one.ffs * shape.pe, one.adder_bits * shape.pe};
  }
  const std::int64_t early = std::min<std::int64_t>(levels, 2);
  const std::int64_t groups = round_up_div(shape.simd, 4);
  const std::int64_t group_bits = 18 + shape.product_bits() + early;
  const std::int64_t term_bits = std::min(group_bits - 18, shape.tree_bits());
  const Sums late = adder_tree(groups, term_bits, shape.tree_bits(), levels - early);
  Sums pair{2 * late.ffs, 2 * late.adder_bits};
  Sums alone = late;  // of an odd PE: the lower half
  for (std::int64_t g = 0; g < groups; ++g) {
    const std::int64_t count = std::min<std::int64_t>(4, shape.simd - 4 * g);
    pair += adder_tree(count, group_bits - early, group_bits, early);
    pair += {2 * term_bits, term_bits};
    alone += adder_tree(count, 18, 18, early);
    alone += {term_bits, 0};
  }
  const std::int64_t whole = shape.pe / 2;
  const std::int64_t half = shape.pe % 2;
  return {pair.ffs * whole + alone.ffs * half, pair.adder_bits * whole + alone.adder_bits * half};
}

Resources exact_matvec(const ModuleInstance& instance) {
  const Shape shape(instance);
  Resources resources = exact(shape.requantise);
  resources.dsp_multiply = shape.multipliers();
  resources.bram18 += shape.buffer().bram18 + shape.weights.bram18;
  resources.uram = shape.urams();
  return resources;
}

Terms lut_terms(const ModuleInstance& instance) {
  const Shape shape(instance);
  Terms terms{1.0,
              static_cast<double>(clog2(shape.folds * shape.rounds) + clog2(shape.folds)),
              static_cast<double>(trees(shape).adder_bits),
              static_cast<double>(shape.pe * shape.accumulator_bits),
              static_cast<double>(shape.packed ? shape.multipliers() : 0),
              static_cast<double>(shape.buffer().luts),
              static_cast<double>(shape.weights.luts)};
  add_lut_terms(terms, shape.requantise);
  return terms;
}

Terms ff_terms(const ModuleInstance& instance) {
  const Shape shape(instance);
  // A product, and the upper half of a pair; and the factors that stand beside the memory's output.
  const std::int64_t products =
      shape.multipliers() * (shape.packed ? 18 + shape.product_bits() + 9 : shape.product_bits()) + shape.factors();
  Terms terms{1.0,
              static_cast<double>(clog2(shape.folds * shape.rounds) + clog2(shape.folds)),
              static_cast<double>(products),
              static_cast<double>(trees(shape).ffs),
              static_cast<double>(shape.pe * shape.accumulator_bits),
              static_cast<double>(shape.bits * shape.simd),
              static_cast<double>(shape.buffer().bram18 > 0 ? 0 : shape.bits * shape.simd),
              static_cast<double>(shape.weights.ffs)};
  add_ff_terms(terms, shape.requantise);
  return terms;
}

// --- algean_depthwise: a product and a sum for each lane and output of its channel.
struct Depthwise {
  explicit Depthwise(const ModuleInstance& instance)
      : lanes(instance.number("LANES")),
        sums(lanes * number_or(instance, "MULTIPLIER", 1)),
        taps(instance.number("TAPS")),
        rounds(round_up_div(instance.number("CHANNELS"), lanes)),
        weight_bits(number_or(instance, "WEIGHT_BITS", 8)),
        accumulator_bits(instance.number("ACCUMULATOR_BITS")),
        requantise(requantise_of(instance, sums, instance.number("OUT_LANES"),
                                 instance.number("CHANNELS") * number_or(instance, "MULTIPLIER", 1), taps, 4)),
        loadable(instance.module.ends_with("_loadable")),
        ultra(number_or(instance, "ULTRA", 0) != 0) {
    requantise.loadable = loadable;
    weights = weights_of(instance, loadable, ultra, word(), taps * rounds);
  }

  [[nodiscard]] std::int64_t word() const { return weight_bits * sums; }
  [[nodiscard]] Memory buffer() const { return ram(8 * lanes, 2 * taps); }

  std::int64_t lanes, sums, taps, rounds, weight_bits, accumulator_bits;
  Requantise requantise;
  bool loadable, ultra;
  Memory weights;
};

Resources exact_depthwise(const ModuleInstance& instance) {
  const Depthwise shape(instance);
  Resources resources = exact(shape.requantise);
  resources.dsp_multiply = shape.sums;
  resources.bram18 += shape.buffer().bram18 + shape.weights.bram18;
  if (shape.ultra) resources.uram = ultra_banks(shape.word(), shape.taps * shape.rounds);
  return resources;
}

Terms depthwise_lut_terms(const ModuleInstance& instance) {
  const Depthwise shape(instance);
  Terms terms{1.0, static_cast<double>(clog2(shape.taps * shape.rounds) + clog2(shape.taps)),
              static_cast<double>(shape.sums * shape.accumulator_bits), static_cast<double>(shape.buffer().luts),
              static_cast<double>(shape.weights.luts)};
  add_lut_terms(terms, shape.requantise);
  return terms;
}

Terms depthwise_ff_terms(const ModuleInstance& instance) {
  const Depthwise shape(instance);
  Terms terms{1.0,
              static_cast<double>(clog2(shape.taps * shape.rounds) + clog2(shape.taps)),
              static_cast<double>(shape.sums * (8 + 2 * shape.weight_bits)),
              static_cast<double>(shape.sums * shape.accumulator_bits),
              static_cast<double>(8 * shape.lanes),
              static_cast<double>(shape.weights.ffs)};
  add_ff_terms(terms, shape.requantise);
  return terms;
}

}  // namespace

Model loadable_depthwise_model() {
  return {"algean_depthwise_loadable", exact_depthwise, depthwise_lut_terms, depthwise_ff_terms};
}
Model depthwise_model() { return {"algean_depthwise", exact_depthwise, depthwise_lut_terms, depthwise_ff_terms}; }
Model loadable_matvec_model() { return {"algean_matvec_loadable", exact_matvec, lut_terms, ff_terms}; }
Model matvec_model() { return {"algean_matvec", exact_matvec, lut_terms, ff_terms}; }

}  // namespace algean::kernels::cost
