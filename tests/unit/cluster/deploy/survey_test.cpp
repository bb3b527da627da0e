// How deployments do, and how they end, over agents that a test plays.
#include "cluster/deploy/survey.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "cluster/deploy/end.hpp"
#include "cluster/deploy/journal.hpp"
#include "runtime/base/file.hpp"
#include "tests/unit/cluster/deploy/fake_agent.hpp"

namespace algean::cluster {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::FakeAgent;
using testing_support::link_status;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t timeout_ns = 30 * second_ns;

DeployedNode remote(const std::string& name, const std::string& address) {
  return {name, address, address, "127.0.0.1:9", std::nullopt};
}

Deployment deployment(std::vector<DeployedNode> nodes) {
  return {"net", "127.0.0.1:9", 7, "network", std::move(nodes)};
}

std::optional<FakeAgent::Twisted> silence(const control::Request&) { return FakeAgent::Twisted{}; }

// The id of a process that was.
ProcessId dead_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  const ProcessId process{child, 1};
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  return process;
}

TEST(Survey, EveryCondition) {
  FakeAgent running;
  FakeAgent failing;
  FakeAgent without;
  FakeAgent silent("", silence);
  std::string gone;
  {
    const FakeAgent agent;
    gone = agent.address();
  }
  DeployedNode ended = remote("ended", gone);
  ended.host = local_host;
  ended.process = dead_process();
  const Deployment all = deployment({remote("running", running.address()), remote("failing", failing.address()),
                                     remote("without", without.address()), remote("silent", silent.address()),
                                     remote("gone", gone), ended});
  running.hold(part_id("net", 7, 0));
  failing.hold(part_id("net", 7, 1), control::PART_FAILED);
  without.hold(part_id("net", 8, 2));  // of another deployment
  const SteadyClock clock;
  const auto nodes = survey(all, "0.1.0", second_ns / 5, clock);
  std::vector<std::string> states;
  for (const NodeSurvey& node : nodes) states.emplace_back(to_text(node.condition));
  EXPECT_THAT(states, ElementsAre("running", "failed", "dead", "not answering", "dead", "dead"));
  EXPECT_EQ(nodes[0].pid, 100U);
  EXPECT_THAT(nodes[2].why, HasSubstr("no longer has this part"));
  EXPECT_THAT(nodes[3].why, AllOf(HasSubstr("silent"), HasSubstr("no answer to `status` within 200 ms")));
  EXPECT_THAT(nodes[4].why, HasSubstr("nobody listens there"));
  EXPECT_THAT(nodes[5].why, HasSubstr("has ended"));
  EXPECT_EQ(worst(nodes), Condition::dead);
  EXPECT_EQ(worst({nodes[0], nodes[3]}), Condition::silent);
}

TEST(Survey, LinksWithRates) {
  FakeAgent a;
  FakeAgent b;
  const Deployment two = deployment({remote("a", a.address()), remote("b", b.address())});
  a.hold(part_id("net", 7, 0));
  b.hold(part_id("net", 7, 1));
  control::LinkStatus sending = link_status("b", control::LINK_UP, 4000);
  sending.set_frames_out(100);
  sending.set_bytes_out(1'000'000);
  control::LinkStatus receiving = link_status("a", control::LINK_UP, 4100);
  receiving.set_gaps(3);
  a.set_links({sending});
  b.set_links({receiving});
  const SteadyClock clock;
  const auto earlier = survey(two, "0.1.0", timeout_ns, clock);  // each answer is a second later by the agent's clock
  sending.set_frames_out(150);
  sending.set_bytes_out(6'000'000);
  a.set_links({sending});
  const auto links = links_of(two, earlier, survey(two, "0.1.0", timeout_ns, clock));
  ASSERT_THAT(links, SizeIs(2));
  EXPECT_EQ(links[0].from, "a");
  EXPECT_EQ(links[0].to, "b");
  EXPECT_EQ(links[0].state, "up");
  EXPECT_EQ(links[0].rtt_ns, 4000);
  EXPECT_EQ(links[0].frames, 150U);
  EXPECT_EQ(links[0].lost, 3U) << "as the other end counts it";
  EXPECT_DOUBLE_EQ(links[0].frames_per_s, 50);
  EXPECT_DOUBLE_EQ(links[0].mb_per_s, 5);
  EXPECT_EQ(links[1].from, "b");
  EXPECT_EQ(links[1].frames_per_s, 0);
}

