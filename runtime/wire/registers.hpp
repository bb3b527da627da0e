// Registers of a kernel on an FPGA, written once: what algean_kernel answers over AXI4-Lite. REGISTERS.md and the
// SystemVerilog that decodes addresses (kernels/stream/rtl/algean_registers.sv) are printed from this table
// (print_registers.hpp); a test compares them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace algean::wire {

inline constexpr std::uint32_t register_map_version = 1;
inline constexpr std::size_t register_space_bytes = 4096;
inline constexpr std::size_t max_kernel_outputs = 8;

enum class Access : std::uint8_t {
  constant,  // a number that never changes
  read,      // the kernel's; writing it is an error
  write,     // the host's: reads what was written; 0 after reset
  command,   // a bit written as 1 does something once; reads 0
};

// `count` words of 32 bits from byte `offset` on, or one of 64: then the lower half comes first, and reading it keeps
// the upper half as it was then.
struct Register {
  std::string_view name;
  std::size_t offset;
  Access access;
  std::string_view meaning;
  std::size_t bits = 32;
  std::size_t count = 1;
  std::uint32_t value = 0;  // of a constant
  [[nodiscard]] constexpr std::size_t bytes() const { return count * bits / 8; }
};

inline constexpr std::array registers{
    Register{"id", 0x000, Access::constant, "0x4e474c41, the bytes \"ALGN\"", 32, 1, 0x4e474c41},
    Register{"map_version", 0x004, Access::constant, "of this table", 32, 1, register_map_version},
    Register{"ports", 0x008, Access::read, "bits 7:0 inputs, 15:8 outputs, 23:16 loaders of weights"},
    Register{"status", 0x00c, Access::read,
             "bit 0: an inference is under way; bit 1: a marker is inside; bit 2: the last word of a load waits for "
             "hold_weights"},
    Register{
        "control", 0x010, Access::write,
        "bit 0 hold_weights: the last word of a load waits, and with it the change to the other bank, which comes at "
        "the next beginning of an inference"},
    Register{
        "command", 0x014, Access::command,
        "bit 0: a marker into every input, where it is now; the rest of tensors that have begun is dropped. bit 1: the "
        "counters below begin at 0"},
    Register{"weights_hash", 0x018, Access::read, "of the weights that the circuit was made with; 0: not stated", 64},
    Register{"cycles", 0x020, Access::read, "clock cycles", 64},
    Register{"busy", 0x028, Access::read,
             "of them, with an inference under way, from its first beat at input 0 to its last at output 0, or with a "
             "marker "
             "inside",
             64},
    Register{"stall", 0x030, Access::read, "of them, with a beat at the output that was not taken", 64},
    Register{"starve", 0x038, Access::read, "of them, with an input that was ready and had no beat", 64},
    Register{"inferences", 0x040, Access::read, "tensors that left output 0, modulo 2^32"},
    Register{"errors", 0x044, Access::read,
             "tensors of a wrong length or for no input, loads for no loader, and errors of the circuit, modulo 2^32"},
    Register{"output_route", 0x080, Access::write,
             "of output i: bits 15:0 its TDEST, 31:16 its TID. To be written while nothing is under way", 32,
             max_kernel_outputs},
};

// In order, aligned, without overlap, within the space.
template <std::size_t n>
constexpr bool is_ordered(const std::array<Register, n>& table) {
  std::size_t end = 0;
  for (const Register& entry : table) {
    if (entry.offset < end || entry.offset % (entry.bits / 8) != 0) return false;
    if (entry.bits != 32 && (entry.bits != 64 || entry.count != 1 || entry.access != Access::read)) return false;
    end = entry.offset + entry.bytes();
  }
  return end <= register_space_bytes;
}
static_assert(is_ordered(registers));

}  // namespace algean::wire
