// The arithmetic of matrix units in C++, called by twin/algean_matvec_datapath.sv in simulations. Included once by the
// simulation's own source file; nothing of the library but that module knows it.
#pragma once

#include <svdpi.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace algean_twin {

// One unit: its weights, the sums it is adding up, and groups of sums that are complete but not yet given.
class Unit {
 public:
  Unit(int simd, int pe, int bits, int weight_bits, int accumulator_bits, int depth)
      : simd_(simd),
        pe_(pe),
        bits_(bits),
        weight_bits_(weight_bits),
        accumulator_bits_(accumulator_bits),
        weights_(static_cast<std::size_t>(depth) * pe * simd),
        words_(static_cast<std::size_t>(depth) * word_bytes()),
        elements_(simd),
        sums_(pe) {}

  // A word a line in hexadecimal, as $readmemh reads it.
  void read(const char* path) {
    std::FILE* file = std::fopen(path, "r");
    if (file == nullptr) fail("cannot read", path);
    std::vector<char> line(2 * word_bytes() + 4);
    for (std::size_t at = 0; at < words_.size(); at += word_bytes()) {
      if (std::fgets(line.data(), static_cast<int>(line.size()), file) == nullptr) fail("too short:", path);
      const std::size_t digits = std::strcspn(line.data(), "\r\n");
      for (std::size_t i = 0; i < digits && i / 2 < word_bytes(); ++i) {
        words_[at + i / 2] |= static_cast<std::uint8_t>(digit(line[digits - 1 - i], path) << (4 * (i % 2)));
      }
      unpack(at / word_bytes());
    }
    std::fclose(file);
  }

  void write(std::size_t address, std::size_t column, std::uint64_t data) {
    for (std::size_t i = 0; i < 8 && 8 * column + i < word_bytes(); ++i) {
      words_[address * word_bytes() + 8 * column + i] = static_cast<std::uint8_t>(data >> (8 * i));
    }
    unpack(address);
  }

  // Adds the products of one fold; with `group` the sums are complete.
  void step(bool first, bool group, std::size_t address, const std::uint32_t* data) {
    if (bits_ == 8) {
      std::memcpy(elements_.data(), data, elements_.size());
    } else {
      for (int s = 0; s < simd_; ++s) elements_[s] = static_cast<std::int8_t>(field(data, s * bits_, bits_));
    }
    if ((address + 1) * pe_ * simd_ > weights_.size()) address = 0;  // before rst anything may stand in a register
    const std::int16_t* weights = &weights_[address * pe_ * simd_];
    for (int p = 0; p < pe_; ++p) {
      std::int32_t sum = first ? 0 : sums_[p];
      for (int s = 0; s < simd_; ++s) sum += elements_[s] * weights[s];
      sums_[p] = sum;
      weights += simd_;
    }
    if (group) waiting_.insert(waiting_.end(), sums_.begin(), sums_.end());
  }

  // The oldest complete group, accumulator_bits each.
  void give(std::uint32_t* to) {
    const std::size_t words = (static_cast<std::size_t>(pe_) * accumulator_bits_ + 31) / 32;
    for (std::size_t i = 0; i < words; ++i) to[i] = 0;
    for (int p = 0; p < pe_; ++p) {
      const std::uint64_t mask = (std::uint64_t{1} << accumulator_bits_) - 1;
      const std::uint64_t value = static_cast<std::uint32_t>(waiting_[given_ + p]) & mask;
      const std::size_t at = static_cast<std::size_t>(p) * accumulator_bits_;
      to[at / 32] |= static_cast<std::uint32_t>(value << (at % 32));
      if (at % 32 + accumulator_bits_ > 32) to[at / 32 + 1] |= static_cast<std::uint32_t>(value >> (32 - at % 32));
    }
    given_ += pe_;
    if (given_ == waiting_.size()) {
      waiting_.clear();
      given_ = 0;
    }
  }

 private:
  std::size_t word_bytes() const { return (static_cast<std::size_t>(pe_) * simd_ * weight_bits_ + 7) / 8; }

  // Bits [at, at + count), count at most 16, as a signed number.
  template <class Word>
  static std::int32_t field(const Word* words, std::size_t at, int count) {
    std::uint32_t value = 0;
    constexpr std::size_t width = 8 * sizeof(Word);
    for (int i = 0; i < count; ++i) value |= ((words[(at + i) / width] >> ((at + i) % width)) & 1U) << i;
    return static_cast<std::int32_t>(value << (32 - count)) >> (32 - count);
  }

  void unpack(std::size_t address) {
    std::int16_t* to = &weights_[address * pe_ * simd_];
    const std::uint8_t* from = &words_[address * word_bytes()];
    for (int i = 0; i < pe_ * simd_; ++i) {
      to[i] = static_cast<std::int16_t>(weight_bits_ == 8
                                            ? static_cast<std::int8_t>(from[i])
                                            : field(from, static_cast<std::size_t>(i) * weight_bits_, weight_bits_));
    }
  }

  static int digit(char c, const char* path) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    fail("not hexadecimal:", path);
  }
  [[noreturn]] static void fail(const char* what, const char* path) {
    std::fprintf(stderr, "algean_matvec_datapath: %s %s\n", what, path);
    std::exit(1);
  }

  int simd_, pe_, bits_, weight_bits_, accumulator_bits_;
  std::vector<std::int16_t> weights_;  // [address][sum][lane]
  std::vector<std::uint8_t> words_;    // the same as the memory's words
  std::vector<std::int8_t> elements_;
  std::vector<std::int32_t> sums_;
  std::vector<std::int32_t> waiting_;
  std::size_t given_ = 0;
};

}  // namespace algean_twin

// Units live until the simulation's end.
extern "C" void* algean_twin_new(int simd, int pe, int bits, int weight_bits, int accumulator_bits, int depth) {
  return new algean_twin::Unit(simd, pe, bits, weight_bits, accumulator_bits, depth);
}
extern "C" void algean_twin_read(void* unit, const char* path) { static_cast<algean_twin::Unit*>(unit)->read(path); }
extern "C" void algean_twin_write(void* unit, int address, int column, long long data) {
  static_cast<algean_twin::Unit*>(unit)->write(address, column, static_cast<std::uint64_t>(data));
}
extern "C" void algean_twin_step(void* unit, svBit first, svBit group, int address, const svBitVecVal* data) {
  static_cast<algean_twin::Unit*>(unit)->step(first != 0, group != 0, address, data);
}
extern "C" void algean_twin_give(void* unit, svBitVecVal* sums) { static_cast<algean_twin::Unit*>(unit)->give(sums); }