TEST(EndNodes, EachByItsOwnWay) {
  FakeAgent there;
  FakeAgent empty;
  FakeAgent silent("", silence);
  there.hold(part_id("net", 7, 0));
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  DeployedNode local = remote("local", "tcp://127.0.0.1:1");
  local.host = local_host;
  local.process = identify(child).value();
  const Deployment all = deployment(
      {remote("there", there.address()), remote("empty", empty.address()), remote("silent", silent.address()), local});
  EndOptions options;
  options.software = "0.1.0";
  options.grace_ns = timeout_ns;
  options.agent_timeout_ns = second_ns / 10;
  const SteadyClock clock;
  const auto endings = end_nodes(all, options, clock);
  EXPECT_EQ(endings[0].ending.value(), Ending::terminated);
  EXPECT_THAT(there.parts(), SizeIs(0));
  EXPECT_EQ(endings[1].ending.value(), Ending::was_dead);
  ASSERT_FALSE(endings[2].ending);
  EXPECT_EQ(endings[2].ending.error().kind, ErrorKind::deadline);
  EXPECT_EQ(endings[3].ending.value(), Ending::terminated);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(TakeDown, FolderStaysWhileANodeMayRunOn) {
  std::string folder = (fs::temp_directory_path() / "algean_take_down.XXXXXX").string();
  const fs::path base = ::mkdtemp(folder.data());
  const StateRoot states(base);
  FakeAgent silent("", silence);
  const Deployment one = deployment({remote("a", silent.address())});
  {
    auto staging = states.stage("net");
    ASSERT_TRUE(write_text(staging->folder() / record_file, to_text(one)));
    ASSERT_TRUE(states.publish(*staging, "net", false));
  }
  EndOptions options;
  options.software = "0.1.0";
  options.agent_timeout_ns = second_ns / 10;
  const SteadyClock clock;
  const auto kept = take_down(one, states, options, false, clock);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->removed);
  EXPECT_THAT(kept->problems(), HasSubstr("node a may run on: agent a at " + silent.address()));
  EXPECT_TRUE(states.exists("net"));
  EXPECT_TRUE(take_down(one, states, options, true, clock)->removed);
  EXPECT_TRUE(fs::is_empty(base));
  fs::remove_all(base);
}

TEST(TerminateAll, SharesTheGrace) {
  std::vector<ProcessId> processes;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      (void)::signal(SIGTERM, SIG_DFL);
      ::pause();
      ::_exit(0);
    }
    processes.push_back(identify(child).value());
    ASSERT_EQ(::kill(child, SIGSTOP), 0);  // SIGTERM waits for its going on
    ASSERT_EQ(::waitpid(child, nullptr, WUNTRACED), child);
  }
  const auto before = std::chrono::steady_clock::now();
  for (const auto& ending : terminate_all(processes, second_ns / 2)) EXPECT_EQ(ending.value(), Ending::killed);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1400)) << "not 0.5 s for each";
  for (const ProcessId& process : processes) EXPECT_EQ(::waitpid(process.pid, nullptr, 0), process.pid);
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    std::string folder = (fs::temp_directory_path() / "algean_journal.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
  }
  ~JournalTest() override { fs::remove_all(base_); }
  void write(const std::string& node, const std::string& text) {
    std::ofstream(base_ / (node + ".log"), std::ios::app) << text;
  }
  static DeployedNode local(const std::string& name) {
    return {name, local_host, "tcp://127.0.0.1:1", "127.0.0.1:9", ProcessId{1, 1}};
  }
  static std::vector<std::string> texts(const std::vector<JournalLine>& lines) {
    std::vector<std::string> all;
    for (const JournalLine& line : lines) all.push_back(line.node + ": " + line.text);
    return all;
  }

  fs::path base_;
  SteadyClock clock_;
};

TEST_F(JournalTest, TimeOfLine) {
  const auto time = time_of_line("2026-11-21 16:27:00.123 info x");
  EXPECT_GT(time, 0);
  EXPECT_EQ(time_text(time), "2026-11-21 16:27:00.123");
  EXPECT_EQ(time_of_line("2026-11-21 16:27:01.124 info x") - time, 1001);
  for (const std::string none :
       {"", "x", "2026-11-21 16:27:00", "2026-11-21 16:27:00.1x3 info", "2026-11-21T16:27:00.123"})
    EXPECT_EQ(time_of_line(none), -1) << none;
}

TEST_F(JournalTest, MergesByTime) {
  write("a", "2026-11-21 16:00:00.001 info a1\nmore of a1\n2026-11-21 16:00:00.005 info a5\nhalf a li");
  write("b", "2026-11-21 16:00:00.003 info b3\n");
  FakeAgent agent;
  agent.add_log(time_of_line("2026-11-21 16:00:00.004"), "c4");
  Journal journal(deployment({local("a"), local("b"), remote("c", agent.address())}), base_, "", "0.1.0", timeout_ns,
                  clock_);
  EXPECT_THAT(texts(journal.read(100)),
              ElementsAre("a: 2026-11-21 16:00:00.001 info a1", "a: more of a1", "b: 2026-11-21 16:00:00.003 info b3",
                          "c: 2026-11-21 16:00:00.004 c4", "a: 2026-11-21 16:00:00.005 info a5"));
  EXPECT_THAT(journal.read(100), SizeIs(0));
  write("a", "ne\n");
  agent.add_log(1, "c5");
  EXPECT_THAT(texts(journal.read(100)), ElementsAre("c: " + time_text(1) + " c5", "a: half a line"));
  EXPECT_THAT(journal.problems(), SizeIs(0));
}

TEST_F(JournalTest, LastLinesOfOneNode) {
  write("a", "1\n2\n3\n");
  write("b", "4\n");
  Journal journal(deployment({local("a"), local("b")}), base_, "a", "0.1.0", timeout_ns, clock_);
  EXPECT_THAT(texts(journal.read(2)), ElementsAre("a: 2", "a: 3"));
  write("a", "5\n6\n7\n");
  EXPECT_THAT(journal.read(2), SizeIs(3)) << "what came since is whole";
}

TEST_F(JournalTest, SilentAgentIsNamed) {
  FakeAgent silent("", silence);
  write("a", "1\n");
  Journal journal(deployment({local("a"), remote("b", silent.address())}), base_, "", "0.1.0", second_ns / 10, clock_);
  EXPECT_THAT(journal.read(9), SizeIs(1));
  EXPECT_THAT(journal.problems(), ElementsAre(HasSubstr("agent b at " + silent.address() + ": no answer to `log`")));
}

}  // namespace
}  // namespace algean::cluster
