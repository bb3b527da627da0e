#include "kernels/batch_norm/hardware.hpp"

#include <bit>

#include "kernels/batch_norm/batch_norm.hpp"
#include "kernels/batch_norm/tables.hpp"
#include "kernels/family/streams.hpp"

namespace algean::kernels::batch_norm {
namespace {

constexpr std::int64_t max_table_channels = 4096;

// 256 entries a channel, by byte.
std::vector<std::int64_t> entries_of(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  const std::vector<std::int64_t> tables = channel_tables(layer, input, output);
  std::vector<std::int64_t> entries;
  for (std::size_t at = 0; at < tables.size(); at += 256) {
    const auto table = by_byte(std::span(tables).subspan(at, 256));
    entries.insert(entries.end(), table.begin(), table.end());
  }
  return entries;
}

}  // namespace

Result<std::vector<Folding>> BatchNormHardware::foldings(const LayerSpec&, std::span<const TensorType> inputs,
                                                         std::span<const TensorType>, const HardwareOptions&) const {
  const std::int64_t channels = inputs[0].shape.channels();
  if (channels <= max_table_channels) return lane_foldings(channels);
  return bad_input("batch_norm of {} channels that no layer took up: there is hardware for at most {}", channels,
                   max_table_channels);
}

Result<Netlist> BatchNormHardware::netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs, const Folding& folding,
                                           const HardwareOptions& options) const {
  ALGEAN_ASSIGN(const std::vector<Folding> legal, foldings(layer, inputs, outputs, options));
  ALGEAN_TRY(check_folding(folding, legal));
  const Shape& shape = inputs[0].shape;
  const std::int64_t channels = shape.channels();
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(row_stream(shape, folding.simd))};
  netlist.outputs = {netlist.add_stream(row_stream(shape, folding.simd))};
  std::vector<ModuleParameter> parameters{{"LANES", folding.simd}, {"ELEMENTS", channels}, {"TABLES", channels}};
  parameters.push_back(add_image(netlist, "IMAGE", make_image("table", 8, entries_of(layer, inputs[0], outputs[0]))));
  if (channels > 1) {
    std::vector<std::int64_t> indices;
    for (std::int64_t c = 0; c < channels; ++c) indices.push_back(c);
    const auto bits = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(channels - 1)));
    MemoryImage index = make_beats("index", bits, folding.simd, channels, indices);
    parameters.push_back({"PERIOD", index.words()});
    parameters.push_back(add_image(netlist, "INDEX", std::move(index)));
  }
  add_instance(netlist, "algean_table", "table", std::move(parameters), netlist.inputs, netlist.outputs);
  return netlist;
}

Cycles BatchNormHardware::cycles(const LayerSpec&, std::span<const TensorType> inputs, std::span<const TensorType>,
                                 const Folding& folding, const HardwareOptions&) const {
  return pipeline_cycles(row_stream(inputs[0].shape, folding.simd).beats(), 1);
}

}  // namespace algean::kernels::batch_norm
