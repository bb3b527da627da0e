#include "runtime/base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/base/random.hpp"

namespace algean {
namespace {

std::uint32_t of(std::string_view text) { return crc32c(std::as_bytes(std::span(text))); }

TEST(Crc32c, GoldenValues) {
  EXPECT_EQ(of("123456789"), 0xe3069283U);
  EXPECT_EQ(of(""), 0U);
  // RFC 3720, appendix B.4
  EXPECT_EQ(of(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(of(std::string(32, '\xff')), 0x62a8ab43U);
  std::string rising(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) rising[i] = static_cast<char>(i);
  EXPECT_EQ(of(rising), 0x46dd794eU);
}

// One bit at a time, straight from the polynomial.
std::uint32_t bit_by_bit(std::span<const std::byte> bytes) {
  std::uint32_t value = 0xffffffffU;
  for (const std::byte byte : bytes) {
    value ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) * 0x82f63b78U);
  }
  return ~value;
}

TEST(Crc32c, EveryLengthAndSplitAgrees) {
  Random random(1);
  std::vector<std::byte> bytes(100);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.next());
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::span<const std::byte> part(bytes.data(), size);
    const std::uint32_t wanted = bit_by_bit(part);
    EXPECT_EQ(crc32c(part), wanted);
    const std::size_t split = random.below(size + 1);
    EXPECT_EQ(crc32c(part.subspan(split), crc32c(part.first(split))), wanted);
  }
}

TEST(Random, IsTheSameOnEveryMachine) {
  Random random(1234567);  // reference values of splitmix64.c for this seed
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LT(random.below(7), 7U);
    const auto value = random.between(-3, 3);
    EXPECT_TRUE(value >= -3 && value <= 3);
    const double unit = random.unit();
    EXPECT_TRUE(unit >= 0 && unit < 1);
  }
}

}  // namespace
}  // namespace algean
