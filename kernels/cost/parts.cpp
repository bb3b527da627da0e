#include "kernels/cost/parts.hpp"

#include "kernels/cost/image.hpp"
#include "kernels/cost/memory.hpp"

namespace algean::kernels::cost {
namespace {

std::int64_t constant_bits(const Requantise& part) {
  return part.lanes * (part.accumulator_bits + (part.arithmetic == 0 ? 17 : 31) + 6);
}

Memory constants(const Requantise& part) {
  const std::int64_t words = round_up_div(part.outputs, part.lanes);
  return part.loadable ? banks(constant_bits(part), words) : part.rom;
}

std::int64_t queue_depth(const Requantise& part) {
  const std::int64_t full = part.sums / part.lanes;
  const std::int64_t flight = part.folds + part.latency + (part.arithmetic == 0 ? 5 : 7) + 6 + full;
  const std::int64_t groups = round_up_div(flight, part.folds) + 1;
  return std::max<std::int64_t>(2, groups * full);
}

// Levels of two-way multiplexers of a shift by shift_low..shift_high.
std::int64_t shift_levels(const Requantise& part) { return clog2(part.shift_high - part.shift_low + 1); }

std::int64_t product_bits(const Requantise& part) {
  if (part.arithmetic == 0) return part.accumulator_bits + 18;
  return (part.shift_high > 0 ? 32 : part.accumulator_bits) + 32;
}

// `scaled`: the accumulator in columns of 27 bits by 18; `tflite`: the same by two parts of a multiplier, where nothing
// is shifted to the left before.
std::int64_t dsps_a_lane(const Requantise& part) {
  const bool wide = part.accumulator_bits > 27 || (part.arithmetic == 1 && part.shift_high > 0);
  return (part.arithmetic == 0 ? 1 : 2) * (wide ? 2 : 1);
}

}  // namespace

Requantise requantise_of(const ModuleInstance& instance, std::int64_t sums, std::int64_t lanes, std::int64_t outputs,
                         std::int64_t folds, std::int64_t latency) {
  Requantise part;
  part.sums = sums;
  part.lanes = lanes;
  part.outputs = outputs;
  part.bits = number_or(instance, "BITS", 8);
  part.accumulator_bits = instance.number("ACCUMULATOR_BITS");
  part.arithmetic = instance.number("ARITHMETIC");
  part.shift_low = instance.number("SHIFT_LOW");
  part.shift_high = instance.number("SHIFT_HIGH");
  part.folds = folds;
  part.latency = latency;
  part.rom = rom_of(instance, "CONSTANTS", constant_bits(part), round_up_div(outputs, lanes));
  return part;
}

Resources exact(const Requantise& part) {
  Resources resources = exact_fifo(part.bits * part.lanes + 2, queue_depth(part));
  resources.dsp_requantise = part.lanes * dsps_a_lane(part);
  resources.bram18 += constants(part).bram18;
  return resources;
}

void add_lut_terms(Terms& terms, const Requantise& part) {
  const auto lanes = static_cast<double>(part.lanes);
  const auto bits = static_cast<double>(part.accumulator_bits);
  const std::int64_t full = part.sums / part.lanes;
  const bool tflite = part.arithmetic == 1;
  terms.push_back(full > 1 ? static_cast<double>(part.sums - part.lanes) * bits : 0);  // the group moves on
  terms.push_back(lanes * bits);                                                       // the bias
  terms.push_back(lanes * static_cast<double>(shift_levels(part) * (tflite ? 33 : 30)));
  terms.push_back(tflite ? 0 : lanes);
  terms.push_back(tflite ? lanes : 0);
  terms.push_back(!tflite && dsps_a_lane(part) > 1 ? lanes * static_cast<double>(product_bits(part)) : 0);
  terms.push_back(static_cast<double>(constants(part).luts));
  terms.push_back(fifo_luts(part.bits * part.lanes + 2, queue_depth(part)));
}

void add_ff_terms(Terms& terms, const Requantise& part) {
  const auto lanes = static_cast<double>(part.lanes);
  const auto bits = static_cast<double>(part.accumulator_bits);
  const bool tflite = part.arithmetic == 1;
  terms.push_back(static_cast<double>(part.sums) * bits);
  terms.push_back(lanes * bits);  // of the lanes' sums, and with their bias
  terms.push_back(tflite ? 0 : lanes);
  terms.push_back(tflite ? lanes : 0);
  terms.push_back(lanes * static_cast<double>(product_bits(part)));
  terms.push_back(static_cast<double>(constants(part).ffs));
  terms.push_back(fifo_ffs(part.bits * part.lanes + 2, queue_depth(part)));
}

Resources exact_fifo(std::int64_t word_bits, std::int64_t depth) {
  Resources resources;
  if (depth > 64) resources.bram18 = block_ram(word_bits, depth).bram18;
  return resources;
}

double fifo_luts(std::int64_t word_bits, std::int64_t depth) {
  if (depth <= 2) return static_cast<double>(word_bits + 5);
  const Memory memory = depth <= 64 ? lut_ram(word_bits, depth) : block_ram(word_bits, depth);
  return static_cast<double>(memory.luts + 4 * clog2(depth) + 10);
}

double fifo_ffs(std::int64_t word_bits, std::int64_t depth) {
  if (depth <= 2) return static_cast<double>(2 * word_bits + 2);
  return static_cast<double>((depth <= 64 ? word_bits : 0) + 3 * clog2(depth) + 1);
}

}  // namespace algean::kernels::cost
