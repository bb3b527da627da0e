#include "kernels/family/streams.hpp"

#include <algorithm>

namespace algean::kernels {
namespace {

constexpr std::int64_t max_lanes = 1024;

void put_bits(std::vector<std::uint8_t>& bytes, std::size_t at, std::int64_t bits, std::int64_t value) {
  for (std::int64_t i = 0; i < bits; ++i) {
    const std::size_t bit = at + static_cast<std::size_t>(i);
    const bool is_set = ((value >> std::min<std::int64_t>(i, 63)) & 1) != 0;
    if (is_set) bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | (1U << (bit % 8)));
  }
}

}  // namespace

Stream row_stream(const Shape& shape, std::int64_t lanes, std::int64_t bits) {
  return {shape.elements() / shape.channels(), shape.channels(), lanes, bits};
}

std::vector<Folding> lane_foldings(std::int64_t elements) {
  std::vector<Folding> result;
  std::int64_t beats = elements + 1;
  for (std::int64_t lanes = 1; lanes <= std::min(elements, max_lanes); ++lanes) {
    const std::int64_t fewer = (elements + lanes - 1) / lanes;
    if (fewer < beats) result.push_back({lanes, 1});
    beats = std::min(beats, fewer);
  }
  return result;
}

std::vector<Folding> dividing_foldings(std::int64_t elements) {
  std::vector<Folding> result;
  for (std::int64_t lanes = 1; lanes <= std::min(elements, max_lanes); ++lanes) {
    if (elements % lanes == 0) result.push_back({lanes, 1});
  }
  return result;
}

Result<> check_folding(const Folding& folding, std::span<const Folding> legal) {
  if (std::ranges::find(legal, folding) != legal.end()) return {};
  return bad_input("folding of {} lanes and {} outputs, must be of {} to {} lanes that save a beat, and 1 output",
                   folding.simd, folding.pe, legal.front().simd, legal.back().simd);
}

MemoryImage make_image(std::string name, std::int64_t bits, std::span<const std::int64_t> words) {
  return make_beats(std::move(name), bits, 1, 1, words);
}

MemoryImage make_beats(std::string name, std::int64_t bits, std::int64_t lanes, std::int64_t elements,
                       std::span<const std::int64_t> numbers) {
  MemoryImage image{std::move(name), bits * lanes, {}};
  const auto count = static_cast<std::int64_t>(numbers.size());
  ALGEAN_INVARIANT(count % elements == 0);
  const std::int64_t beats = (elements + lanes - 1) / lanes;
  image.bytes.resize(static_cast<std::size_t>(count / elements * beats * image.word_bytes()));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t word = i / elements * beats + i % elements / lanes;
    const std::int64_t bit = word * image.word_bytes() * 8 + i % elements % lanes * bits;
    put_bits(image.bytes, static_cast<std::size_t>(bit), bits, numbers[static_cast<std::size_t>(i)]);
  }
  return image;
}

std::vector<std::int64_t> by_byte(std::span<const std::int64_t> table) {
  ALGEAN_INVARIANT(table.size() == 256);
  std::vector<std::int64_t> result(table.begin() + 128, table.end());
  result.insert(result.end(), table.begin(), table.begin() + 128);
  return result;
}

ModuleParameter add_image(Netlist& netlist, const std::string& parameter, MemoryImage image) {
  netlist.images.push_back(std::move(image));
  return {parameter, ImageIndex{netlist.images.size() - 1}};
}

void add_instance(Netlist& netlist, std::string module, std::string name, std::vector<ModuleParameter> parameters,
                  std::vector<std::size_t> inputs, std::vector<std::size_t> outputs, bool has_error) {
  netlist.instances.push_back({.module = std::move(module),
                               .name = std::move(name),
                               .parameters = std::move(parameters),
                               .inputs = std::move(inputs),
                               .outputs = std::move(outputs),
                               .has_error = has_error});
}

std::size_t add_fifo(Netlist& netlist, std::string name, std::size_t from, std::int64_t beats) {
  const Stream stream = netlist.streams[from];
  const std::size_t to = netlist.add_stream(stream);
  const std::int64_t depth = std::max<std::int64_t>(beats, 3);  // 2 would be a register, of another latency
  add_instance(netlist, "algean_fifo", std::move(name),
               {{"BITS", stream.bits}, {"LANES", stream.lanes}, {"DEPTH", depth}}, {from}, {to});
  return to;
}

Cycles pipeline_cycles(std::int64_t beats, std::int64_t stages) { return {beats, beats - 1 + stages, 1}; }

}  // namespace algean::kernels
