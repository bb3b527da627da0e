// Deployments: from deploy to stop, and what can go wrong between. All of them block while they wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Deployments : public testing::Test {
 protected:
  // Deploys the small network detached; its document.
  nlohmann::json deploy(const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"deploy", net_, "--detach", "--name", name, "--poll", "block", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = place_.run(arguments);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.document();
  }
  std::unique_ptr<Running> deploy_in_front(const std::string& name) {
    auto running = place_.start({"deploy", net_, "--name", name, "--poll", "block"});
    EXPECT_TRUE(running->prints("Ctrl-C stops it"));
    return running;
  }
  Ended infer(const std::string& target) {
    return place_.run({"infer", target, "--input", x_, "--output", place_.path("y.npy"), "--poll", "block"});
  }
  void expect_answers(const std::string& target) {
    const Ended ended = infer(target);
    ASSERT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(read_array(place_.path("y.npy")), integer_reference(net_, read_array(x_)));
  }
  std::string log(const std::string& name) {
    std::ifstream file(place_.states() / name / "log" / "local.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // A client that keeps asking, once the node has seen it.
  std::unique_ptr<Running> asking(const std::string& name) {
    const auto attached = [&] {
      const std::string text = log(name);
      std::size_t count = 0;
      for (std::size_t at = text.find("attached"); at != std::string::npos; at = text.find("attached", at + 1)) ++count;
      return count;
    };
    const std::size_t before = attached();
    auto client = place_.start({"bench", name, "--duration", "100", "--timeout", "2", "--poll", "block"});
    EXPECT_TRUE(eventually([&] { return attached() > before; }));
    return client;
  }
  void expect_nothing_left() {
    EXPECT_EQ(place_.state_entries(), 0U);
    EXPECT_TRUE(eventually([&] { return place_.processes().empty(); }));
  }

  Place place_;
  std::string net_ = small_net(place_);
  std::string x_ = write_array(place_, "x.npy", random_rows(30, 12));
};

TEST_F(Deployments, AnswersEqualTheReferenceBitForBit) {
  const auto document = deploy("one");
  EXPECT_EQ(document["name"], "one");
  EXPECT_THAT(document["address"].get<std::string>(), StartsWith("127.0.0.1:"));
  EXPECT_EQ(document["checked"], 16);
  EXPECT_EQ(document["inputs"][0]["wire_type"], "int8");
  expect_answers("one");
  expect_answers(document["address"]);
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: stopped\n");
  expect_nothing_left();
}

TEST_F(Deployments, TheExampleByItsOwnName) {
  const Ended deployed = place_.run({"deploy", example("net.json"), "--detach", "--poll", "block"});
  ASSERT_EQ(deployed.status, 0) << deployed.err;
  EXPECT_THAT(deployed.out, HasSubstr("autoencoder"));
  EXPECT_THAT(deployed.out, HasSubstr("checked: 16 answers equal the integer reference bit for bit"));
  const std::string y = place_.path("y.npy");
  const Ended ended =
      place_.run({"infer", "autoencoder", "--input", example("test_inputs.npy"), "--output", y, "--poll", "block"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  const std::string graph = (place_.states() / "autoencoder" / "plan.graph").string();
  EXPECT_EQ(read_array(y), integer_reference(graph, read_array(example("test_inputs.npy"))));
  const auto scores = place_.run({"evaluate", "autoencoder", "--inputs", example("test_inputs.npy"), "--labels",
                                  example("test_labels.npy"), "--json", "--poll", "block"});
  EXPECT_GE(scores.document()["deployed"]["auc"], 0.9);
}

TEST_F(Deployments, FloatNetworksToo) {
  const Ended deployed =
      place_.run({"deploy", example("autoencoder.json"), "--detach", "--name", "f", "--poll", "block", "--json"});
  ASSERT_EQ(deployed.status, 0) << deployed.err;
  EXPECT_EQ(deployed.document()["precision"], "float");
  EXPECT_THAT(deployed.err, HasSubstr("warning"));
  const std::string x = write_array(place_, "f.npy", random_rows(3, 276));
  ASSERT_EQ(place_.run({"infer", "f", "--input", x, "--output", place_.path("a.npy"), "--poll", "block"}).status, 0);
  ASSERT_EQ(place_.run({"infer", example("autoencoder.json"), "--input", x, "--output", place_.path("b.npy")}).status,
            0);
  EXPECT_EQ(read_array(place_.path("a.npy")), read_array(place_.path("b.npy")));
}

TEST_F(Deployments, StatusAndLogs) {
  deploy("one");
  const auto one = place_.run({"status", "one", "--json"}).document();
  EXPECT_EQ(one["state"], "running");
  EXPECT_GT(one["up_s"], 0);
  EXPECT_EQ(one["nodes"][0]["name"], "local");
  EXPECT_THAT(one["links"], testing::IsEmpty());
  EXPECT_THAT(place_.run({"status"}).out, HasSubstr("running"));
  const Ended logs = place_.run({"logs", "one", "--lines", "100"});
  EXPECT_EQ(logs.status, 0);
  EXPECT_THAT(logs.out, HasSubstr("loaded, listens at 127.0.0.1:"));
  const auto following = place_.start({"logs", "one", "-f"});
  ASSERT_TRUE(following->prints("loaded, listens at"));
  infer("one");
  EXPECT_TRUE(following->prints("attached"));
  following->signal(SIGINT);
  EXPECT_EQ(following->end().status, 0);
}

TEST_F(Deployments, NameTaken) {
  const auto first = deploy("one");
  const Ended second = place_.run({"deploy", net_, "--detach", "--name", "one"});
  EXPECT_EQ(second.status, 2);
  EXPECT_EQ(second.err,
            "algean: the name `one` is taken by a deployment; stop it, or give --replace or another --name\n");
  EXPECT_EQ(place_.run({"status", "one", "--json"}).document()["nodes"][0]["pid"], first["nodes"][0]["pid"]);
}

TEST_F(Deployments, ReplaceTakesThePlace) {
  const auto first = deploy("one");
  const auto second = deploy("one", {"--replace"});
  EXPECT_NE(first["nodes"][0]["pid"], second["nodes"][0]["pid"]);
  expect_answers("one");
  EXPECT_EQ(place_.run({"status", "--json"}).document()["deployments"].size(), 1U);
  EXPECT_EQ(place_.processes().size(), 1U);
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
  expect_nothing_left();
}

TEST_F(Deployments, TwoAtOnce) {
  const auto one = deploy("one");
  const auto two = deploy("two");
  EXPECT_NE(one["address"], two["address"]);
  expect_answers("one");
  expect_answers("two");
  EXPECT_EQ(place_.run({"stop", "--all"}).out, "one: stopped\ntwo: stopped\n");
  expect_nothing_left();
}

TEST_F(Deployments, OfTwoOfOneNameOneWins) {
  const std::vector<std::string> arguments{"deploy", net_, "--detach", "--name", "one", "--poll", "block"};
  const auto first = place_.start(arguments);
  const auto second = place_.start(arguments);
  std::vector<int> ends{first->end().status, second->end().status};
  std::ranges::sort(ends);
  EXPECT_EQ(ends, (std::vector<int>{0, 2}));
  EXPECT_TRUE(eventually([&] { return place_.processes().size() == 1; }));
  expect_answers("one");
}

TEST_F(Deployments, DryRunLeavesNothing) {
  const Ended dry = place_.run({"deploy", net_, "--dry-run", "--json"});
  EXPECT_EQ(dry.status, 0) << dry.err;
  EXPECT_EQ(dry.document()["name"], "small");
  EXPECT_EQ(dry.document()["dry_run"], true);
  EXPECT_THAT(dry.err, HasSubstr("nothing was started or written"));
  EXPECT_FALSE(std::filesystem::exists(place_.states()));
}

TEST_F(Deployments, BadOptions) {
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"deploy", net_, "--detach"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = place_.run(arguments);
    EXPECT_EQ(ended.status, 2) << ended.err;
    return ended.err;
  };
  EXPECT_THAT(refused({"--name", "../x"}), HasSubstr("`../x` is no deployment name"));
  EXPECT_THAT(refused({"--listen", "nowhere"}), HasSubstr("nowhere"));
  EXPECT_THAT(refused({"--cores", "999"}), HasSubstr("this process may not use core 999"));
  EXPECT_THAT(refused({"--deadline", "nan"}), HasSubstr("--deadline: Value nan not in range"));
  EXPECT_THAT(refused({"--name", ""}), HasSubstr("--name: is empty"));
  expect_nothing_left();
}

TEST_F(Deployments, ListeningBeyondLoopbackWarns) {
  const Ended dry = place_.run({"deploy", net_, "--dry-run", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(dry.status, 0);
  EXPECT_THAT(dry.err, StartsWith("algean: warning: --listen 0.0.0.0:0: whoever reaches this address"));
}

TEST_F(Deployments, PortInUseRollsBack) {
  const std::string address = deploy("one")["address"];
  const Ended second = place_.run({"deploy", net_, "--detach", "--name", "two", "--listen", address});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr(address));
  EXPECT_FALSE(std::filesystem::exists(place_.states() / "two"));
  expect_answers("one");
  EXPECT_EQ(place_.processes().size(), 1U);
}

TEST_F(Deployments, InFrontUntilInterrupted) {
  const auto front = deploy_in_front("one");
  expect_answers("one");
  front->signal(SIGINT);
  const Ended ended = front->end();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("one: stopped\n"));
  expect_nothing_left();
}

TEST_F(Deployments, InFrontStoppedByAnother) {
  const auto front = deploy_in_front("one");
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: stopped\n");
  const Ended ended = front->end();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("one: was stopped\n"));
  expect_nothing_left();
}

TEST_F(Deployments, InFrontReportsANodeThatDies) {
  const auto front = deploy_in_front("one");
  const pid_t node = place_.run({"status", "one", "--json"}).document()["nodes"][0]["pid"];
  ASSERT_EQ(::kill(node, SIGKILL), 0);
  const Ended ended = front->end();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(
      ended.err,
      HasSubstr("deployment `one`: node local: the node process was killed by signal 9 (Killed); its log ends:"));
  expect_nothing_left();
}

TEST_F(Deployments, KilledInFrontGoesOn) {
  const auto front = deploy_in_front("one");
  front->signal(SIGKILL);
  EXPECT_EQ(front->end().status, 128 + SIGKILL);
  expect_answers("one");
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: stopped\n");
  expect_nothing_left();
}

TEST_F(Deployments, StopAfterKill) {
  const pid_t node = deploy("one")["nodes"][0]["pid"];
  ASSERT_EQ(::kill(node, SIGKILL), 0);
  EXPECT_TRUE(eventually([&] { return place_.run({"status", "one", "--json"}).document()["state"] == "dead"; }));
  const Ended asked = infer("one");
  EXPECT_EQ(asked.status, 1);
  EXPECT_THAT(asked.err, HasSubstr("deployment `one`: node local is dead: its process"));
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: was dead\n");
  expect_nothing_left();
}

TEST_F(Deployments, GoneDeployment) {
  deploy("one");
  ASSERT_EQ(place_.run({"stop", "one"}).status, 0);
  EXPECT_EQ(infer("one").status, 2);
  const Ended again = place_.run({"stop", "one"});
  EXPECT_EQ(again.status, 2);
  EXPECT_EQ(again.err, "algean: no deployment `one` in " + place_.states().string() + "; `algean status` lists them\n");
  EXPECT_EQ(place_.run({"logs", "one"}).status, 2);
  EXPECT_EQ(place_.run({"status", "one"}).status, 2);
}

TEST_F(Deployments, ClientKilledMidRequest) {
  deploy("one");
  const auto client = asking("one");
  client->signal(SIGKILL);
  EXPECT_EQ(client->end().status, 128 + SIGKILL);
  expect_answers("one");
}

TEST_F(Deployments, ServerKilledMidRequest) {
  const pid_t node = deploy("one")["nodes"][0]["pid"];
  const auto client = asking("one");
  ASSERT_EQ(::kill(node, SIGKILL), 0);
  const auto before = std::chrono::steady_clock::now();
  const Ended ended = client->end();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20)) << "its timeout is 2 s";
  EXPECT_TRUE(ended.status == 1 || ended.status == 3) << ended.status;
  EXPECT_THAT(ended.err, HasSubstr("node"));
}

