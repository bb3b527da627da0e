#include "runtime/base/file.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace algean {
namespace {

using ::testing::HasSubstr;

class File : public ::testing::Test {
 protected:
  File() : folder_(std::filesystem::temp_directory_path() / fmt::format("algean-file-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~File() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
  }

  std::filesystem::path folder_;
};

TEST_F(File, ReadsBackWhatItWrote) {
  const auto path = folder_ / "a";
  const std::string text("one\0two\n", 8);
  ASSERT_TRUE(write_text(path, text));
  EXPECT_EQ(*read_text(path), text);
  EXPECT_EQ(read_file(path)->size(), 8);
  ASSERT_TRUE(write_text(path, ""));
  EXPECT_EQ(*read_text(path), "");
  EXPECT_EQ(files(), 1);
}

TEST_F(File, ReadsAStart) {
  ASSERT_TRUE(write_text(folder_ / "a", "12345"));
  EXPECT_EQ(read_start(folder_ / "a", 3)->size(), 3);
  EXPECT_EQ(read_start(folder_ / "a", 3)->at(2), std::byte{'3'});
  EXPECT_EQ(read_start(folder_ / "a", 9)->size(), 5);
  EXPECT_THAT(read_start(folder_ / "b", 9).error().message, HasSubstr("b: cannot read: No such file or directory"));
}

TEST_F(File, NamesAMissingFile) {
  const auto missing = read_text(folder_ / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(missing.error().message, (folder_ / "missing").string() + ": cannot read: No such file or directory");
}

TEST_F(File, ReadsRegularFilesOnly) {
  EXPECT_THAT(read_file(folder_).error().message, HasSubstr("not a regular file"));
  EXPECT_EQ(read_file("/dev/null").error().message, "/dev/null: not a regular file");
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(read_file(folder_ / "fifo").error().message, HasSubstr("not a regular file"));  // and does not wait
}

TEST_F(File, RejectsALargeFileBeforeReadingIt) {
  ASSERT_TRUE(write_text(folder_ / "a", "12345"));
  EXPECT_TRUE(read_text(folder_ / "a", 5));
  EXPECT_THAT(read_text(folder_ / "a", 4).error().message, HasSubstr("a: 5 bytes, at most 4 are accepted"));
}

TEST_F(File, SaysThatTheDiskIsFull) {
  const auto full = write_text("/dev/full", "text");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::failed);
  EXPECT_EQ(full.error().message, "/dev/full: cannot write: No space left on device");
}

TEST_F(File, AFailedWriteLeavesTheOldFileWholeAndNothingElse) {
  const auto path = folder_ / "a";
  ASSERT_TRUE(write_text(path, "old"));
  // A file size limit stands in for a disk that fills up half way; a child, so that the limit stays its own.
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);
    const auto written = write_text(path, std::string(5000, 'x'));
    ::_exit(!written && written.error().message == path.string() + ": cannot write: File too large" ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(*read_text(path), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(File, NamesAFolderThatIsMissing) {
  const auto written = write_text(folder_ / "no" / "a", "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, (folder_ / "no" / "a").string() + ": cannot write: No such file or directory");
}

}  // namespace
}  // namespace algean
