#include "runtime/wire/print_registers.hpp"

#include <fmt/format.h>

#include <iterator>

#include "runtime/wire/registers.hpp"

namespace algean::wire {
namespace {

template <class... Args>
void put(std::string& to, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(to), text, std::forward<Args>(args)...);
}

std::string_view to_text(Access access) {
  switch (access) {
    case Access::constant:
      return "constant";
    case Access::read:
      return "read";
    case Access::write:
      return "read, write";
    case Access::command:
      return "command";
  }
  return "";
}

std::string address(std::size_t offset) { return fmt::format("10'h{:03x}", offset / 4); }  // of a word

constexpr std::string_view bus_ports = R"(    input  logic        clk,
    input  logic        rst,
    input  logic [11:0] s_axil_awaddr,
    input  logic        s_axil_awvalid,
    output logic        s_axil_awready,
    input  logic [31:0] s_axil_wdata,
    input  logic [ 3:0] s_axil_wstrb,
    input  logic        s_axil_wvalid,
    output logic        s_axil_wready,
    output logic [ 1:0] s_axil_bresp,
    output logic        s_axil_bvalid,
    input  logic        s_axil_bready,
    input  logic [11:0] s_axil_araddr,
    input  logic        s_axil_arvalid,
    output logic        s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp,
    output logic        s_axil_rvalid,
    input  logic        s_axil_rready)";

void put_ports(std::string& to) {
  for (const Register& entry : registers) {
    if (entry.access == Access::constant) continue;
    const std::string_view direction = entry.access == Access::read ? "input " : "output";
    put(to, ",\n    {} logic [{}:0] {}", direction, entry.bits * entry.count - 1, entry.name);
  }
}

// One case of the decoder of reads.
void put_read(std::string& to, const Register& entry) {
  const auto line = [&](std::size_t offset, const std::string& value) {
    put(to, "      {}: {{found, value}} = {{1'b1, {}}};\n", address(offset), value);
  };
  if (entry.access == Access::constant) {
    line(entry.offset, fmt::format("32'h{:08x}", entry.value));
  } else if (entry.access == Access::command) {
    line(entry.offset, "32'b0");
  } else if (entry.bits == 64) {
    line(entry.offset, fmt::format("{}[31:0]", entry.name));
    line(entry.offset + 4, "upper");
  } else {
    for (std::size_t i = 0; i < entry.count; ++i) {
      line(entry.offset + 4 * i, fmt::format("{}[{}:{}]", entry.name, 32 * i + 31, 32 * i));
    }
  }
}

void put_upper(std::string& to) {
  for (const Register& entry : registers) {
    if (entry.bits != 64) continue;
    put(to, "        {}: upper <= {}[63:32];\n", address(entry.offset), entry.name);
  }
}

void put_writes(std::string& to) {
  for (const Register& entry : registers) {
    if (entry.access != Access::write && entry.access != Access::command) continue;
    for (std::size_t i = 0; i < entry.count; ++i) {
      const std::string part = fmt::format("{}[{}:{}]", entry.name, 32 * i + 31, 32 * i);
      const std::string old = entry.access == Access::write ? fmt::format(" | ({} & ~mask)", part) : "";
      put(to, "        {}: {} <= (s_axil_wdata & mask){};\n", address(entry.offset + 4 * i), part, old);
    }
  }
}

// The addresses that can be written, as items of a case.
std::string writable() {
  std::string items;
  for (const Register& entry : registers) {
    if (entry.access != Access::write && entry.access != Access::command) continue;
    for (std::size_t i = 0; i < entry.count; ++i) {
      put(items, "{}{}", items.empty() ? "" : ", ", address(entry.offset + 4 * i));
    }
  }
  return items;
}

void put_resets(std::string& to, Access access, std::string_view indent) {
  for (const Register& entry : registers) {
    if (entry.access == access) put(to, "{}{} <= '0;\n", indent, entry.name);
  }
}

}  // namespace

