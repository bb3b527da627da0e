#include "runtime/base/contained.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <span>
#include <string>
#include <thread>

#include "tests/support/sanitized.hpp"

namespace algean {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void expect_bad_input(const Result<std::vector<std::byte>>& result, const std::string& message) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(result.error().message, message);
}

// No child, dead or alive, is left.
void expect_no_child() {
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Contained, HandsBackBytes) {
  const auto result =
      run_contained("w.h5", "HDF5 reader", [] { return Result<std::vector<std::byte>>(bytes_of("abc")); });
  ASSERT_TRUE(result);
  EXPECT_EQ(text_of(*result), "abc");
  expect_no_child();
}

TEST(Contained, HandsBackMoreThanAPipeHolds) {
  std::vector<std::byte> large(5'000'001);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::byte>(i * 7 % 251);
  const auto result = run_contained("w", "reader", [&] { return Result<std::vector<std::byte>>(large); });
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, large);
}

TEST(Contained, HandsBackTheErrorOfTheJob) {
  const auto result =
      run_contained("w", "reader", [] { return Result<std::vector<std::byte>>(bad_input("w: no group")); });
  expect_bad_input(result, "w: no group");
}

TEST(Contained, NamesTheSignalOfACrash) {
  const auto result = run_contained("weights.h5", "HDF5 reader", []() -> Result<std::vector<std::byte>> {
    (void)::raise(SIGSEGV);
    return bytes_of("");
  });
  expect_bad_input(result, "weights.h5: the HDF5 reader crashed on this file (signal 11)");
  expect_no_child();
}

TEST(Contained, NamesAnExitStatus) {
  const auto result = run_contained("w", "reader", []() -> Result<std::vector<std::byte>> { ::_exit(7); });
  expect_bad_input(result, "w: the reader crashed on this file (exit status 7)");
}

TEST(Contained, SaysWhenTheChildBrokeOff) {
  const auto result = run_contained("w", "reader", []() -> Result<std::vector<std::byte>> { ::_exit(0); });
  expect_bad_input(result, "w: the reader broke off on this file");
}

TEST(Contained, EndsAHangAtItsDeadline) {
  const auto result = run_contained("w", "reader",
                                    []() -> Result<std::vector<std::byte>> {
                                      for (;;) ::pause();
                                    },
                                    {.timeout_ns = 50'000'000});
  expect_bad_input(result, "w: the reader did not finish this file within 50 ms");
  expect_no_child();
}

TEST(Contained, EndsABusyChildAtItsProcessorTime) {
  const auto result = run_contained("w", "reader",
                                    []() -> Result<std::vector<std::byte>> {
                                      for (std::atomic<int> busy = 0;;) ++busy;
                                    },
                                    {.processor_s = 1});
  expect_bad_input(result, "w: the reader did not finish this file within 1 s of processor time");
}

TEST(Contained, EndsAChildThatStopsHalfWay) {
  const auto result = run_contained("w", "reader",
                                    []() -> Result<std::vector<std::byte>> {
                                      (void)!::write(3, "1GLC", 4);
                                      for (;;) ::pause();
                                    },
                                    {.timeout_ns = 50'000'000});
  expect_bad_input(result, "w: the reader did not finish this file within 50 ms");
}

// Jumps by a second whenever it is read.
class JumpingClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now_ns_ += 1'000'000'000; }

 private:
  mutable std::int64_t now_ns_ = 0;
};

TEST(Contained, TakesItsTimeFromTheClockItIsGiven) {
  const auto result = run_contained(
      "w", "reader",
      []() -> Result<std::vector<std::byte>> {
        for (;;) ::pause();
      },
      {.timeout_ns = 500'000'000}, JumpingClock{});
  expect_bad_input(result, "w: the reader did not finish this file within 500 ms");
}

