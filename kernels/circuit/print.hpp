// A design as text: SystemVerilog, memory images, and the table of its ports for the simulation's driver.
#pragma once

#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"

namespace algean::kernels {

inline constexpr auto top_module = "algean_top";

struct TextFile {
  std::string path;  // relative to the project: "rtl/algean_top.sv"
  std::string text;
};

// rtl/algean_top.sv and rtl/layer_*.sv. The top has the ports clk, rst, in<i>_{data,last,mark,valid,ready},
// out<i>_{...}, load<i>_{data,last,valid,ready} where there is something to load, and error. `origin`: lines that say
// what made the design, and from which inputs.
std::vector<TextFile> print_modules(const Design& design, const std::vector<std::string>& origin);

// mem/*.mem, the images that modules name: a word a line, hexadecimal, as $readmemh reads it.
std::vector<TextFile> print_images(const Design& design);

// vectors/load<i>.bin: what goes into each load port, 32-bit words, little endian: the images of its layer that no
// module names, word by word, each in whole 32-bit words, the low ones first
// (kernels/dense/rtl/algean_weight_loader.sv).
std::vector<TextFile> print_loads(const Design& design);

// sim/ports.inc: ALGEAN_INPUT(port, "name", rows, elements, lanes, bits), ALGEAN_OUTPUT and ALGEAN_LOADER(port,
// "name").
TextFile print_ports(const Design& design, const std::vector<std::string>& origin);

}  // namespace algean::kernels