TEST_F(Deployments, ServerStoppedMidRequest) {
  deploy("one");
  const auto client = asking("one");
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: stopped\n");
  const Ended ended = client->end();
  EXPECT_TRUE(ended.status == 1 || ended.status == 3) << ended.status;
  EXPECT_THAT(ended.err, HasSubstr("node"));
}

TEST_F(Deployments, BenchThroughTheClient) {
  deploy("one");
  const auto document = place_.run({"bench", "one", "--count", "20", "--poll", "block", "--json"}).document();
  EXPECT_EQ(document["request_to_reply"]["count"], 20);
  EXPECT_GT(document["pipelined"]["inferences_per_s"], 0);
}

// Until a deploy has begun to make its folder.
bool is_making(const Place& place) {
  std::error_code ignored;
  const std::filesystem::directory_iterator entries(place.states(), ignored);
  return std::ranges::any_of(
      entries, [](const auto& entry) { return entry.path().filename().string().starts_with(".making."); });
}

TEST_F(Deployments, InterruptedHalfWayLeavesNothing) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto deploy = place_.start({"deploy", net_, "--name", "one", "--poll", "block"});
    ASSERT_TRUE(eventually([&] { return is_making(place_) || std::filesystem::exists(place_.states() / "one"); }));
    deploy->signal(signal);
    const Ended ended = deploy->end();
    if (ended.status != 0) {  // else it was up already
      EXPECT_EQ(ended.status, 1);
      EXPECT_THAT(ended.err, HasSubstr("interrupted"));
    }
    expect_nothing_left();
  }
}

