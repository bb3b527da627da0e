// Agents on two machines, and a cable that is pulled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/e2e/clusters.hpp"
#include "tests/e2e/machines.hpp"
#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// dense_2 lies on b, the others on a, where the client is.
class TwoMachines : public testing::Test {
 protected:
  void SetUp() override {
    if (!machines_.missing().empty()) GTEST_SKIP() << machines_.missing();
    for (std::size_t machine = 0; machine < 2; ++machine) {
      const std::string address = "tcp://" + Machines::address(machine) + ":4700";
      agents_.push_back(machines_.start(machine, {"node", "--listen", address}));
      ASSERT_TRUE(agents_.back()->prints(address + "\n"));
    }
  }
  Ended deploy() { return machines_.run(0, {"deploy", cluster_, net_, "--detach", "--name", "one"}); }
  Ended infer() {
    return machines_.run(0, {"infer", "one", "--input", x_, "--output", place_.path("y.npy"), "--poll", "block"});
  }
  nlohmann::json status() { return machines_.run(0, {"status", "one", "--json"}).document(); }
  void expect_agents_end() {
    for (const auto& agent : agents_) agent->signal(SIGTERM);
    for (const auto& agent : agents_) EXPECT_EQ(agent->end().status, 0);
  }

  static std::string node(std::size_t machine) {
    const std::string address = Machines::address(machine);
    return ", host: \"tcp://" + address + ":4700\", listen: \"" + address + ":0\"";
  }

  Place place_;
  Machines machines_{place_};
  std::string graph_ = small_net(place_);
  std::string net_ = write_net(place_, {{"dense_1", "a"}, {"dense_2", "b"}, {"dense_3", "a"}});
  std::string cluster_ = write_cluster(place_, {{"a", node(0)}, {"b", node(1)}}, "{deploy_deadline_s: 20}");
  std::string x_ = write_array(place_, "x.npy", random_rows(30, 12));
  std::vector<std::unique_ptr<Running>> agents_;
};

TEST_F(TwoMachines, AnswerAsTheReference) {
  const Ended deployed = deploy();
  ASSERT_EQ(deployed.status, 0) << deployed.err;
  ASSERT_EQ(infer().status, 0);
  EXPECT_EQ(read_array(place_.path("y.npy")), integer_reference(graph_, read_array(x_)));
  const Ended compared = machines_.run(0, {"compare", "one", "--input", x_, "--poll", "block"});
  EXPECT_EQ(compared.status, 0) << compared.out << compared.err;
  EXPECT_EQ(machines_.run(0, {"stop", "one"}).out, "one: stopped\n");
  EXPECT_EQ(place_.state_entries(), 0U);
  expect_agents_end();
}

TEST_F(TwoMachines, ACutCableEndsInferencesByName) {
  ASSERT_EQ(deploy().status, 0);
  const auto client = machines_.start(0, {"bench", "one", "--duration", "100", "--timeout", "20", "--poll", "block"});
  ASSERT_TRUE(eventually([&] { return status()["nodes"][1]["counters"]["inferences"] > 200; }));
  const auto before = std::chrono::steady_clock::now();
  machines_.cut_cable();
  const Ended ended = client->end();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(15)) << "its timeout is 20 s";
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, AllOf(HasSubstr("a: "), HasSubstr(" b")));

  // Later clients hear of it at once, and so does status.
  const Ended again = infer();
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, AllOf(HasSubstr("a: "), HasSubstr(" b")));
  const auto document = status();
  const auto& links = document["links"];
  EXPECT_TRUE(std::ranges::any_of(links, [](const auto& link) {
    return link["from"] == "a" && link["state"] == "down";
  })) << document;
  EXPECT_NE(document["state"], "running");

  machines_.mend_cable();
  EXPECT_EQ(machines_.run(0, {"stop", "one"}).out, "one: stopped\n");
  expect_agents_end();
}

TEST_F(TwoMachines, ACableThatIsCutWhenItIsDeployedIsNamed) {
  machines_.cut_cable();
  const auto before = std::chrono::steady_clock::now();
  const Ended deployed = deploy();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(25));
  EXPECT_TRUE(deployed.status == 1 || deployed.status == 3) << deployed.status;
  EXPECT_THAT(deployed.err, HasSubstr("agent b at tcp://10.77.0.2:4700"));
  EXPECT_EQ(place_.state_entries(), 0U);
  machines_.mend_cable();
  EXPECT_EQ(deploy().status, 0) << "nothing is left of the first attempt";
  EXPECT_EQ(machines_.run(0, {"stop", "one"}).status, 0);
  expect_agents_end();
}

}  // namespace
}  // namespace algean::e2e
