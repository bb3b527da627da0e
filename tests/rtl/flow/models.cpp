// What the modules of tests/rtl/flow/cases.txt are to give.
#include <algorithm>
#include <fstream>
#include <numeric>
#include <string>

#include "kernels/activation/softmax.hpp"
#include "kernels/activation/tflite_softmax.hpp"
#include "kernels/numeric/joint.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "tests/rtl/harness/bench.hpp"

namespace algean::rtl {
namespace {

namespace numeric = kernels;

std::int64_t value(const Case& what, const std::string& name, std::int64_t otherwise) {
  return what.parameters.contains(name) ? what.number(name) : otherwise;
}

// The words of an image, as unsigned numbers.
std::vector<std::uint64_t> words(const Case& what, const std::string& name) {
  std::ifstream file(what.parameters.at(name));
  std::vector<std::uint64_t> result;
  for (std::string word; file >> word;) result.push_back(std::stoull(word, nullptr, 16));
  return result;
}

std::int64_t extend(std::uint64_t word, int bits) {
  return static_cast<std::int64_t>(word << (64 - bits)) >> (64 - bits);
}

std::size_t byte(std::int64_t code) { return static_cast<std::size_t>(code & 0xff); }

std::int64_t clamped(const Case& what, std::int64_t number) {
  return std::clamp(number + value(what, "ZERO_Y", 0), value(what, "LOW", -128), value(what, "HIGH", 127));
}

std::size_t output_beats(const Case& what) { return what.outputs[0].beats(); }
std::size_t busier_side(const Case& what) {
  std::size_t most = what.outputs[0].beats();
  for (const StreamShape& shape : what.inputs) most = std::max(most, shape.beats());
  return most;
}

// --- algean_join

std::int64_t joined(const Case& what, const std::vector<std::uint64_t>& table, std::int64_t a, std::int64_t b) {
  const std::int64_t rule = what.number("RULE");
  const std::int64_t m0 = value(what, "MULTIPLIER_0", 1);
  const std::int64_t offset = value(what, "OFFSET", 0);
  const auto shift = static_cast<int>(value(what, "SHIFT", 1));
  const std::int64_t product = (a - value(what, "ZERO_0", 0)) * (b - value(what, "ZERO_1", 0));
  const auto rescaled = [&](std::int64_t x) {
    return numeric::tflite::mbqm(static_cast<std::int32_t>(x), static_cast<std::int32_t>(m0), shift);
  };
  if (rule == 0) return clamped(what, (a * m0 + b * what.number("MULTIPLIER_1") + offset) >> shift);
  if (rule == 1) return clamped(what, (product * m0 + offset) >> shift);
  if (rule == 4) return clamped(what, rescaled(extend(table[byte(a)], 30) + extend(table[256 + byte(b)], 30)));
  if (rule == 5) return clamped(what, rescaled(product));
  if (!table.empty()) a = extend(table[byte(a)], 8), b = extend(table[256 + byte(b)], 8);
  return clamped(what, rule == 2 ? std::max(a, b) : std::min(a, b));
}

// The operand that CONSTANT holds for each element.
Elements constant_operand(const Case& what) {
  const auto image = words(what, "CONSTANT");
  const StreamShape& shape = what.inputs[0];
  Elements result;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    for (std::size_t i = 0; i < shape.elements; ++i) {
      const std::size_t beat = (row * shape.beats_per_row() + i / shape.lanes) % image.size();
      result.push_back(extend(image[beat] >> (8 * (i % shape.lanes)), 8));
    }
  }
  return result;
}

std::vector<Elements> join(const Case& what, const std::vector<Elements>& inputs) {
  const auto table = what.parameters.contains("IMAGE") ? words(what, "IMAGE") : std::vector<std::uint64_t>{};
  const Elements other = inputs.size() == 2 ? inputs[1] : constant_operand(what);
  Elements result;
  for (std::size_t i = 0; i < other.size(); ++i) result.push_back(joined(what, table, inputs[0][i], other[i]));
  return {result};
}

// --- algean_table, algean_softmax

std::vector<Elements> look_up(const Case& what, const std::vector<Elements>& inputs) {
  const auto image = words(what, "IMAGE");
  const StreamShape& shape = what.inputs[0];
  Elements result;
  for (std::size_t i = 0; i < inputs[0].size(); ++i) {
    std::size_t table = 0;
    if (what.parameters.contains("INDEX")) {
      const auto index = words(what, "INDEX");
      const std::size_t lane = i % shape.elements % shape.lanes;
      const std::size_t beat = i / shape.elements * shape.beats_per_row() + i % shape.elements / shape.lanes;
      table = (index[beat % index.size()] >> (2 * lane)) & 3;
    }
    result.push_back(extend(image[256 * table + byte(inputs[0][i])], 8));
  }
  return {result};
}

// log_softmax's rule with 20 fraction bits in an exponential, and 10 of the sum's below its highest.
void log_softmax_row(const Case& what, const std::vector<std::int8_t>& x,
                     const std::vector<std::uint64_t>& exponentials, std::vector<std::int8_t>& y) {
  const auto logarithms = words(what, "LOGARITHMS");
  const int largest = *std::ranges::max_element(x);
  std::uint64_t sum = 0;
  for (const std::int8_t code : x) sum += exponentials[static_cast<std::size_t>(largest - code)];
  std::size_t octave = 0;
  while ((sum >> (21 + octave)) != 0) ++octave;
  const std::int64_t logarithm =
      extend(logarithms[octave], 32) + extend(logarithms[64 + ((sum >> (octave + 10)) & 1023)], 32);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t acc = (x[i] - largest) * what.number("STEP") - logarithm + 32768;
    y[i] = static_cast<std::int8_t>(clamped(what, acc >> 16));
  }
}

