#include "kernels/cost/image.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "kernels/cost/numbers.hpp"

namespace algean::kernels::cost {
namespace {

bool bit_of(const MemoryImage& image, std::int64_t word, std::int64_t bit) {
  return (image.bytes[static_cast<std::size_t>(word * image.word_bytes() + bit / 8)] >> (bit % 8) & 1) != 0;
}

std::vector<std::int64_t> changing_bits(const MemoryImage& image) {
  const auto width = static_cast<std::size_t>(image.word_bytes());
  std::vector<std::uint8_t> changed(width, 0);
  for (std::size_t i = width; i < image.bytes.size(); ++i)
    changed[i % width] |= static_cast<std::uint8_t>(image.bytes[i] ^ image.bytes[i % width]);
  std::vector<std::int64_t> bits;
  for (std::int64_t bit = 0; bit < image.word_bits; ++bit) {
    if ((changed[static_cast<std::size_t>(bit / 8)] >> (bit % 8) & 1) != 0) bits.push_back(bit);
  }
  return bits;
}

// Each piece of 64 words that changes, and one LUT that chooses where others do not: among pieces that all change the
// slices' multiplexers do.
std::int64_t luts_of(const std::vector<bool>& column) {
  std::int64_t changing = 0;
  std::int64_t pieces = 0;
  for (auto at = column.begin(); at != column.end(); ++pieces) {
    const auto end = at + std::min<std::ptrdiff_t>(64, column.end() - at);
    if (std::adjacent_find(at, end, std::not_equal_to{}) != end) ++changing;
    at = end;
  }
  return changing + (changing < pieces ? 1 : 0);
}

// Of larger ones nothing is logic.
constexpr std::int64_t most_logic_bits = std::int64_t{1} << 20;

}  // namespace

ModuleInstance with_images(const ModuleInstance& instance, const Netlist& netlist) {
  ModuleInstance known = instance;
  for (const ModuleParameter& parameter : instance.parameters) {
    const auto* index = std::get_if<ImageIndex>(&parameter.value);
    if (index == nullptr) continue;
    const MemoryImage& image = netlist.images[index->index];
    const auto changing = changing_bits(image);
    known.parameters.push_back({parameter.name + "_BITS", static_cast<std::int64_t>(changing.size())});
    if (image.word_bits * image.words() > most_logic_bits) continue;
    std::set<std::vector<bool>> columns;
    std::int64_t luts = 0;
    for (const std::int64_t bit : changing) {
      std::vector<bool> column;
      for (std::int64_t word = 0; word < image.words(); ++word) column.push_back(bit_of(image, word, bit));
      if (columns.insert(column).second) luts += luts_of(column);
    }
    known.parameters.push_back({parameter.name + "_DISTINCT", static_cast<std::int64_t>(columns.size())});
    known.parameters.push_back({parameter.name + "_LUTS", luts});
  }
  return known;
}

Memory rom_of(const ModuleInstance& instance, const std::string& name, std::int64_t bits, std::int64_t words) {
  const std::int64_t changing = number_or(instance, name + "_BITS", -1);
  if (changing < 0) return rom(bits, words);
  const Memory memory = rom(std::max<std::int64_t>(1, changing), words);
  if (memory.bram18 > 0) return memory;
  const std::int64_t kept = number_or(instance, name + "_DISTINCT", changing);
  const std::int64_t luts = number_or(instance, name + "_LUTS", kept * round_up_div(words, 64));
  return {0, words > 2 ? luts + (words > 256 ? kept * round_up_div(words, 256) : 0) : 0, kept};
}

}  // namespace algean::kernels::cost
