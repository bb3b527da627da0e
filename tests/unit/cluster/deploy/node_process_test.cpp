// Processes, played by /bin/sh in place of a node.
#include "cluster/deploy/node_process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "cluster/deploy/control.hpp"
#include "cluster/deploy/log_tail.hpp"
#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::int64_t second_ns = 1'000'000'000;

class NodeProcessTest : public testing::Test {
 protected:
  NodeProcessTest() {
    std::string folder = (fs::temp_directory_path() / "algean_process.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
  }
  ~NodeProcessTest() override { fs::remove_all(base_); }

  [[nodiscard]] fs::path log() const { return base_ / "node.log"; }
  Result<NodeProcess> start(const std::string& script) {
    return NodeProcess::start({"/bin/sh", {"-c", script}, log()});
  }
  Result<std::string> await(NodeProcess& node, std::int64_t within_ns = 30 * second_ns) {
    return node.await_ready(clock_.now_ns() + within_ns, clock_, interrupts_);
  }
  static bool ends(const NodeProcess& node) {
    pollfd wait{node.ended_fd(), POLLIN, 0};
    return ::poll(&wait, 1, 30'000) == 1;
  }

  fs::path base_;
  SteadyClock clock_;
  Interrupts interrupts_;
};

TEST_F(NodeProcessTest, SaysWhereItListens) {
  auto node = start("printf 'ready 127.0.0.1:4000' >&3; echo started; exec sleep 60");
  ASSERT_TRUE(node) << node.error().message;
  const auto address = await(*node);
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(*address, "127.0.0.1:4000");
  EXPECT_TRUE(is_alive(node->id()));
  const ProcessId id = node->id();
  EXPECT_EQ(node->stop(30 * second_ns).value(), Ending::terminated);
  EXPECT_FALSE(is_alive(id));
}

TEST_F(NodeProcessTest, EndsWithItsOwner) {
  ProcessId id;
  {
    auto node = start("printf 'ready a' >&3; exec sleep 60");
    ASSERT_TRUE(await(*node));
    id = node->id();
  }
  EXPECT_FALSE(is_alive(id));
}

TEST_F(NodeProcessTest, ReportsItsOwnError) {
  auto node = start("printf 'error 2 network.graph:3: no such layer' >&3; exec sleep 60");
  const auto address = await(*node);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(address.error().message, "network.graph:3: no such layer");
}

TEST_F(NodeProcessTest, DeathIsNamedWithTheLogsEnd) {
  auto node = start("echo one; echo the disk burns >&2; exit 7");
  const auto address = await(*node);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().kind, ErrorKind::failed);
  EXPECT_EQ(address.error().message, "the node process exited with status 7; its log ends: the disk burns");
}

TEST_F(NodeProcessTest, KilledOneIsNamedBySignal) {
  auto node = start("kill -KILL $$");
  const auto address = await(*node);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().message, "the node process was killed by signal 9 (Killed); its log is empty");
}

TEST_F(NodeProcessTest, DeadlinePasses) {
  auto node = start("exec sleep 60");
  const auto address = await(*node, second_ns / 20);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().kind, ErrorKind::deadline);
  EXPECT_EQ(address.error().message, "the node process did not become ready in time");
}

TEST_F(NodeProcessTest, SignalInterruptsTheWait) {
  auto node = start("exec sleep 60");
  ::raise(SIGINT);
  const auto address = await(*node);
  ASSERT_FALSE(address);
  EXPECT_THAT(address.error().message, HasSubstr("interrupted"));
}

TEST_F(NodeProcessTest, NonsenseIsNamed) {
  auto node = start("printf 'hello' >&3; exec sleep 60");
  const auto address = await(*node);
  ASSERT_FALSE(address);
  EXPECT_THAT(address.error().message, HasSubstr("said `hello`, which is neither"));
}

TEST_F(NodeProcessTest, StubbornOneIsKilled) {
  auto node = start("trap '' TERM; printf 'ready a' >&3; exec sleep 60");
  ASSERT_TRUE(await(*node));
  EXPECT_EQ(node->stop(second_ns / 20).value(), Ending::killed);
}