std::vector<Elements> softmax(const Case& what, const std::vector<Elements>& inputs) {
  const auto image = words(what, "EXPONENTIALS");
  const std::vector<std::uint32_t> unsigned_words(image.begin(), image.end());
  const std::vector<std::int32_t> signed_words(image.begin(), image.end());
  const std::size_t n = what.inputs[0].elements;
  Elements result;
  for (std::size_t at = 0; at < inputs[0].size(); at += n) {
    std::vector<std::int8_t> x(inputs[0].begin() + static_cast<std::ptrdiff_t>(at),
                               inputs[0].begin() + static_cast<std::ptrdiff_t>(at + n));
    std::vector<std::int8_t> y(n);
    const std::int64_t rule = value(what, "RULE", 0);
    if (rule == 0) numeric::activation::softmax_integer(x, unsigned_words, y);
    if (rule == 1) numeric::activation::softmax_tflite(x, signed_words, y);
    if (rule == 2) log_softmax_row(what, x, image, y);
    result.insert(result.end(), y.begin(), y.end());
  }
  return {result};
}

std::size_t softmax_cycles(const Case& what) {
  const std::int64_t rule = value(what, "RULE", 0);
  const auto n = what.inputs[0].elements;
  const std::size_t row = rule == 0 ? 16 * n + 4 : rule == 1 ? 10 * n + 33 : 8 * n + 7;
  return what.inputs[0].rows * row;
}

// --- algean_reduce

std::int64_t finished(const Case& what, std::int64_t total, std::uint64_t word) {
  const auto multiplier = static_cast<std::int64_t>(word & 0xffffffffU);
  const auto shift = static_cast<int>(extend(word >> 32U, 8));
  switch (value(what, "FINISH", 0)) {
    case 0:
      return clamped(what, total);
    case 1:
      return clamped(what, (total * multiplier + (std::int64_t{1} << (shift - 1))) >> shift);
    case 2:
      return clamped(
          what, numeric::tflite::mbqm(static_cast<std::int32_t>(total), static_cast<std::int32_t>(multiplier), shift));
    default:
      break;
  }
  // The count that the word divides by: 2^shift / multiplier, where the reciprocal is rounded up.
  const std::int64_t n = (std::int64_t{1} << shift) / (multiplier - 1);
  if (what.number("FINISH") == 4) return clamped(what, (total + 128 * n + n / 2) / n - 128);
  return clamped(what, total > 0 ? (total + n / 2) / n : (total - n / 2) / n);
}

std::vector<Elements> reduce(const Case& what, const std::vector<Elements>& inputs) {
  const auto blocks = static_cast<std::size_t>(what.number("BLOCKS"));
  const auto count = static_cast<std::size_t>(what.number("COUNT"));
  const std::int64_t kind = value(what, "KIND", 0);
  const auto image = what.parameters.contains("IMAGE") ? words(what, "IMAGE") : std::vector<std::uint64_t>{0};
  const auto group = static_cast<std::size_t>(value(what, "GROUP_BEATS", 1));
  const std::vector<Beat> beats = to_beats(what.inputs[0], inputs[0]);
  const StreamShape& shape = what.outputs[0];
  Elements result;
  for (std::size_t beat = 0; beat < shape.beats(); ++beat) {
    const std::size_t used = std::min(shape.lanes, shape.elements - beat % shape.beats_per_row() * shape.lanes);
    for (std::size_t lane = 0; lane < used; ++lane) {
      std::int64_t total = value(what, "INITIAL", 0);
      std::size_t best = 0;
      const auto code = [&](std::size_t round) {
        return beats[(beat / blocks * count + round) * blocks + beat % blocks].lanes[lane];
      };
      for (std::size_t round = 0; round < count; ++round) {
        total += code(round);
        if (kind == 2 ? code(round) < code(best) : code(round) > code(best)) best = round;
      }
      if (kind == 3) {
        result.push_back(static_cast<std::int64_t>(best));
      } else if (shape.bits == 32) {
        const std::int64_t shift = value(what, "OUT_SHIFT", 0);
        result.push_back(shift == 0 ? total : (total + (std::int64_t{1} << (shift - 1))) >> shift);
      } else {
        result.push_back(finished(what, kind == 0 ? total : code(best), image[beat / group % image.size()]));
      }
    }
  }
  return {result};
}