std::string print_registers() {
  std::string out =
      "# Registers of a kernel\n\nPrinted from `registers.hpp` by `print_registers.cpp`: do not edit.\n\n";
  put(out,
      "What `algean_kernel` (`kernels/stream`) answers over AXI4-Lite, in {} bytes of addresses, words of 32 bits. The "
      "lowest "
      "two\nbits of an address are ignored. A read or write of what is not here, and a write of what is only read, is "
      "answered SLVERR and does\nnothing. A register of 64 bits has its lower half first; reading that keeps the upper "
      "half as "
      "it was then, for the next read of an\nupper half.\n\n",
      register_space_bytes);
  put(out, "| byte | bits | register | access | meaning |\n|---|---|---|---|---|\n");
  for (const Register& entry : registers) {
    const std::string bits =
        entry.count == 1 ? fmt::format("{}", entry.bits) : fmt::format("{} x {}", entry.count, entry.bits);
    put(out, "| {:#05x} | {} | `{}` | {} | {} |\n", entry.offset, bits, entry.name, to_text(entry.access),
        entry.meaning);
  }
  return out;
}

std::string print_registers_module() {
  std::string out;
  put(out, "// Printed from runtime/wire/registers.hpp by print_registers.cpp: do not edit.\n//\n");
  put(out,
      "// The registers of a kernel behind AXI4-Lite (runtime/wire/REGISTERS.md). A command is high for one cycle.\n");
  put(out, "// Cycles: an answer a cycle behind its request; one read and one write under way at a time.\n");
  put(out, "module algean_registers (\n{}", bus_ports);
  put_ports(out);
  put(out, "\n);\n\n  localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10;\n\n");
  put(out,
      "  // Reads.\n  logic found;\n  logic [31:0] value, upper;\n\n  always_comb begin\n    {{found, value}} = '0;\n");
  put(out, "    case (s_axil_araddr[11:2])\n");
  for (const Register& entry : registers) put_read(out, entry);
  put(out, "      default: ;\n    endcase\n  end\n\n  assign s_axil_arready = !s_axil_rvalid;\n\n");
  put(out, "  always_ff @(posedge clk) begin\n    if (s_axil_arvalid && s_axil_arready) begin\n");
  put(out,
      "      s_axil_rvalid <= 1'b1;\n      s_axil_rdata  <= value;\n      s_axil_rresp  <= found ? OKAY : SLVERR;\n");
  put(out, "      case (s_axil_araddr[11:2])\n");
  put_upper(out);
  put(out,
      "        default: ;\n      endcase\n    end else if (s_axil_rready) begin\n      s_axil_rvalid <= 1'b0;\n    "
      "end\n");
  put(out, "    if (rst) s_axil_rvalid <= 1'b0;\n  end\n\n");
  put(out, "  // Writes.\n  logic writes, writable;\n  logic [31:0] mask;\n\n");
  put(out,
      "  assign mask = {{{{8{{s_axil_wstrb[3]}}}}, {{8{{s_axil_wstrb[2]}}}}, {{8{{s_axil_wstrb[1]}}}}, "
      "{{8{{s_axil_wstrb[0]}}}}}};\n");
  put(out, "  assign writes = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;\n");
  put(out, "  assign s_axil_awready = writes;\n  assign s_axil_wready  = writes;\n\n");
  put(out, "  always_comb begin\n    case (s_axil_awaddr[11:2])\n      {}: writable = 1'b1;\n", writable());
  put(out, "      default: writable = 1'b0;\n    endcase\n  end\n\n");
  put(out, "  always_ff @(posedge clk) begin\n");
  put_resets(out, Access::command, "    ");
  put(out, "    if (writes) begin\n      s_axil_bvalid <= 1'b1;\n      s_axil_bresp  <= writable ? OKAY : SLVERR;\n");
  put(out, "      case (s_axil_awaddr[11:2])\n");
  put_writes(out);
  put(out,
      "        default: ;\n      endcase\n    end else if (s_axil_bready) begin\n      s_axil_bvalid <= 1'b0;\n    "
      "end\n");
  put(out, "    if (rst) begin\n      s_axil_bvalid <= 1'b0;\n");
  put_resets(out, Access::write, "      ");
  put_resets(out, Access::command, "      ");
  put(out, "    end\n  end\n\n  // The lowest bits of addresses say nothing.\n  logic unused;\n");
  put(out, "  assign unused = &{{1'b0, s_axil_awaddr[1:0], s_axil_araddr[1:0]}};\n\nendmodule\n");
  return out;
}

}  // namespace algean::wire
