#include <gmock/gmock.h>
#include <zip.h>

#include <cstring>

#include "runtime/base/random.hpp"
#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

using ::testing::HasSubstr;

struct ZipEntry {
  std::string name;
  std::vector<std::byte> bytes;
  zip_int32_t method = ZIP_CM_DEFLATE;
  bool encrypted = false;
};

// An archive as another program would write it.
std::vector<std::byte> zip_of(const std::vector<ZipEntry>& entries) {
  zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* archive = zip_open_from_source(source, ZIP_TRUNCATE, nullptr);
  zip_source_keep(source);
  for (const ZipEntry& entry : entries) {
    const auto at = static_cast<zip_uint64_t>(zip_file_add(
        archive, entry.name.c_str(), zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0), 0));
    EXPECT_EQ(zip_set_file_compression(archive, at, entry.method, 0), 0);
    if (entry.encrypted) {
      EXPECT_EQ(zip_file_set_encryption(archive, at, ZIP_EM_AES_256, "secret"), 0);
    }
  }
  EXPECT_EQ(zip_close(archive), 0);
  zip_stat_t status;
  zip_source_stat(source, &status);
  std::vector<std::byte> bytes(status.size);
  zip_source_open(source);
  zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  zip_source_free(source);
  return bytes;
}

Tensor ramp(Shape shape) {
  Tensor tensor({ElementType::float32(), std::move(shape)});
  float value = 0.5F;
  for (float& element : tensor.elements<float>()) element = value++;
  return tensor;
}

std::string error_of(const std::vector<std::byte>& bytes) {
  const auto arrays = parse_npz(bytes, "a.npz");
  if (arrays) return "accepted";
  EXPECT_EQ(arrays.error().kind, ErrorKind::bad_input);
  return arrays.error().message;
}

TEST(Npz, ReadsStoredAndDeflatedEntriesInOrder) {
  const Tensor x = ramp({2, 300});
  const Tensor y = ramp({7});
  const auto arrays =
      parse_npz(zip_of({{"x.npy", print_npy(x)}, {"group/y:0.npy", print_npy(y), ZIP_CM_STORE}}), "a.npz");
  ASSERT_TRUE(arrays) << arrays.error().message;
  ASSERT_EQ(arrays->size(), 2);
  EXPECT_EQ(arrays->at(0).name, "x");
  EXPECT_EQ(arrays->at(0).tensor, x);
  EXPECT_EQ(arrays->at(1).name, "group/y:0");
  EXPECT_EQ(arrays->at(1).tensor, y);
}

TEST(Npz, ReadsBackWhatItPrintsAndPrintsTheSameBytesAgain) {
  const std::vector<NamedArray> arrays{{"model/x:0", ramp({3, 2})}, {"", ramp({4})}};
  const auto bytes = print_npz(arrays);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(*bytes, *print_npz(arrays));
  const auto back = parse_npz(*bytes, "a.npz");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->at(0).name, "model/x:0");
  EXPECT_EQ(back->at(1).name, "arr_1");
  EXPECT_EQ(back->at(0).tensor, arrays[0].tensor);
  EXPECT_EQ(back->at(1).tensor, arrays[1].tensor);
}

TEST(Npz, RejectsBadArchives) {
  EXPECT_THAT(error_of({}), HasSubstr("a.npz: the archive holds no array"));
  EXPECT_THAT(error_of(print_npy(ramp({3}))), HasSubstr("a.npz: not a sound zip archive"));
  auto truncated = zip_of({{"x.npy", print_npy(ramp({300}))}});
  truncated.resize(truncated.size() - 10);
  EXPECT_THAT(error_of(truncated), HasSubstr("a.npz: not a sound zip archive"));
}