std::vector<Elements> score(const Case& what, const std::vector<Elements>& inputs) {
  const bool is_square = value(what, "RULE", 0) == 0;
  const auto table = is_square ? std::vector<std::uint64_t>{} : words(what, "IMAGE");
  Elements result;
  for (std::size_t i = 0; i < inputs[0].size(); ++i) {
    if (!is_square) {
      const std::uint64_t sum = table[byte(inputs[0][i])] + table[256 + byte(inputs[1][i])];
      result.push_back(extend(sum, 32));
      continue;
    }
    const std::int64_t difference = what.number("MULTIPLIER_0") * (inputs[0][i] - what.number("ZERO_0")) -
                                    what.number("MULTIPLIER_1") * (inputs[1][i] - what.number("ZERO_1"));
    result.push_back(difference * difference);
  }
  return {result};
}

// --- modules that move

std::vector<Elements> concat(const Case& what, const std::vector<Elements>& inputs) {
  Elements result;
  std::vector<std::size_t> at(2, 0);
  for (std::size_t row = 0; row < what.outputs[0].rows; ++row) {
    for (std::size_t side = 0; side < 2; ++side) {
      const std::size_t n = what.inputs[side].elements;
      for (std::size_t i = 0; i < n; ++i) result.push_back(inputs[side][at[side]++]);
    }
  }
  return {result};
}

std::vector<Elements> split(const Case& what, const std::vector<Elements>& inputs) {
  std::vector<Elements> result(2);
  std::size_t at = 0;
  while (at < inputs[0].size()) {
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < what.outputs[side].elements; ++i) result[side].push_back(inputs[0][at++]);
    }
  }
  return result;
}

std::vector<Elements> pad(const Case& what, const std::vector<Elements>& inputs) {
  const std::int64_t height = what.number("HEIGHT");
  const std::int64_t width = what.number("WIDTH");
  const std::int64_t elements = what.number("ELEMENTS");
  Elements result;
  for (std::int64_t y = -value(what, "TOP", 0); y < height + value(what, "BOTTOM", 0); ++y) {
    for (std::int64_t x = -value(what, "LEFT", 0); x < width + value(what, "RIGHT", 0); ++x) {
      const bool inside = y >= 0 && y < height && x >= 0 && x < width;
      for (std::int64_t i = 0; i < elements; ++i) {
        const auto from = static_cast<std::size_t>((y * width + x) * elements + i);
        result.push_back(inside ? inputs[0][from] : what.number("VALUE"));
      }
    }
  }
  return {result};
}

std::vector<Elements> repeat(const Case& what, const std::vector<Elements>& inputs) {
  const auto width = static_cast<std::size_t>(what.number("WIDTH"));
  const auto across = static_cast<std::size_t>(value(what, "ACROSS", 1));
  const auto down = static_cast<std::size_t>(value(what, "DOWN", 1));
  const std::size_t elements = what.inputs[0].elements;
  Elements result;
  for (std::size_t y = 0; y < what.inputs[0].rows / width * down; ++y) {
    for (std::size_t x = 0; x < width * across; ++x) {
      const std::size_t from = (y / down * width + x / across) * elements;
      for (std::size_t i = 0; i < elements; ++i) result.push_back(inputs[0][from + i]);
    }
  }
  return {result};
}

std::vector<Elements> move(const Case& what, const std::vector<Elements>& inputs) {
  constexpr std::uint64_t filler = 1U << 23U;
  const std::vector<Beat> beats = to_beats(what.inputs[0], inputs[0]);
  const StreamShape& shape = what.outputs[0];
  Elements result;
  std::size_t beat = 0;
  for (const std::uint64_t a : words(what, "OFFSETS_0")) {
    for (const std::uint64_t b : words(what, "OFFSETS_1")) {
      for (const std::uint64_t c : words(what, "OFFSETS_2")) {
        for (const std::uint64_t d : words(what, "OFFSETS_3")) {
          const std::size_t used = std::min(shape.lanes, shape.elements - beat++ % shape.beats_per_row() * shape.lanes);
          const bool nothing = ((a | b | c | d) & filler) != 0;
          for (std::size_t lane = 0; lane < used; ++lane) {
            result.push_back(nothing ? what.number("FILLER") : beats[a + b + c + d].lanes[lane]);
          }
        }
      }
    }
  }
  return {result};
}

}  // namespace

Models models() {
  return {{"algean_join", {join, output_beats, {}}},         {"algean_table", {look_up, output_beats, {}}},
          {"algean_softmax", {softmax, softmax_cycles, {}}}, {"algean_reduce", {reduce, busier_side, {}}},
          {"algean_score", {score, output_beats, {}}},       {"algean_concat", {concat, output_beats, {}}},
          {"algean_split", {split, busier_side, {}}},        {"algean_pad", {pad, output_beats, {}}},
          {"algean_repeat", {repeat, output_beats, {}}},     {"algean_move", {move, busier_side, {}}}};
}

}  // namespace algean::rtl