TEST_F(Deployments, KilledHalfWayIsClearedByTheNext) {
  const auto killed = place_.start({"deploy", net_, "--detach", "--name", "one", "--poll", "block"});
  ASSERT_TRUE(eventually([&] { return is_making(place_) || std::filesystem::exists(place_.states() / "one"); }));
  killed->signal(SIGKILL);
  killed->end();
  deploy("two");
  EXPECT_FALSE(is_making(place_));
  EXPECT_EQ(place_.run({"stop", "--all"}).status, 0);
  expect_nothing_left();
}

TEST_F(Deployments, DeadlineOfDeployPasses) {
  const Ended late = place_.run({"deploy", net_, "--detach", "--name", "one", "--deadline", "0.001"});
  EXPECT_EQ(late.status, 3);
  EXPECT_THAT(late.err, HasSubstr("in time"));
  expect_nothing_left();
}

TEST_F(Deployments, SilentNodeMeetsTheClientsDeadline) {
  const pid_t node = deploy("one")["nodes"][0]["pid"];
  const auto client = asking("one");
  ASSERT_EQ(::kill(node, SIGSTOP), 0);
  const Ended ended = client->end();
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("node"));
  EXPECT_EQ(place_.run({"stop", "one", "--grace", "0.05"}).out, "one: killed\n");
  expect_nothing_left();
}

