// What a memory takes, by Yosys' memory_libmap for UltraScale+: which kind it becomes follows from the cheaper form,
// and how often that is used from its size. tests/unit/kernels/cost holds these rules against 350 synthesised memories.
#pragma once

#include <cstdint>

namespace algean::kernels::cost {

struct Memory {
  std::int64_t bram18 = 0;  // a RAMB36E2 counts as 2
  std::int64_t luts = 0;    // that hold bits, and of the multiplexers between block RAMs
  std::int64_t ffs = 0;     // that remember which block RAM answers
  bool operator==(const Memory&) const = default;
};

// A memory with one write port and one registered read port. bits 1.. (of a word), words 1...
//   block RAM  chunks of 9 bits by 512 words, 4 to a RAMB18E2 (cost 129) and 8 to a RAMB36E2 (257); or columns of 4, 2
//   or 1 bits LUTs       8 of them hold 14 bits by 32 words or 7 bits by 64 (cost 16)
Memory ram(std::int64_t bits, std::int64_t words);

// The same with `ram_style` "block" or "distributed" asked for.
Memory block_ram(std::int64_t bits, std::int64_t words);
Memory lut_ram(std::int64_t bits, std::int64_t words);

// A memory that is only read, its contents known and random: block RAM filled bit by bit, or logic where 64 bits a unit
// of cost are cheaper; then 64 bits a LUT, but for bits that are the same function of the address.
Memory rom(std::int64_t bits, std::int64_t words);

// So many of `bits` random functions of an address of `words` words are neither constant nor like another: of few words
// there are only 2^words functions. Yosys keeps one of each.
std::int64_t distinct_bits(std::int64_t bits, std::int64_t words);

// Constants that are loaded: two banks, in columns of 64 bits each with an output register.
Memory banks(std::int64_t bits, std::int64_t words);

}  // namespace algean::kernels::cost
