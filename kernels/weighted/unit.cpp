#include "kernels/weighted/unit.hpp"

#include <algorithm>
#include <bit>

#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "kernels/requantise/requantise.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t element_bits = 8;
constexpr std::int64_t most_accumulator_bits = 32;
constexpr std::int64_t shift_bits = 6;

std::int64_t bit_width(std::int64_t value) {
  return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(value)));
}

// Fields of any width beside each other, the first lowest, in words that begin at whole bytes.
class ImageWriter {
 public:
  ImageWriter(std::string name, std::int64_t word_bits, std::int64_t words)
      : image_{std::move(name), word_bits,
               std::vector<std::uint8_t>(static_cast<std::size_t>((word_bits + 7) / 8 * words))} {}

  void put(std::int64_t word, std::int64_t at, std::int64_t bits, std::int64_t value) {
    const std::int64_t first = word * image_.word_bytes();
    for (std::int64_t i = 0; i < bits;) {
      const std::int64_t offset = (at + i) % 8;
      const std::int64_t count = std::min(8 - offset, bits - i);
      const auto part = (static_cast<std::uint64_t>(value) >> i) & ((1U << count) - 1);
      image_.bytes[static_cast<std::size_t>(first + (at + i) / 8)] |= static_cast<std::uint8_t>(part << offset);
      i += count;
    }
  }
  MemoryImage take() { return std::move(image_); }

 private:
  MemoryImage image_;
};

}  // namespace

Result<WeightedUnit> WeightedUnit::make(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                                        const HardwareOptions& options) {
  if (input.element.is_float()) return bad_input("there is hardware for int8 only, input is {}", input.text());
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  if (arithmetic == Arithmetic::tflite_double) {
    return bad_input(
        "attribute 'arithmetic' is 'tflite_double', which rounds as binary64: there is no hardware for it");
  }
  const Requantiser requantiser(layer, output);
  const Tensor& weight = layer.required("weight");
  WeightedUnit unit;
  unit.layer_ = &layer;
  unit.weight_zeros_ = weight_zero_points(layer);
  unit.outputs_ = weight.shape()[0];
  unit.taps_ = weight.shape().elements() / unit.outputs_;
  unit.tflite_ = arithmetic == Arithmetic::tflite;
  unit.loadable_ = options.loadable;
  unit.ultra_ = options.loadable && options.ultra;
  const bool shifted = std::ranges::any_of(unit.weight_zeros_, [](std::int32_t zero) { return zero != 0; });
  unit.weight_bits_ = weight.type().element.bits() + (shifted ? 1 : 0);
  unit.packs_ = options.packed && unit.weight_bits_ <= 8;
  unit.input_zero_ = input.element.quantisation()->zero_point();
  unit.output_zero_ = requantiser.zero();
  unit.low_ = requantiser.codes().low;
  unit.high_ = requantiser.codes().high;

  // A sum of products is exact modulo 2^bits, so only the whole accumulator must fit. Weights that are loaded may be
  // any.
  const std::int64_t products = element_bits + unit.weight_bits_;
  const std::int64_t stated = layer.attributes.integer("accumulator_bits").value();
  const std::int64_t any = std::min(products + bit_width(unit.taps_) + 2, most_accumulator_bits);
  unit.accumulator_bits_ = std::max({products, stated, unit.loadable_ ? any : stated});

  unit.shift_low_ = unit.tflite_ ? tflite::min_shift : scaled::min_shift;
  unit.shift_high_ = unit.tflite_ ? tflite::max_shift : scaled::max_shift;
  if (unit.loadable_) return unit;
  std::int64_t low = unit.shift_high_;
  std::int64_t high = unit.shift_low_;
  for (const Requantiser::Channel& channel : requantiser.channels()) {
    if (channel.multiplier == 0) continue;  // gives 0 by any shift
    low = std::min<std::int64_t>(low, channel.shift);
    high = std::max<std::int64_t>(high, channel.shift);
  }
  if (low > high) low = high = unit.shift_low_;
  unit.shift_low_ = low;
  unit.shift_high_ = high;
  return unit;
}