TEST_F(Deployments, AttachKeepsTheClientsDeadline) {
  const pid_t node = deploy("one")["nodes"][0]["pid"];
  ASSERT_EQ(::kill(node, SIGSTOP), 0);
  const Ended ended = place_.run({"infer", "one", "--input", x_, "--timeout", "0.2", "--poll", "block"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("no answer to an attach within 200 ms"));
  EXPECT_EQ(place_.run({"stop", "one", "--grace", "0.05"}).out, "one: killed\n");
}

TEST_F(Deployments, ComeBeforeFoldersAndNeverHideFiles) {
  deploy("one");
  std::filesystem::create_directory(place_.path("one"));
  expect_answers("one");
  std::filesystem::remove(place_.path("one"));
  std::ofstream(place_.path("one")) << "anything";
  const Ended ended = infer("one");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("`one` is a deployment and also a file here: write ./one for the file"));
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
}

TEST_F(Deployments, UnreadableRecordIsNamed) {
  deploy("one");
  const auto file = place_.states() / "one" / "deployment.json";
  const std::string good = [&] {
    std::ifstream stream(file);
    return std::string{std::istreambuf_iterator<char>(stream), {}};
  }();
  std::ofstream(file) << "{\n  \"version\": 9\n}\n";
  const Ended status = place_.run({"status"});
  EXPECT_EQ(status.status, 0);
  EXPECT_THAT(status.out, HasSubstr("unreadable"));
  EXPECT_THAT(status.err, HasSubstr(file.string() + ":2:"));
  const Ended stop = place_.run({"stop", "one"});
  EXPECT_EQ(stop.status, 2);
  EXPECT_THAT(stop.err, HasSubstr("nothing says which processes it has: end its `algean node` by hand"));
  std::ofstream(file) << good;
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
}

TEST_F(Deployments, StopWithoutNames) {
  EXPECT_EQ(place_.run({"stop"}).err, "algean: stop: give names of deployments, or --all\n");
  const Ended none = place_.run({"stop", "--all"});
  EXPECT_EQ(none.status, 0);
  EXPECT_THAT(none.out, StartsWith("no deployments in "));
}

}  // namespace
}  // namespace algean::e2e