TEST_F(NodeProcessTest, ReleasedOneGoesOn) {
  ProcessId id;
  {
    auto node = start("printf 'ready a' >&3; exec sleep 60");
    ASSERT_TRUE(await(*node));
    ASSERT_TRUE(node->release());
    id = node->id();
  }
  EXPECT_TRUE(is_alive(id));
  EXPECT_GE(age_s(id).value_or(-1), 0);
  EXPECT_EQ(terminate(id, 30 * second_ns).value(), Ending::terminated);
  ASSERT_EQ(::waitpid(id.pid, nullptr, 0), id.pid);
  EXPECT_EQ(terminate(id, second_ns).value(), Ending::was_dead);
}

TEST_F(NodeProcessTest, DeadOneCannotBeReleased) {
  auto node = start("printf 'ready a' >&3; exit 3");
  ASSERT_TRUE(await(*node));
  ASSERT_TRUE(ends(*node));
  const auto released = node->release();
  ASSERT_FALSE(released);
  EXPECT_THAT(released.error().message, HasSubstr("exited with status 3"));
}

TEST_F(NodeProcessTest, CleanEndIsToldFromDeath) {
  auto node = start("exit 0");
  ASSERT_TRUE(ends(*node));
  const auto end = node->reap();
  EXPECT_TRUE(end.clean);
  EXPECT_EQ(end.how, "exited with status 0");
}

TEST_F(NodeProcessTest, OwnSessionAndNoBlockedSignals) {
  auto node = start("ps -o sid=,pid= -p $$; grep SigBlk /proc/self/status; printf 'ready a' >&3; exec sleep 60");
  ASSERT_TRUE(await(*node));
  const std::string text = read_text(log()).value();
  EXPECT_THAT(text, HasSubstr("SigBlk:\t0000000000000000"));
  const auto pid = std::to_string(node->id().pid);
  EXPECT_NE(text.find(pid), text.rfind(pid)) << "session and process have one id: " << text;
}

TEST_F(NodeProcessTest, InheritsNeitherFilesNorFolder) {
  const int open_here = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  auto node = start("ls -l /proc/$$/fd; pwd; printf 'ready a' >&3; exec sleep 60");
  ASSERT_TRUE(await(*node));
  ::close(open_here);
  const std::string text = read_text(log()).value();
  EXPECT_THAT(text, HasSubstr(" 3 -> socket:"));
  EXPECT_THAT(text, Not(HasSubstr(fmt::format(" {} -> /dev/null", open_here))));
  EXPECT_THAT(text, testing::EndsWith("\n/\n"));
}

TEST_F(NodeProcessTest, MissingProgram) {
  const auto node = NodeProcess::start({base_ / "absent", {}, log()});
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().message, "cannot start " + (base_ / "absent").string() + ": No such file or directory");
}

TEST(ProcessIdentity, AnotherStartTimeIsAnotherProcess) {
  const auto self = identify(::getpid());
  ASSERT_TRUE(self);
  EXPECT_TRUE(is_alive(*self));
  const ProcessId reused{self->pid, self->started_ticks + 1};
  EXPECT_FALSE(is_alive(reused));
  EXPECT_EQ(terminate(reused, second_ns).value(), Ending::was_dead) << "and we live on";
}

TEST(ProcessIdentity, ZombieIsDead) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(identify(child));
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(Control, Messages) {
  EXPECT_EQ(parse_report(ready_message("[::1]:5")).value(), "[::1]:5");
  const auto error = parse_report(error_message({ErrorKind::deadline, "late"}));
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().kind, ErrorKind::deadline);
  EXPECT_EQ(error.error().message, "late");
  for (const std::string bad : {"", "ready ", "error 9 x", "error 2", "error 2x"}) {
    const auto result = parse_report(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_THAT(result.error().message, HasSubstr("which is neither"));
  }
}

TEST(LogTail, LastLines) {
  const fs::path file = fs::temp_directory_path() / ("algean_tail." + std::to_string(::getpid()));
  const auto tail = [&](const std::string& text, std::size_t count) {
    std::ofstream(file) << text;
    return last_lines(file, count);
  };
  EXPECT_EQ(tail("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(tail("a\nb\nc", 1), "c");
  EXPECT_EQ(tail("a\nb\n", 9), "a\nb");
  EXPECT_EQ(tail("\nb\n", 1), "b");
  EXPECT_EQ(tail("\nb\n", 2), "\nb");
  EXPECT_EQ(tail("a\n", 0), "");
  EXPECT_EQ(tail("", 3), "");
  fs::remove(file);
  EXPECT_EQ(last_lines(file, 3), "");
}

}  // namespace
}  // namespace algean::cluster
