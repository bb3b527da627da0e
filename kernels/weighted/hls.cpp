#include "kernels/weighted/hls.hpp"

#include <algorithm>
#include <optional>

#include "kernels/requantise/requantise.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t most_lanes = 256;

std::int64_t divided(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

std::vector<HlsType> weighted_types(const LayerSpec& layer, bool wide_weights) {
  return {{"in_type", "std::int8_t"},
          {"weight_type", wide_weights ? "std::int16_t" : "std::int8_t"},
          {"rule", fmt::format("algean::hls::{}_rule", to_text(arithmetic_of(layer).value()))}};
}

std::vector<HlsNumber> weighted_numbers(const LayerSpec& layer, const TensorType& output) {
  const Quantisation& to = *output.element.quantisation();
  const CodeRange range = activation_codes(layer, to);
  return {{"zero", to.zero_point()}, {"low", range.low}, {"high", range.high}};
}

HlsWeights hls_weights(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  const Tensor& weight = layer.required("weight");
  const auto zeros = weight_zero_points(layer);
  const std::int64_t zero_x = input.element.quantisation()->zero_point();
  const auto outputs = static_cast<std::size_t>(weight.shape()[0]);
  const auto taps = static_cast<std::size_t>(weight.shape().elements()) / outputs;
  const Tensor& bias = layer.required("bias");
  const Requantiser requantiser(layer, output);
  HlsWeights result;
  result.weight.resize(outputs * taps);
  for (std::size_t o = 0; o < outputs; ++o) {
    std::int64_t sum = 0;
    for (std::size_t i = o * taps; i < (o + 1) * taps; ++i) {
      result.weight[i] = weight.integer_at(i) - zeros[o];
      sum += result.weight[i];
      result.wide |= result.weight[i] < -128 || result.weight[i] > 127;
    }
    result.bias.push_back(static_cast<std::int32_t>(static_cast<std::uint64_t>(bias.integer_at(o) - zero_x * sum)));
    result.multiplier.push_back(requantiser.channels()[o].multiplier);
    result.shift.push_back(requantiser.channels()[o].shift);
  }
  return result;
}

HlsStage matvec_stage(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                      const HlsMatrix& matrix) {
  const HlsWeights weights = hls_weights(layer, input, output);
  const std::int64_t parts = divided(matrix.n_out, matrix.pe);
  const std::int64_t rows = matrix.groups * parts;
  HlsTable table{
      "weight", weights.wide ? "std::int16_t" : "std::int8_t", {rows * matrix.folds, matrix.pe, matrix.simd}, {}};
  HlsTable bias{"bias", "std::int32_t", {rows, matrix.pe}, {}};
  const bool is_double = arithmetic_of(layer).value() == Arithmetic::tflite_double;
  HlsTable multiplier{"multiplier", is_double ? "std::int64_t" : "std::int32_t", {rows, matrix.pe}, {}};
  HlsTable shift{"shift", "std::int16_t", {rows, matrix.pe}, {}};
  table.values.reserve(static_cast<std::size_t>(rows * matrix.folds * matrix.pe * matrix.simd));
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto output_of = [&](std::int64_t p) {  // -1: only fills up
      const std::int64_t in_group = row % parts * matrix.pe + p;
      return in_group < matrix.n_out ? row / parts * matrix.n_out + in_group : -1;
    };
    for (std::int64_t p = 0; p < matrix.pe; ++p) {
      const std::int64_t o = output_of(p);
      const auto at = static_cast<std::size_t>(o);
      bias.values.push_back(o < 0 ? 0 : weights.bias[at]);
      multiplier.values.push_back(o < 0 ? 0 : weights.multiplier[at]);
      shift.values.push_back(o < 0 ? 1 : weights.shift[at]);
    }
    for (std::int64_t fold = 0; fold < matrix.folds; ++fold) {
      for (std::int64_t p = 0; p < matrix.pe; ++p) {
        for (std::int64_t s = 0; s < matrix.simd; ++s) {
          const std::int64_t o = output_of(p);
          const std::int64_t index = o < 0 ? -1 : matrix.weight(o, fold, s);
          table.values.push_back(index < 0 ? 0 : weights.weight[static_cast<std::size_t>(index)]);
        }
      }
    }
  }
  HlsStage stage{.function = "matvec",
                 .header = "kernels/dense/hls/matvec.hpp",
                 .name = "matvec",
                 .numbers = {{"vectors", matrix.vectors},
                             {"groups", matrix.groups},
                             {"folds", matrix.folds},
                             {"simd", matrix.simd},
                             {"n_out", matrix.n_out},
                             {"pe", matrix.pe}},
                 .types = weighted_types(layer, weights.wide),
                 .tables = {std::move(table), std::move(bias), std::move(multiplier), std::move(shift)},
                 .inputs = {},
                 .outputs = {}};
  for (const HlsNumber& number : weighted_numbers(layer, output)) stage.numbers.push_back(number);
  return stage;
}

std::vector<HlsChoice> hls_choices(std::int64_t elements) {
  std::vector<HlsChoice> choices;
  for (const std::int64_t lanes : lane_choices(elements, most_lanes))
    choices.push_back({lanes, divided(elements, lanes)});
  return choices;
}

Result<Folding> cheapest_folding(std::int64_t vectors, std::span<const HlsChoice> simd, std::span<const HlsChoice> pe,
                                 std::int64_t interval_cycles) {
  // Each output that is worked on at once has a requantisation, of two multipliers; each element a place in a repack.
  const auto cost = [](const Folding& f) { return f.simd * f.pe + 2 * f.pe + f.simd / 2; };
  std::optional<Folding> best, fastest;
  std::int64_t fastest_cycles = 0;
  for (const HlsChoice& s : simd) {
    for (const HlsChoice& p : pe) {
      const Folding folding{s.lanes, p.lanes};
      const std::int64_t cycles = vectors * s.steps * p.steps;
      if (!fastest || cycles < fastest_cycles) {
        fastest = folding;
        fastest_cycles = cycles;
      }
      if (cycles <= interval_cycles && (!best || cost(folding) < cost(*best))) best = folding;
    }
  }
  ALGEAN_INVARIANT(fastest.has_value());
  if (!best)
    return bad_input("{} cycles an inference at its fastest (SIMD {}, PE {}), {} wanted", fastest_cycles, fastest->simd,
                     fastest->pe, interval_cycles);
  return *best;
}

}  // namespace algean::kernels