std::int32_t WeightedUnit::weight(std::int64_t output, std::int64_t tap) const {
  const auto weights = layer_->required("weight").elements<std::int8_t>();
  return weights[static_cast<std::size_t>(output * taps_ + tap)] - weight_zeros_[static_cast<std::size_t>(output)];
}

MemoryImage WeightedUnit::weights(std::int64_t words, std::int64_t places, const Layout& layout) const {
  ImageWriter writer("weights", places * weight_bits_, words);
  for (std::int64_t word = 0; word < words; ++word) {
    for (std::int64_t place = 0; place < places; ++place) {
      const Place from = layout(word, place);
      if (from.output < 0) continue;
      writer.put(word, place * weight_bits_, weight_bits_, weight(from.output, from.tap));
    }
  }
  return writer.take();
}

// bias + sum (x - zero_x) * w = (bias - zero_x * sum w) + sum x * w
MemoryImage WeightedUnit::constants(std::int64_t lanes) const {
  const auto bias = layer_->required("bias").elements<std::int32_t>();
  const auto multiplier = layer_->required("multiplier").elements<std::int32_t>();
  const Tensor& shift = layer_->required("shift");
  const std::int64_t multiplier_bits = tflite_ ? 31 : 17;
  const std::int64_t lane_bits = accumulator_bits_ + multiplier_bits + shift_bits;
  ImageWriter writer("constants", lanes * lane_bits, (outputs_ + lanes - 1) / lanes);
  for (std::int64_t output = 0; output < outputs_; ++output) {
    const auto index = static_cast<std::size_t>(output);
    std::int64_t sum = 0;
    for (std::int64_t tap = 0; tap < taps_; ++tap) sum += weight(output, tap);
    const std::int64_t word = output / lanes;
    const std::int64_t at = output % lanes * lane_bits;
    const std::int64_t above = multiplier[index] == 0 ? 0 : shift.integer_at(index) - shift_low_;
    writer.put(word, at, accumulator_bits_, bias[index] - input_zero_ * sum);
    writer.put(word, at + accumulator_bits_, multiplier_bits, multiplier[index]);
    writer.put(word, at + accumulator_bits_ + multiplier_bits, shift_bits, above);
  }
  return writer.take();
}

void WeightedUnit::add_to(Netlist& netlist, const std::string& module, std::vector<ModuleParameter> shape,
                          std::size_t input, std::size_t output, std::int64_t words, std::int64_t places,
                          const Layout& layout, std::int64_t lanes) const {
  ModuleInstance instance{.module = loadable_ ? module + "_loadable" : module,
                          .name = "unit",
                          .parameters = std::move(shape),
                          .inputs = {input},
                          .outputs = {output},
                          .has_loader = loadable_,
                          .has_error = loadable_};
  const std::size_t first = netlist.images.size();
  netlist.images.push_back(weights(words, places, layout));
  netlist.images.push_back(constants(lanes));
  const auto add = [&](const char* name, std::int64_t value) { instance.parameters.push_back({name, value}); };
  add("BITS", element_bits);
  add("WEIGHT_BITS", weight_bits_);
  add("ACCUMULATOR_BITS", accumulator_bits_);
  add("ARITHMETIC", tflite_ ? 1 : 0);
  add("SHIFT_LOW", shift_low_);
  add("SHIFT_HIGH", shift_high_);
  add("ZERO", output_zero_);
  add("LOW", low_);
  add("HIGH", high_);
  if (ultra_) add("ULTRA", 1);
  if (!loadable_) {
    instance.parameters.push_back({"WEIGHTS", ImageIndex{first}});
    instance.parameters.push_back({"CONSTANTS", ImageIndex{first + 1}});
  }
  netlist.instances.push_back(std::move(instance));
}

