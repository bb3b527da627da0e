#include "kernels/circuit/node.hpp"

#include <fmt/format.h>

#include <functional>

#include "kernels/emit/systemverilog.hpp"

namespace algean::kernels {
namespace {

using emit::Port;

constexpr std::size_t max_outputs = 8;     // registers output_route
constexpr std::int64_t dest_bits = 16;     // TDEST and TID, as wide as those registers have them
constexpr std::int64_t address_bits = 12;  // of AXI4-Lite
constexpr std::int64_t loader_bits = 32;

struct AxiPort {
  Port::Direction direction;
  const char* name;
  std::int64_t width;
};

std::vector<AxiPort> axi_ports(std::int64_t bytes, bool loads) {
  using enum Port::Direction;
  std::vector<AxiPort> ports{{input, "s_axis_tdata", 8 * bytes},  {input, "s_axis_tkeep", bytes},
                             {input, "s_axis_tlast", 1},          {input, "s_axis_tdest", dest_bits},
                             {input, "s_axis_tuser", 1},          {input, "s_axis_tvalid", 1},
                             {output, "s_axis_tready", 1},        {output, "m_axis_tdata", 8 * bytes},
                             {output, "m_axis_tkeep", bytes},     {output, "m_axis_tlast", 1},
                             {output, "m_axis_tdest", dest_bits}, {output, "m_axis_tid", dest_bits},
                             {output, "m_axis_tuser", 1},         {output, "m_axis_tvalid", 1},
                             {input, "m_axis_tready", 1},         {input, "s_axil_awaddr", address_bits},
                             {input, "s_axil_awvalid", 1},        {output, "s_axil_awready", 1},
                             {input, "s_axil_wdata", 32},         {input, "s_axil_wstrb", 4},
                             {input, "s_axil_wvalid", 1},         {output, "s_axil_wready", 1},
                             {output, "s_axil_bresp", 2},         {output, "s_axil_bvalid", 1},
                             {input, "s_axil_bready", 1},         {input, "s_axil_araddr", address_bits},
                             {input, "s_axil_arvalid", 1},        {output, "s_axil_arready", 1},
                             {output, "s_axil_rdata", 32},        {output, "s_axil_rresp", 2},
                             {output, "s_axil_rvalid", 1},        {input, "s_axil_rready", 1}};
  if (!loads) return ports;
  const AxiPort loading[] = {{input, "w_axis_tdata", loader_bits},
                             {input, "w_axis_tlast", 1},
                             {input, "w_axis_tdest", dest_bits},
                             {input, "w_axis_tvalid", 1},
                             {output, "w_axis_tready", 1}};
  ports.insert(ports.end(), std::begin(loading), std::end(loading));
  return ports;
}

std::vector<Stream> streams_of(const Design& design, const std::vector<DesignPort>& ports) {
  std::vector<Stream> streams;
  for (const DesignPort& port : ports) streams.push_back(design.top.streams[port.stream]);
  return streams;
}

Result<> check(const Design& design, std::int64_t bridge_bits) {
  for (const auto* ports : {&design.inputs, &design.outputs}) {
    for (const DesignPort& port : *ports) {
      const std::int64_t bits = (design.top.streams[port.stream].bits + 7) / 8 * 8;
      if (bridge_bits % bits == 0) continue;
      return bad_input("--bridge-bits {}: '{}' needs a multiple of {}", bridge_bits, port.name, bits);
    }
  }
  if (design.outputs.size() > max_outputs) {
    return bad_input("{} outputs: a kernel with AXI ports has {} at most", design.outputs.size(), max_outputs);
  }
  return {};
}

// 32 bits of each, the first lowest.
std::string words(const std::vector<Stream>& streams, const std::function<std::int64_t(const Stream&)>& of) {
  std::vector<std::string> list;
  for (const Stream& stream : streams) list.push_back(emit::number(32, static_cast<std::uint64_t>(of(stream))));
  return emit::concatenation(list);
}

std::int64_t data_bits(const std::vector<Stream>& streams) {
  std::int64_t bits = 0;
  for (const Stream& stream : streams) bits += stream.data_bits();
  return bits;
}

void add_parameters(emit::Instance& kernel, const char* side, const std::vector<Stream>& streams) {
  const auto add = [&](const char* name, const std::function<std::int64_t(const Stream&)>& of) {
    kernel.parameters.push_back({fmt::format("{}_{}", side, name), words(streams, of)});
  };
  add("BITS", [](const Stream& stream) { return stream.bits; });
  add("ROWS", [](const Stream& stream) { return stream.rows; });
  add("ELEMENTS", [](const Stream& stream) { return stream.elements; });
  add("LANES", [](const Stream& stream) { return stream.lanes; });
}

// Wires k_s_*, k_m_* and k_w_* between the kernel and the top, which has ports of its own for each stream.
void connect(emit::Module& module, emit::Instance& kernel, emit::Instance& top, const char* signal_prefix,
             const char* port_prefix, const std::vector<std::int64_t>& widths, bool marks) {
  std::int64_t all = 0;
  for (const std::int64_t width : widths) all += width;
  const auto count = static_cast<std::int64_t>(widths.size());
  for (const char* signal : {"data", "last", "mark", "valid", "ready"}) {
    const bool is_data = std::string_view(signal) == "data";
    if (!marks && std::string_view(signal) == "mark") continue;
    const std::string wire = fmt::format("{}_{}", signal_prefix, signal);
    module.items.emplace_back(emit::Wires{{wire}, is_data ? all : count});
    kernel.ports.push_back({wire, wire});
    std::int64_t low = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::int64_t width = is_data ? widths[i] : 1;
      top.ports.push_back(
          {fmt::format("{}{}_{}", port_prefix, i, signal), emit::slice(wire, low, width, is_data ? all : count)});
      low += width;
    }
  }
}

std::vector<std::int64_t> widths(const std::vector<Stream>& streams) {
  std::vector<std::int64_t> list;
  for (const Stream& stream : streams) list.push_back(stream.data_bits());
  return list;
}

}  // namespace

