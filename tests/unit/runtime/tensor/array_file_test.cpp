#include "runtime/tensor/array_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "runtime/base/file.hpp"

namespace algean {
namespace {

using ::testing::HasSubstr;

class ArrayFile : public ::testing::Test {
 protected:
  ArrayFile() : folder_(std::filesystem::temp_directory_path() / fmt::format("algean-arrays-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~ArrayFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::vector<NamedArray> one_{
      {"", Tensor({ElementType::float32(), {2, 2}}, std::span<const float>(std::vector<float>{1, 2.5, -3, 4e9}))}};
};

TEST_F(ArrayFile, EveryFormatReadsBackWhatItWrote) {
  for (const char* name : {"x.npy", "x.npz", "x.csv"}) {
    const auto written = write_arrays(folder_ / name, one_);
    ASSERT_TRUE(written) << written.error().message;
    const auto arrays = read_arrays(folder_ / name);
    ASSERT_TRUE(arrays) << arrays.error().message;
    ASSERT_EQ(arrays->size(), 1);
    EXPECT_EQ(arrays->front().name, std::string_view(name) == "x.npz" ? "arr_0" : "");
    EXPECT_EQ(arrays->front().tensor, one_.front().tensor);
  }
}

TEST_F(ArrayFile, RejectsOtherExtensions) {
  const auto read = read_arrays(folder_ / "x.txt");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("x.txt: the name of an array file must end in .npy, .npz or .csv"));
  const auto written = write_arrays(folder_ / "x", one_);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("must end in .npy, .npz or .csv"));
}

TEST_F(ArrayFile, NamesAMissingFile) {
  for (const char* name : {"x.npy", "x.npz", "x.csv"}) {
    const auto read = read_arrays(folder_ / name);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(read.error().message, (folder_ / name).string() + ": cannot read: No such file or directory");
  }
}

TEST_F(ArrayFile, NamesTheFileOfABadArray) {
  for (const char* name : {"x.npy", "x.npz", "x.csv"}) {
    ASSERT_TRUE(write_text(folder_ / name, "no array"));
    const auto read = read_arrays(folder_ / name);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(read.error().message, ::testing::StartsWith((folder_ / name).string() + ": n"));
  }
}

TEST_F(ArrayFile, TakesOneArrayUnlessNpz) {
  one_.push_back({"y", one_.front().tensor});
  const auto written = write_arrays(folder_ / "x.npy", one_);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("x.npy: 2 arrays, but .npy takes one; use .npz"));
  EXPECT_TRUE(write_arrays(folder_ / "x.npz", one_));
}

TEST_F(ArrayFile, SaysThatTheDiskIsFull) {
  for (const char* name : {"full.npy", "full.npz", "full.csv"}) {
    std::filesystem::create_symlink("/dev/full", folder_ / name);
    const auto written = write_arrays(folder_ / name, one_);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::failed);
    EXPECT_EQ(written.error().message, (folder_ / name).string() + ": cannot write: No space left on device");
  }
}

}  // namespace
}  // namespace algean
