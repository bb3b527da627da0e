// .npy: what numpy 1.24 wrote, byte for byte, and rejected twins.
#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/base/random.hpp"
#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
std::string raw(std::initializer_list<T> elements) {
  std::string bytes(elements.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), std::data(elements), bytes.size());
  return bytes;
}

std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
  std::string text = "\x93NUMPY";
  text += {version, '\0', static_cast<char>(dictionary.size()), '\0'};
  if (version > 1) text += std::string(2, '\0');
  return text + dictionary + data;
}

std::string dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}

Result<Tensor> parse(const std::string& text) { return parse_npy(std::as_bytes(std::span(text)), "a.npy"); }

std::string error_of(const std::string& text) {
  const auto tensor = parse(text);
  if (tensor) return "accepted";
  EXPECT_EQ(tensor.error().kind, ErrorKind::bad_input);
  return tensor.error().message;
}

TEST(Npy, ReadsWhatNumpyWrites) {
  // numpy.save of numpy.array([[1, -2, 3.5]], dtype='f4')
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }";
  const auto tensor = parse(npy(header + std::string(117 - header.size(), ' ') + "\n", raw({1.0F, -2.0F, 3.5F})));
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_EQ(tensor->type().text(), "float32[1,3]");
  EXPECT_THAT(tensor->elements<float>(), ElementsAre(1.0F, -2.0F, 3.5F));
}

TEST(Npy, ReadsVersions2And3KeysInAnyOrderAndBothQuotes) {
  for (const char version : {'\2', '\3'}) {
    const auto tensor = parse(
        npy("{\"shape\": (2,), \"descr\":'|u1',\n 'fortran_order': False}", raw<std::uint8_t>({7, 255}), version));
    ASSERT_TRUE(tensor) << tensor.error().message;
    EXPECT_EQ(tensor->type().text(), "uint8[2]");
    EXPECT_THAT(tensor->elements<std::uint8_t>(), ElementsAre(7, 255));
  }
}

TEST(Npy, ReadsFortranOrder) {
  // Element [i, j, k] of shape (2, 3, 2) is 100 i + 10 j + k; in the file the first axis runs fastest.
  std::vector<std::int16_t> file;
  std::vector<std::int16_t> wanted;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) file.push_back(static_cast<std::int16_t>(100 * i + 10 * j + k));
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 2; ++k) wanted.push_back(static_cast<std::int16_t>(100 * i + 10 * j + k));
  const std::string data(reinterpret_cast<const char*>(file.data()), file.size() * 2);
  const auto tensor = parse(npy(dictionary("<i2", "(2, 3, 2)", true), data));
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_THAT(tensor->elements<std::int16_t>(), ::testing::ElementsAreArray(wanted));
}

TEST(Npy, ReadsAScalar) {
  const auto tensor = parse(npy(dictionary("<i4", "()"), raw({-5})));
  ASSERT_TRUE(tensor) << tensor.error().message;
  EXPECT_EQ(tensor->type().text(), "int32[]");
  EXPECT_EQ(tensor->elements<std::int32_t>()[0], -5);
}

TEST(Npy, ConvertsWiderTypes) {
  const auto doubles = parse(npy(dictionary("<f8", "(3,)"), raw({0.1, -HUGE_VAL, 3e38})));
  ASSERT_TRUE(doubles) << doubles.error().message;
  EXPECT_THAT(doubles->elements<float>(), ElementsAre(0.1F, -HUGE_VALF, 3e38F));
  const auto longs = parse(npy(dictionary("<i8", "(2,)"), raw<std::int64_t>({-2147483648, 2147483647})));
  ASSERT_TRUE(longs) << longs.error().message;
  EXPECT_THAT(longs->elements<std::int32_t>(), ElementsAre(INT32_MIN, INT32_MAX));
  const auto flags = parse(npy(dictionary("|b1", "(2,)"), raw<std::uint8_t>({1, 0})));
  ASSERT_TRUE(flags) << flags.error().message;
  EXPECT_EQ(flags->type().text(), "uint8[2]");
}

TEST(Npy, WidensEveryFloat16AsIeee754Says) {
  const auto widened = [](std::uint16_t half) {
    return parse(npy(dictionary("<f2", "(1,)"), raw({half})))->elements<float>()[0];
  };
  EXPECT_EQ(widened(0x3c00), 1.0F);
  EXPECT_EQ(widened(0xc000), -2.0F);
  EXPECT_EQ(widened(0x7bff), 65504.0F);
  EXPECT_EQ(widened(0x0001), 0x1p-24F);
  EXPECT_EQ(widened(0x8400), -0x1p-14F);
  EXPECT_EQ(widened(0xfc00), -HUGE_VALF);
  EXPECT_TRUE(std::isnan(widened(0x7e00)));
  EXPECT_EQ(std::bit_cast<std::uint32_t>(widened(0x8000)), 0x80000000U);
}

TEST(Npy, ReadsBackWhatItPrints) {
  Random random(11);
  for (const auto& type :
       {ElementType::float32(), ElementType::int8(), ElementType::integer(8, false), ElementType::integer(16, true),
        ElementType::integer(16, false), ElementType::int32(), ElementType::integer(32, false)}) {
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}, Shape{1, 2, 3, 4}}) {
      Tensor tensor({type, shape});
      for (auto& byte : tensor.bytes()) byte = static_cast<std::byte>(random.next() & 0x3fU);
      const auto bytes = print_npy(tensor);
      EXPECT_EQ((bytes.size() - tensor.bytes().size()) % 64, 0);
      const auto back = parse_npy(bytes, "a.npy");
      ASSERT_TRUE(back) << back.error().message;
      EXPECT_EQ(*back, tensor);
    }
  }
}

