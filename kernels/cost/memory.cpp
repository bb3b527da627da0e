#include "kernels/cost/memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace algean::kernels::cost {
namespace {

constexpr std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit; }

// Rows of 512 words that block RAMs are laid out in: some counts are rounded up to a rounder one.
std::int64_t rows_of(std::int64_t words) {
  const std::int64_t rows = round_up(words, 512);
  if (rows > 16) return 2 * rows_of(round_up(words, 2));
  return rows == 11 ? 12 : rows == 15 ? 16 : rows;
}

// LUTs a bit of the multiplexers between so many rows, measured; 0 where the forms of a block RAM are deep enough.
double multiplexer_luts(std::int64_t rows) {
  constexpr std::array<double, 17> luts{0, 0, 0, 1, 0, 4, 1, 3, 0.3, 3.3, 4, 1, 1, 5, 3, 1, 1};
  while (rows > 16) rows = round_up(rows, 2);
  return luts[static_cast<std::size_t>(rows)];
}

struct Blocks {
  std::int64_t cost = std::numeric_limits<std::int64_t>::max();
  std::int64_t bram18 = 0;
};

struct Kind {
  std::int64_t cost, bram18, width, words;  // width by 512 words, 1 bit by `words`
};
constexpr std::array<Kind, 2> kinds{{{129, 1, 36, 16384}, {257, 2, 72, 32768}}};

// The cheaper of RAMB18E2 and RAMB36E2; of equal ones the larger. `granule`: bits that lie side by side.
Blocks blocks(std::int64_t bits, std::int64_t words, std::int64_t granule) {
  Blocks best;
  for (const Kind& kind : kinds) {
    std::int64_t count = round_up(round_up(bits, granule) * granule * rows_of(words), kind.width);
    for (const std::int64_t width : {4, 2, 1}) {
      count = std::min(count, round_up(bits, width) * round_up(words, kind.words / width));
    }
    if (count * kind.cost <= best.cost) best = {count * kind.cost, count * kind.bram18};
  }
  return best;
}

Memory in_blocks(std::int64_t bits, std::int64_t words, const Blocks& made) {
  const std::int64_t rows = rows_of(words);
  const auto luts = static_cast<std::int64_t>(multiplexer_luts(rows) * static_cast<double>(bits));
  return {made.bram18, luts, luts > 0 ? 3 : 0};
}

std::int64_t lut_groups(std::int64_t bits, std::int64_t words) {  // of 8 LUTs
  return std::min(round_up(bits, 14) * round_up(words, 32), round_up(bits, 7) * round_up(words, 64));
}

// Their cost: a group that is not full counts in part, and half a unit is added for a bit that chooses between two
// rows.
double lut_cost(std::int64_t bits, std::int64_t words) {
  const auto cost = [&](double width, std::int64_t depth) {
    const auto rows = static_cast<double>(round_up(words, depth));
    return static_cast<double>(bits) * (16 / width * rows + (rows - 1) / 2);
  };
  return std::min(cost(14, 32), cost(7, 64));
}

}  // namespace

Memory block_ram(std::int64_t bits, std::int64_t words) { return in_blocks(bits, words, blocks(bits, words, 9)); }

Memory lut_ram(std::int64_t bits, std::int64_t words) {
  std::int64_t luts = lut_groups(bits, words) * 8;
  if (words > 64) luts += bits * round_up(words, 256);  // a multiplexer of four banks is one LUT6
  return {0, luts, 0};
}

Memory ram(std::int64_t bits, std::int64_t words) {
  const Blocks made = blocks(bits, words, 9);
  if (static_cast<double>(made.cost) < lut_cost(bits, words)) return in_blocks(bits, words, made);
  return lut_ram(bits, words);
}

std::int64_t distinct_bits(std::int64_t bits, std::int64_t words) {
  if (words > 30) return bits;
  const double functions = std::ldexp(1.0, static_cast<int>(words));
  return std::llround((functions - 2) * -std::expm1(static_cast<double>(bits) * std::log1p(-1 / functions)));
}

Memory rom(std::int64_t bits, std::int64_t words) {
  const Blocks made = blocks(bits, words, 1);
  if ((made.cost + 1) * 64 < bits * words) return in_blocks(bits, words, made);
  const std::int64_t kept = distinct_bits(bits, words);
  std::int64_t luts = kept * round_up(words, 64);
  if (words > 256) luts += kept * round_up(words, 256);
  return {0, words > 2 ? luts : 0, kept};  // its output register does not lie in a block RAM
}

Memory banks(std::int64_t bits, std::int64_t words) {
  Memory sum;
  for (std::int64_t left = bits; left > 0; left -= 64) {
    const std::int64_t width = std::min<std::int64_t>(left, 64);
    const Memory column = ram(width, 2 * words);
    sum.bram18 += column.bram18;
    sum.luts += column.luts;
    sum.ffs += column.ffs + (column.bram18 == 0 ? width : 0);
  }
  return sum;
}

}  // namespace algean::kernels::cost
