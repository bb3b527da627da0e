// HLS C++ as text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/hls/design.hpp"

namespace algean::kernels {

// How a function is started: by its streams alone, or by a host over AXI4-Lite.
enum class HlsControl : std::uint8_t { none, axi_lite };

// Most bits of an off-chip stream's TDATA; wider streams are repacked behind it.
inline constexpr std::int64_t most_port_bits = 512;

// layer_NAME.hpp: the configurations and tables of a layer, and the function that calls its stages.
std::string print_hls_layer(const HlsDesignLayer& layer, const Graph& graph, const std::vector<std::string>& origin);

// A function with off-chip streams, its declaration and its test bench.
struct HlsTopText {
  std::string header, source, test;
};
// One layer: `ip_NAME`.
HlsTopText print_hls_ip(const HlsDesignLayer& layer, HlsControl control, const std::vector<std::string>& origin);
// The whole network: `network`. Layers' headers lie in ips/NAME.
HlsTopText print_hls_network(const HlsDesign& design, HlsControl control, const std::vector<std::string>& origin);

// build.tcl of a top of that name.
std::string print_hls_script(const std::string& top, const std::vector<std::string>& origin);

}  // namespace algean::kernels
