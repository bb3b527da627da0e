// What the families' netlists have in common: streams of shapes, lanes, instances, images.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "kernels/family/hardware.hpp"
#include "runtime/base/result.hpp"
#include "runtime/tensor/shape.hpp"

namespace algean::kernels {

// How a tensor of that shape travels.
[[nodiscard]] Stream row_stream(const Shape& shape, std::int64_t lanes, std::int64_t bits = 8);

// Foldings of a layer that takes `simd` elements a cycle of rows of so many: each needs fewer beats than the one
// before.
[[nodiscard]] std::vector<Folding> lane_foldings(std::int64_t elements);
// The same where the lanes must divide `elements`.
[[nodiscard]] std::vector<Folding> dividing_foldings(std::int64_t elements);
// bad_input unless the folding is one of `legal`.
Result<> check_folding(const Folding& folding, std::span<const Folding> legal);

// Words of `bits` bits each, of which the numbers are two's complement.
[[nodiscard]] MemoryImage make_image(std::string name, std::int64_t bits, std::span<const std::int64_t> words);
// Words of `lanes` numbers of `bits` bits, the first lowest, over rows of `elements`: what is behind a row's end is 0.
// `numbers` are whole rows.
[[nodiscard]] MemoryImage make_beats(std::string name, std::int64_t bits, std::int64_t lanes, std::int64_t elements,
                                     std::span<const std::int64_t> numbers);
// 256 entries in the order of the codes as unsigned bytes, of a table that begins with code -128.
[[nodiscard]] std::vector<std::int64_t> by_byte(std::span<const std::int64_t> table);

// Adds an image, and is the parameter that names it.
[[nodiscard]] ModuleParameter add_image(Netlist& netlist, const std::string& parameter, MemoryImage image);
// Adds a module between streams of the netlist.
void add_instance(Netlist& netlist, std::string module, std::string name, std::vector<ModuleParameter> parameters,
                  std::vector<std::size_t> inputs, std::vector<std::size_t> outputs, bool has_error = false);

// Adds a FIFO of at least so many beats behind the stream; the stream behind it. A layer that takes nothing for some
// time needs one in front, or its writer, which may be no faster than the network, loses that time.
[[nodiscard]] std::size_t add_fifo(Netlist& netlist, std::string name, std::size_t from, std::int64_t beats);
inline constexpr std::int64_t fifo_latency = 2;  // of each of them

// Cycles of a pipeline of `stages` registers that a tensor of so many beats passes.
[[nodiscard]] Cycles pipeline_cycles(std::int64_t beats, std::int64_t stages);

}  // namespace algean::kernels