std::uint64_t weights_hash(const Design& design) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const DesignLayer& layer : design.layers) {
    for (const MemoryImage& image : layer.netlist.images) {
      for (const std::uint8_t byte : image.bytes) hash = (hash ^ byte) * 0x100000001b3U;
    }
  }
  return hash;
}

Result<TextFile> print_node(const Design& design, std::int64_t bridge_bits, const std::vector<std::string>& origin) {
  ALGEAN_TRY(check(design, bridge_bits));
  const auto inputs = streams_of(design, design.inputs);
  const auto outputs = streams_of(design, design.outputs);
  const std::size_t load_ports = loaders(design).size();
  emit::Module module{
      node_module,
      {fmt::format("Network '{}' as a kernel with AXI ports; AXI4-Streams of {} bits.", design.name, bridge_bits)},
      {{Port::Direction::input, "clk", 1}, {Port::Direction::input, "rst", 1}},
      {}};
  module.about.insert(module.about.end(), origin.begin(), origin.end());
  emit::Instance kernel{node_wrapper, "u_kernel", {}, {{"clk", "clk"}, {"rst", "rst"}}};
  emit::Instance top{top_module, "u_top", {}, {{"clk", "clk"}, {"rst", "rst"}}};
  kernel.parameters = {
      {"BYTES", std::to_string(bridge_bits / 8)},  {"INPUTS", std::to_string(inputs.size())},
      {"OUTPUTS", std::to_string(outputs.size())}, {"LOADERS", std::to_string(std::max<std::size_t>(load_ports, 1))},
      {"DEST_BITS", std::to_string(dest_bits)},    {"ID_BITS", std::to_string(dest_bits)}};
  add_parameters(kernel, "IN", inputs);
  add_parameters(kernel, "OUT", outputs);
  kernel.parameters.push_back({"WEIGHTS_HASH", fmt::format("64'h{:016x}", weights_hash(design))});
  kernel.parameters.push_back({"IN_DATA", std::to_string(data_bits(inputs))});
  kernel.parameters.push_back({"OUT_DATA", std::to_string(data_bits(outputs))});
  for (const AxiPort& port : axi_ports(bridge_bits / 8, load_ports > 0)) {
    module.ports.push_back({port.direction, port.name, port.width});
    kernel.ports.push_back({port.name, port.name});
  }
  module.items.emplace_back(emit::Comment{{"between the kernel's wrapper and the circuit"}});
  connect(module, kernel, top, "k_s", "in", widths(inputs), true);
  connect(module, kernel, top, "k_m", "out", widths(outputs), true);
  if (load_ports > 0) {
    connect(module, kernel, top, "k_w", "load", std::vector<std::int64_t>(load_ports, loader_bits), false);
  } else {
    for (const char* output : {"k_w_data", "w_axis_tready", "k_w_last", "k_w_valid"}) {
      const std::string wire = fmt::format("unused_{}", output);
      module.items.emplace_back(emit::Wires{{wire}, std::string_view(output) == "k_w_data" ? loader_bits : 1});
      kernel.ports.push_back({output, wire});
    }
    kernel.ports.push_back({"w_axis_tdata", emit::number(loader_bits, 0)});
    kernel.ports.push_back({"w_axis_tdest", emit::number(dest_bits, 0)});
    for (const char* idle : {"w_axis_tlast", "w_axis_tvalid", "k_w_ready"})
      kernel.ports.push_back({idle, emit::number(1, 0)});
  }
  module.items.emplace_back(emit::Wires{{"k_error"}, 1});
  kernel.ports.push_back({"k_error", "k_error"});
  top.ports.push_back({"error", "k_error"});
  module.items.emplace_back(std::move(kernel));
  module.items.emplace_back(std::move(top));
  return TextFile{fmt::format("rtl/{}.sv", node_module), emit::to_text(module)};
}

}  // namespace algean::kernels
