// The files that generated projects need beside what is generated: the SystemVerilog library (kernels/*/rtl) and the
// simulation's driver, as they were when this binary was built.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/circuit/print.hpp"

namespace algean::kernels {

struct EmbeddedFile {
  std::string_view path;  // in the source tree: "kernels/stream/rtl/algean_fifo.sv"
  std::string_view text;
};

// All of them; made by cmake/embed.cmake.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

// rtl/NAME.sv of every library module that the design uses, directly or through others, and of `more`. failed for a
// module that the library lacks.
Result<std::vector<TextFile>> library_files(const Design& design, std::span<const std::string> more = {});
// sim/twin/*: the twins of modules that the design uses.
Result<std::vector<TextFile>> twin_files(const Design& design);
// sim/simulate.cpp and what it includes.
std::vector<TextFile> driver_files();

}  // namespace algean::kernels
