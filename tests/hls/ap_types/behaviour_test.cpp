// What no vector records: widths beyond 64 bits, references, streams, packets.
#include <ap_axi_sdata.h>
#include <gtest/gtest.h>

#include <sstream>

namespace algean_test {
namespace {

template <class T>
std::string text(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(ApInt, WideArithmeticIsExact) {
  ap_uint<1024> power = 1;
  for (int i = 0; i < 300; ++i) power *= 3;
  EXPECT_EQ(
      text(power),  // 3^300
      "136891479058588375991326027382088315966463695625337436471480190078368997177499076593800206155688941388250484"
      "440597994042813512732765695774566001");
  ap_uint<1024> rest = power;
  for (int i = 0; i < 299; ++i) rest /= 3;
  EXPECT_EQ(rest, 3);
  EXPECT_EQ(power % 1000, 1);
  EXPECT_EQ(text(-power + power), "0");
  const ap_int<200> lowest = ap_int<200>(1) << 199;
  EXPECT_LT(lowest, 0);
  EXPECT_EQ(lowest >> 199, -1);
  EXPECT_EQ(text(lowest), "-803469022129495137770981046170581301261101496891396417650688");
  EXPECT_EQ(lowest.to_double(), -std::ldexp(1.0, 199));
}

TEST(ApInt, ReferencesReadAndWriteBits) {
  ap_uint<8> a = 0x5f;
  const ap_uint<8> b = 0xaa;
  EXPECT_EQ(ap_uint<4>(a.range(3, 0)), 0xf);
  EXPECT_EQ(ap_uint<4>(a.range(4, 7)), 0xa);  // turned round
  a(3, 0) = b(3, 0);
  EXPECT_EQ(a, 0x5a);
  ap_int<70> c = 0;
  c[69] = true;
  EXPECT_EQ(c >> 69, -1);
  ap_uint<4> low = 3;
  const ap_uint<20> all = (a, b(7, 4), c[69], ap_uint<7>(5));
  EXPECT_EQ(all, 0x5aa85);
  (a, low) = ap_uint<12>(0x123);
  EXPECT_EQ(a, 0x12);
  EXPECT_EQ(low, 3);
}

TEST(ApInt, MixesWithNativeIntegers) {
  ap_int<7> a = -64;
  EXPECT_EQ((a - 1).to_int(), -65);
  EXPECT_EQ((1ULL + a).to_int64(), -63);
  EXPECT_TRUE(a < 0U);
  EXPECT_EQ(a++, -64);
  EXPECT_EQ(--a, -64);
  a -= 1;
  EXPECT_EQ(a, 63);  // wrapped
  const int array[] = {10, 11, 12};
  EXPECT_EQ(array[ap_uint<2>(2)], 12);
}

TEST(ApIntDeathTest, DivisionByZeroSaysSo) {
  const ap_int<9> zero = 0;
  EXPECT_DEATH((void)(ap_int<9>(3) / zero), "division by zero");
}

TEST(ApFixed, WideAndMixed) {
  const ap_fixed<100, 50> a = 1.5;
  EXPECT_EQ((a * a).to_double(), 2.25);
  EXPECT_EQ((a * a).width, 200);
  const ap_fixed<8, 4, AP_RND, AP_SAT> b = a * 100;
  EXPECT_EQ(b, 7.9375);
  EXPECT_TRUE(a > 1);
  EXPECT_TRUE(a < ap_int<5>(2));
  EXPECT_EQ(static_cast<int>(b), 7);
}

TEST(HlsStream, IsAQueue) {
  hls::stream<int, 2> stream("numbers");
  EXPECT_TRUE(stream.empty());
  stream << 1;
  EXPECT_TRUE(stream.write_nb(2));
  EXPECT_TRUE(stream.full());
  EXPECT_FALSE(stream.write_nb(3));
  stream.write(4);  // C simulation never waits
  EXPECT_EQ(stream.size(), 3U);
  EXPECT_EQ(stream.read(), 1);
  int value = 0;
  EXPECT_TRUE(stream.read_nb(value));
  EXPECT_EQ(value, 2);
  stream >> value;
  EXPECT_EQ(value, 4);
  EXPECT_FALSE(stream.read_nb(value));
}

TEST(HlsStreamDeathTest, ReadingNothingNamesTheStream) {
  hls::stream<int> stream("layer3_out");
  EXPECT_DEATH(stream.read(), "hls::stream 'layer3_out': read while empty");
}

TEST(ApAxi, PacketsHaveTheirSideChannels) {
  ap_axiu<72, 4, 5, 6> packet;
  packet.keep_all();
  EXPECT_EQ(packet.keep, 0x1ff);
  EXPECT_EQ(packet.strb, 0x1ff);
  EXPECT_EQ(packet.last, 0);
  EXPECT_EQ(packet.user.width + packet.id.width + packet.dest.width, 15);
  packet.data(71, 64) = 0xab;
  EXPECT_EQ(packet.data >> 64, 0xab);
  const hls::axis<short> plain{};
  EXPECT_EQ(plain.keep.width, 2);
  const hls::axis<ap_fixed<18, 8>, 0, 0, 3> fixed{};
  EXPECT_EQ(fixed.keep.width, 3);
  EXPECT_EQ(fixed.dest.width, 3);
}

}  // namespace
}  // namespace algean_test
