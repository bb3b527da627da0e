// A design as one kernel with AXI ports: algean_top behind algean_kernel (kernels/stream).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/circuit/print.hpp"

namespace algean::kernels {

inline constexpr auto node_module = "algean_node";
inline constexpr auto node_wrapper = "algean_kernel";

// rtl/algean_node.sv: ports clk, rst, s_axis_*, m_axis_*, s_axil_*, and w_axis_* where the design has load ports, as
// algean_kernel states them; the AXI4-Streams are `bridge_bits` wide. bad_input where that is not a multiple of every
// element's bytes, and for more outputs than the kernel's registers can route.
Result<TextFile> print_node(const Design& design, std::int64_t bridge_bits, const std::vector<std::string>& origin);

// FNV-1a, 64 bits, of the bytes of all memory images in order: what the register weights_hash says.
[[nodiscard]] std::uint64_t weights_hash(const Design& design);

}  // namespace algean::kernels
