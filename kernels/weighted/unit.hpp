// Layers with constant weights in SystemVerilog: what the units of dense layers and convolutions have in common. Their
// modules' parameters and memories are described in kernels/dense/rtl and kernels/requantise/rtl.
#pragma once

#include <functional>
#include <string>

#include "kernels/family/hardware.hpp"

namespace algean::kernels {

// Widths and constants of a weighted layer's unit.
class WeightedUnit {
 public:
  // Of a verified integer layer. bad_input where it is in floats, or of an arithmetic that has no hardware.
  static Result<WeightedUnit> make(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                                   const HardwareOptions& options);

  [[nodiscard]] std::int64_t outputs() const { return outputs_; }  // channels
  [[nodiscard]] std::int64_t taps() const { return taps_; }        // weights of a channel
  [[nodiscard]] std::int64_t weight_bits() const { return weight_bits_; }
  [[nodiscard]] std::int64_t accumulator_bits() const { return accumulator_bits_; }
  [[nodiscard]] bool tflite() const { return tflite_; }
  [[nodiscard]] bool loadable() const { return loadable_; }
  [[nodiscard]] std::int32_t input_zero() const { return input_zero_; }
  // Whether two outputs share a multiplier where `pe` of them are computed at once.
  [[nodiscard]] bool packed(std::int64_t pe) const { return packs_ && pe > 1; }
  // Multipliers, two in one DSP counted as one, of `simd` products for each of `pe` outputs at once.
  [[nodiscard]] std::int64_t multipliers(std::int64_t simd, std::int64_t pe) const {
    return simd * (packed(pe) ? (pe + 1) / 2 : pe);
  }
  // Weight `tap` of output channel `output`, less its zero point.
  [[nodiscard]] std::int32_t weight(std::int64_t output, std::int64_t tap) const;

  // Which weight stands at place `place` (of `places`) of memory word `word` (of `words`): its output and tap, or
  // output -1 for a place that holds 0.
  struct Place {
    std::int64_t output = -1;
    std::int64_t tap = 0;
  };
  using Layout = std::function<Place(std::int64_t word, std::int64_t place)>;

  // Adds the module `module` (or module_loadable) between two streams of the netlist, its `shape` parameters first,
  // those of the arithmetic behind them, and the images of its memories. `lanes`: those of the output stream.
  void add_to(Netlist& netlist, const std::string& module, std::vector<ModuleParameter> shape, std::size_t input,
              std::size_t output, std::int64_t words, std::int64_t places, const Layout& layout,
              std::int64_t lanes) const;
  // Cycles from the last fold of the last group to the last beat of its output, the group's beats included.
  [[nodiscard]] std::int64_t tail_cycles(std::int64_t beats) const { return (tflite_ ? 13 : 11) + beats; }

 private:
  [[nodiscard]] MemoryImage weights(std::int64_t words, std::int64_t places, const Layout& layout) const;
  [[nodiscard]] MemoryImage constants(std::int64_t lanes) const;

  const LayerSpec* layer_ = nullptr;  // outlives the unit
  std::vector<std::int32_t> weight_zeros_;
  std::int64_t outputs_ = 1, taps_ = 1;
  std::int64_t weight_bits_ = 8, accumulator_bits_ = 32;
  std::int32_t input_zero_ = 0, output_zero_ = 0, low_ = -128, high_ = 127;
  std::int64_t shift_low_ = 1, shift_high_ = 1;
  bool tflite_ = false, loadable_ = false, ultra_ = false, packs_ = false;
};

// Lanes in which the sums of a group of `sums` leave: the fewest that divide them and take `cycles` beats at most.
[[nodiscard]] std::int64_t output_lanes(std::int64_t sums, std::int64_t cycles);

// Foldings of a matrix of n_out x n_in, fewest multipliers first, each with fewer cycles a vector than the one before;
// of those with the same multipliers and cycles the one whose simd divides `unit_of_input`, then with fewer simd.
// simd and pe are as small as their number of folds allows.
[[nodiscard]] std::vector<Folding> matrix_foldings(const WeightedUnit& unit, std::int64_t n_in,
                                                   std::int64_t unit_of_input);

// A matrix unit: algean_matvec between streams of rows, as `folding` says. `order(i)` is the tap of a vector's
// element i.
struct MatrixUnit {
  std::int64_t n_in = 1, n_out = 1, rows = 1;
  Folding folding;
  [[nodiscard]] std::int64_t folds() const { return (n_in + folding.simd - 1) / folding.simd; }
  [[nodiscard]] std::int64_t rounds() const { return (n_out + folding.pe - 1) / folding.pe; }
  [[nodiscard]] std::int64_t cycles() const { return folds() * rounds(); }  // a vector
  [[nodiscard]] std::int64_t lanes() const { return output_lanes(folding.pe, folds()); }
  // From the last beat of the last vector taken to the last beat given, the unit idle before.
  [[nodiscard]] std::int64_t latency(const WeightedUnit& unit) const;
  // Reads stream `input`; the index of the stream that it writes.
  std::size_t add_to(Netlist& netlist, const WeightedUnit& unit, std::size_t input,
                     const std::function<std::int64_t(std::int64_t)>& order) const;
};

// bad_input where simd is not in 1..n_in or pe not in 1..n_out.
Result<> check_folding(const Folding& folding, std::int64_t n_in, std::int64_t n_out);

}  // namespace algean::kernels