std::int64_t output_lanes(std::int64_t sums, std::int64_t cycles) {
  std::int64_t lanes = 1;
  while (sums % lanes != 0 || sums / lanes > cycles) ++lanes;
  return lanes;
}

namespace {

// The smallest widths for each number of folds that `extent` elements can have, widest first.
std::vector<std::int64_t> widths(std::int64_t extent) {
  std::vector<std::int64_t> list;
  for (std::int64_t folds = 1; folds <= extent;) {
    const std::int64_t width = (extent + folds - 1) / folds;
    list.push_back(width);
    if (width == 1) break;
    folds = (extent + width - 2) / (width - 1);  // the first that a smaller width needs
  }
  return list;
}

}  // namespace

std::vector<Folding> matrix_foldings(const WeightedUnit& unit, std::int64_t n_in, std::int64_t unit_of_input) {
  struct Candidate {
    std::int64_t multipliers, cycles;
    bool divides;
    Folding folding;
  };
  std::vector<Candidate> candidates;
  const auto pes = widths(unit.outputs());
  for (const std::int64_t simd : widths(n_in)) {
    for (const std::int64_t pe : pes) {
      const std::int64_t cycles = ((n_in + simd - 1) / simd) * ((unit.outputs() + pe - 1) / pe);
      candidates.push_back({unit.multipliers(simd, pe), cycles, unit_of_input % simd == 0, {simd, pe}});
    }
  }
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.multipliers, a.cycles, !a.divides, a.folding.simd) <
           std::tuple(b.multipliers, b.cycles, !b.divides, b.folding.simd);
  });
  std::vector<Folding> front;
  std::int64_t least = candidates.front().cycles + 1;
  for (const Candidate& candidate : candidates) {
    if (candidate.cycles >= least) continue;
    least = candidate.cycles;
    front.push_back(candidate.folding);
  }
  return front;
}

std::int64_t MatrixUnit::latency(const WeightedUnit& unit) const {
  const std::int64_t group = folding.pe / lanes();  // beats of a round, and of the last one
  const std::int64_t last = (n_out + lanes() - 1) / lanes() - (rounds() - 1) * group;
  return cycles() + bit_width(folding.simd - 1) + (unit.packed(folding.pe) ? 1 : 0) + unit.tail_cycles(last);
}

std::size_t MatrixUnit::add_to(Netlist& netlist, const WeightedUnit& unit, std::size_t input,
                               const std::function<std::int64_t(std::int64_t)>& order) const {
  const std::size_t output =
      netlist.add_stream({.rows = rows, .elements = n_out, .lanes = lanes(), .bits = element_bits});
  const std::int64_t simd = folding.simd;
  const std::int64_t pe = folding.pe;
  const std::int64_t steps = folds();
  const auto layout = [&](std::int64_t word, std::int64_t place) -> WeightedUnit::Place {
    const std::int64_t row = word / steps * pe + place / simd;
    const std::int64_t element = word % steps * simd + place % simd;
    if (row >= n_out || element >= n_in) return {};
    const std::int64_t tap = order(element);
    return tap < 0 ? WeightedUnit::Place{} : WeightedUnit::Place{row, tap};
  };
  unit.add_to(netlist, "algean_matvec",
              {{"ELEMENTS", n_in},
               {"OUTPUTS", n_out},
               {"SIMD", simd},
               {"PE", pe},
               {"LANES", lanes()},
               {"PACKED", unit.packed(pe) ? 1 : 0}},
              input, output, cycles(), simd * pe, layout, lanes());
  return output;
}

Result<> check_folding(const Folding& folding, std::int64_t n_in, std::int64_t n_out) {
  if (folding.simd >= 1 && folding.simd <= n_in && folding.pe >= 1 && folding.pe <= n_out) return {};
  return bad_input("folding {}x{} must be within 1..{} by 1..{}", folding.simd, folding.pe, n_in, n_out);
}

}  // namespace algean::kernels