TEST(Npz, RejectsBadEntries) {
  const auto x = print_npy(ramp({3}));
  EXPECT_THAT(error_of(zip_of({{"x.txt", x}})), HasSubstr("a.npz: entry 'x.txt': names must end in .npy"));
  EXPECT_THAT(error_of(zip_of({{".npy", x}})), HasSubstr("names must end in .npy"));
  EXPECT_THAT(error_of(zip_of({{"x.npy", {std::byte{1}}}})), HasSubstr("entry 'x.npy': array: not a .npy file"));
  EXPECT_THAT(error_of(zip_of({{"x.npy", x, ZIP_CM_BZIP2}})),
              HasSubstr("compression method 12; stored and deflated ones are accepted"));
  EXPECT_THAT(error_of(zip_of({{"x.npy", x, ZIP_CM_STORE, true}})), HasSubstr("entry 'x.npy': "));
  EXPECT_THAT(error_of(zip_of(std::vector<ZipEntry>(1, {"x.npy", {}}))), HasSubstr("not a .npy file"));
}

TEST(Npz, RejectsTwoEntriesOfOneName) {
  auto bytes = zip_of({{"x.npy", print_npy(ramp({3})), ZIP_CM_STORE}, {"y.npy", print_npy(ramp({3})), ZIP_CM_STORE}});
  for (std::size_t i = 0; i + 5 <= bytes.size(); ++i) {
    if (std::memcmp(&bytes[i], "y.npy", 5) == 0) bytes[i] = std::byte{'x'};
  }
  EXPECT_THAT(error_of(bytes), HasSubstr("a.npz: not a sound zip archive: File already exists"));
}

TEST(Npz, RejectsTooManyEntries) {
  std::vector<ZipEntry> entries;
  for (std::size_t i = 0; i <= max_npz_entries; ++i) entries.push_back({fmt::format("{}.npy", i), {}, ZIP_CM_STORE});
  EXPECT_THAT(error_of(zip_of(entries)), HasSubstr("4097 entries, at most 4096 are accepted"));
}

TEST(Npz, RejectsAClaimThatItsBytesCannotHold) {
  auto bytes = zip_of({{"x.npy", print_npy(ramp({300}))}});
  // Uncompressed size: offset 22 of the local header (with "PK\3\4"), offset 24 of the central one ("PK\1\2").
  for (std::size_t i = 0; i + 30 <= bytes.size(); ++i) {
    const bool local = std::memcmp(&bytes[i], "PK\3\4", 4) == 0;
    const bool central = std::memcmp(&bytes[i], "PK\1\2", 4) == 0;
    if (local || central) bytes[i + (local ? 22 : 24) + 3] = std::byte{0x7f};
  }
  EXPECT_THAT(error_of(bytes), HasSubstr("that it claims"));
}

TEST(Npz, RejectsAWrongChecksum) {
  auto bytes = zip_of({{"x.npy", print_npy(ramp({300})), ZIP_CM_STORE}});
  bytes[bytes.size() / 2] ^= std::byte{1};
  EXPECT_THAT(error_of(bytes), HasSubstr("entry 'x.npy': cannot be read: CRC error"));
}

TEST(Npz, PrintsNoTwoArraysOfOneName) {
  const std::vector<NamedArray> arrays{{"x", ramp({2})}, {"x", ramp({2})}};
  const auto bytes = print_npz(arrays);
  ASSERT_FALSE(bytes);
  EXPECT_THAT(bytes.error().message, HasSubstr("array 'x': File already exists"));
}

TEST(Npz, SurvivesMutations) {
  const auto good = zip_of({{"x.npy", print_npy(ramp({40}))}, {"y.npy", print_npy(ramp({2, 2})), ZIP_CM_STORE}});
  ASSERT_TRUE(parse_npz(good, "a.npz"));
  Random random(13);
  int rejected = 0;
  for (int i = 0; i < 10000; ++i) {
    auto bad = good;
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      bad[random.below(bad.size())] = static_cast<std::byte>(random.next() & 0xffU);
    }
    if (random.below(8) == 0) bad.resize(random.below(bad.size() + 1));
    if (!parse_npz(bad, "a.npz")) ++rejected;
  }
  EXPECT_GT(rejected, 5000);
}

}  // namespace
}  // namespace algean