TEST(Npy, RejectsABadPrologue) {
  EXPECT_THAT(error_of(""), HasSubstr("a.npy: not a .npy file: it must start with \\x93NUMPY"));
  EXPECT_THAT(error_of("PK\3\4"), HasSubstr("not a .npy file"));
  EXPECT_THAT(error_of("\x93NUMPY\1"), HasSubstr("the file ends within its header"));
  EXPECT_THAT(error_of(npy("{}", "", 4)), HasSubstr("format version 4.0: 1.0, 2.0 and 3.0 are accepted"));
  const std::string good = npy(dictionary("<f4", "(2,)"), raw({1.0F, 2.0F}));
  EXPECT_THAT(error_of(good.substr(0, 30)), HasSubstr("the file ends within its header"));
  std::string endless = npy(dictionary("<f4", "(2,)"), raw({1.0F, 2.0F}), 2);
  endless[11] = '\x7f';
  EXPECT_THAT(error_of(endless), HasSubstr("at most 65536 are accepted"));
}

TEST(Npy, RejectsABadDictionary) {
  const std::string data = raw({1.0F});
  EXPECT_THAT(error_of(npy("['descr']", data)), HasSubstr("a.npy: header, character 1: '{' is expected"));
  EXPECT_THAT(error_of(npy("{'descr': '<f4', 'shape': (1,)}", data)),
              HasSubstr("it needs the keys descr, fortran_order and shape"));
  EXPECT_THAT(error_of(npy("{'descr': '<f4', 'descr': '<f4'}", data)), HasSubstr("unknown or repeated key 'descr'"));
  EXPECT_THAT(error_of(npy("{'order': 'C'}", data)), HasSubstr("unknown or repeated key 'order'"));
  EXPECT_THAT(error_of(npy("{'descr': [('a', '<f4')]}", data)), HasSubstr("structured elements are not accepted"));
  EXPECT_THAT(error_of(npy("{'descr': '<f4", data)), HasSubstr("a string does not end"));
  EXPECT_THAT(error_of(npy("{'descr': 4}", data)), HasSubstr("a quoted string is expected"));
  EXPECT_THAT(error_of(npy("{'descr': '\x01'}", data)), HasSubstr("plain ASCII"));
  EXPECT_THAT(error_of(npy("{'fortran_order': 1}", data)), HasSubstr("fortran_order must be True or False"));
  EXPECT_THAT(error_of(npy("{'shape': (1)}", data)), HasSubstr("a comma is missing"));
  EXPECT_THAT(error_of(npy("{'shape': (1, 'x')}", data)), HasSubstr("a tuple of integers"));
  EXPECT_THAT(error_of(npy("{'shape': (99999999999999999999,)}", data)), HasSubstr("a tuple of integers"));
  EXPECT_THAT(error_of(npy("{'shape': 3}", data)), HasSubstr("'(' is expected"));
  EXPECT_THAT(error_of(npy("{'descr' '<f4'}", data)), HasSubstr("':' is expected"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(1,)") + "x", data)), HasSubstr("nothing may follow the dictionary"));
}

TEST(Npy, RejectsBadElements) {
  EXPECT_THAT(error_of(npy(dictionary(">f4", "(1,)"), raw({1.0F}))),
              HasSubstr("a.npy: big-endian elements ('>f4') are not accepted"));
  EXPECT_THAT(error_of(npy(dictionary("<c8", "(1,)"), raw({1.0F, 2.0F}))),
              HasSubstr("elements of type '<c8' are not accepted"));
  EXPECT_THAT(error_of(npy(dictionary("|O", "(1,)"), "x")), HasSubstr("elements of type '|O' are not accepted"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(3,)"), raw({1.0F, 2.0F}))),
              HasSubstr("shape [3] of '<f4' takes 12 bytes, but 8 follow the header"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(1,)"), raw({1.0F, 2.0F}))), HasSubstr("but 8 follow"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(0, 3)"), "")), HasSubstr("every extent must be at least 1"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(-1, -1)"), raw({1.0F}))), HasSubstr("every extent must be at least 1"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(4294967296, 4294967296)"), "")),
              HasSubstr("more than 4294967296 elements"));
  EXPECT_THAT(error_of(npy(dictionary("<f4", "(1,1,1,1,1,1,1,1,1)"), raw({1.0F}))), HasSubstr("9 axes, at most 8"));
  EXPECT_THAT(error_of(npy(dictionary("<f8", "(2,)"), raw({0.0, 1e39}))),
              HasSubstr("element 1: the value is beyond float32"));
  EXPECT_THAT(error_of(npy(dictionary("<i8", "(2,)"), raw<std::int64_t>({0, 2147483648}))),
              HasSubstr("element 1: 64-bit integers must fit 32 bits"));
  EXPECT_THAT(error_of(npy(dictionary("<u8", "(1,)"), raw<std::uint64_t>({~0ULL}))),
              HasSubstr("64-bit integers must fit 32 bits"));
  EXPECT_THAT(error_of(npy(dictionary("|b1", "(1,)"), raw<std::uint8_t>({2}))),
              HasSubstr("a boolean must be the byte 0 or 1"));
}

TEST(Npy, SurvivesMutations) {
  const std::string good = npy(dictionary("<f4", "(2, 3)", true), raw({1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}));
  ASSERT_TRUE(parse(good));
  Random random(12);
  int rejected = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      bad[random.below(bad.size())] = static_cast<char>(random.next() & 0xffU);
    }
    if (random.below(4) == 0) bad.resize(random.below(bad.size() + 1));
    const auto tensor = parse(bad);
    if (!tensor) ++rejected;
    if (tensor) {
      EXPECT_LE(tensor->bytes().size(), 2 * good.size());
    }
  }
  EXPECT_GT(rejected, 10000);
}

}  // namespace
}  // namespace algean