TEST(Contained, RefusesGarbage) {
  const auto result = run_contained("w", "reader", []() -> Result<std::vector<std::byte>> {
    (void)!::write(3, "this is no head of a result", 27);
    ::_exit(0);
  });
  expect_bad_input(result, "w: the reader gave a garbled answer on this file");
}

TEST(Contained, RefusesAnUnknownKind) {
  const auto result = run_contained("w", "reader", []() -> Result<std::vector<std::byte>> {
    const std::uint32_t head[4] = {0x434c4731, 77, 0, 0};
    (void)!::write(3, head, sizeof head);
    ::_exit(0);
  });
  expect_bad_input(result, "w: the reader gave a garbled answer on this file");
}

TEST(Contained, RefusesALengthThatIsNotAllowed) {
  const auto result = run_contained("w", "reader",
                                    []() -> Result<std::vector<std::byte>> {
                                      const std::uint32_t head[4] = {0x434c4731, 0, 101, 0};
                                      (void)!::write(3, head, sizeof head);
                                      ::_exit(0);
                                    },
                                    {.result_bytes = 100});
  expect_bad_input(result, "w: the reader gave a garbled answer on this file");
}

TEST(Contained, RefusesAResultThatIsTooLong) {
  const auto result = run_contained(
      "w", "reader", [] { return Result<std::vector<std::byte>>(std::vector<std::byte>(101)); }, {.result_bytes = 100});
  expect_bad_input(result, "w: the reader found more than 100 bytes in this file");
}

TEST(Contained, LimitsMemory) {
  if (ALGEAN_SANITIZED != 0) GTEST_SKIP() << "sanitizers need the address space";
  const auto result = run_contained("w", "reader",
                                    []() -> Result<std::vector<std::byte>> {
                                      const std::vector<std::byte> hog(std::size_t{256} << 20U);
                                      return std::vector<std::byte>{hog[hog.size() / 2]};
                                    },
                                    {.memory_bytes = std::size_t{64} << 20U});
  expect_bad_input(result, "w: the reader needs more than 64 MiB on this file");
}

TEST(Contained, SurvivesAnException) {
  const auto result =
      run_contained("w", "reader", []() -> Result<std::vector<std::byte>> { throw std::string("lost"); });
  expect_bad_input(result, "w: the reader crashed on this file (exit status 1)");
}

TEST(Contained, GivesTheChildNoDescriptorsOfOurs) {
  const int ours = ::open("/dev/null", O_RDONLY);
  const auto result = run_contained("w", "reader", []() -> Result<std::vector<std::byte>> {
    std::string open;
    DIR* folder = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(folder)) open += std::string(entry->d_name) + " ";
    char name[64] = {};
    (void)!::readlink("/proc/self/fd/2", name, sizeof name - 1);
    return bytes_of(open + std::to_string(::dirfd(folder)) + name);
  });
  ::close(ours);
  ASSERT_TRUE(result);
  EXPECT_EQ(text_of(*result), ". .. 0 1 2 3 4 4/dev/null");
}

TEST(Contained, LetsTheChildWriteNoFile) {
  const std::string path = testing::TempDir() + "/contained_" + std::to_string(::getpid());
  const auto result = run_contained("w", "reader", [&]() -> Result<std::vector<std::byte>> {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    (void)!::write(file, "x", 1);
    return bytes_of("");
  });
  ::unlink(path.c_str());
  expect_bad_input(result, "w: the reader crashed on this file (signal 25)");
}

TEST(Contained, WorksBesideBusyThreads) {
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) std::vector<std::string>(50, std::string(100, 'x')).shrink_to_fit();
    });
  }
  for (int i = 0; i < 30; ++i) {
    const auto result = run_contained("w", "reader", [i]() -> Result<std::vector<std::byte>> {
      std::vector<std::string> work(100, std::string(1000, static_cast<char>('a' + i % 26)));
      return bytes_of(work[static_cast<std::size_t>(i)]);
    });
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->size(), 1000U);
  }
  stop = true;
  threads.clear();
  expect_no_child();
}

}  // namespace
}  // namespace algean
