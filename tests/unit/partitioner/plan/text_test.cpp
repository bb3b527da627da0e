#include "partitioner/plan/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/graph/text.hpp"
#include "runtime/base/file.hpp"
#include "tests/unit/partitioner/support/dags.hpp"
#include "tests/unit/partitioner/support/run_plan.hpp"

namespace algean::partitioner {
namespace {

namespace fs = std::filesystem;
using testing::all_families;
using testing::Dag;
using ::testing::HasSubstr;
using testing::node_names;
using testing::target_of;

kernels::Graph network() {
  Dag dag(1);
  const auto x = dag.input("x \"quoted\"", 8);
  const auto a = dag.dense("a/b", x, 16);
  dag.output("y", dag.squash("c", a));
  return dag.graph;
}

Plan plan_of(const kernels::Graph& graph) {
  Target target = target_of(node_names(2));
  target.nodes[0].cores = "0-1";
  target.nodes[1].host = "tcp://127.0.0.1:7300";
  const auto plan = make_plan(graph, all_families(), target, {100, 0.1}, {0, 1});
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

class PlanFiles : public ::testing::Test {
 protected:
  PlanFiles() {
    std::string folder = (fs::temp_directory_path() / "algean_plan.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
  }
  ~PlanFiles() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string read_error() const {
    const auto result = read_plan(folder_ / "plan.json", all_families());
    EXPECT_TRUE(result || result.error().kind == ErrorKind::bad_input);
    return result ? "accepted" : result.error().message;
  }
  void replace(const std::string& from, const std::string& to) const {
    std::string text = read_text(folder_ / "plan.json").value();
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    ASSERT_TRUE(write_text(folder_ / "plan.json", text.replace(at, from.size(), to)));
  }

  fs::path folder_;
  kernels::Graph graph_ = network();
  Plan plan_ = plan_of(graph_);
};

TEST_F(PlanFiles, RoundTrip) {
  const auto graph_file = write_plan(folder_ / "plan.json", plan_, graph_);
  ASSERT_TRUE(graph_file) << graph_file.error().message;
  EXPECT_EQ(*graph_file, folder_ / "plan.graph");
  const auto read = read_plan(folder_ / "plan.json", all_families());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->plan, plan_);
  EXPECT_EQ(kernels::serialise(read->graph), kernels::serialise(graph_));
}

TEST_F(PlanFiles, AnotherGraphIsRefused) {
  ASSERT_TRUE(write_plan(folder_ / "plan.json", plan_, graph_));
  auto bytes = read_file(folder_ / "plan.graph").value();
  bytes.back() ^= std::byte{1};
  ASSERT_TRUE(write_file(folder_ / "plan.graph", bytes));
  EXPECT_EQ(read_error(), (folder_ / "plan.graph").string() + ": it is not the graph that " +
                              (folder_ / "plan.json").string() + " was made for (its size or SHA-256 differs)");
  fs::remove(folder_ / "plan.graph");
  EXPECT_THAT(read_error(), HasSubstr("plan.graph: cannot read"));
}

TEST_F(PlanFiles, WhatIsReadIsVerified) {
  ASSERT_TRUE(write_plan(folder_ / "plan.json", plan_, graph_));
  replace(R"("home": 0)", R"("home": 1)");
  EXPECT_EQ(read_error(),
            (folder_ / "plan.json").string() + ": plan: home: must be the node that takes the first input");
}

TEST_F(PlanFiles, NothingOfTheUsersIsOverwritten) {
  ASSERT_TRUE(write_text(folder_ / "plan.graph", "a graph of my own"));
  const auto refused = write_plan(folder_ / "plan.json", plan_, graph_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("would take the place of a file that is no graph"));
  // Another graph is overwritten, but not the network that the plan is made of.
  ASSERT_TRUE(kernels::write_graph(folder_ / "plan.graph", testing::random_dag(3)));
  const auto own = write_plan(folder_ / "plan.json", plan_, graph_, folder_ / "plan.graph");
  ASSERT_FALSE(own);
  EXPECT_THAT(own.error().message, HasSubstr("would take the place of the network itself"));
  EXPECT_FALSE(fs::exists(folder_ / "plan.json"));
  EXPECT_TRUE(write_plan(folder_ / "plan.json", plan_, graph_, folder_ / "net.json"));
  EXPECT_TRUE(write_plan(folder_ / "plan.json", plan_, graph_, folder_ / "plan.graph"));  // the same by now
  EXPECT_FALSE(write_plan(folder_ / "plan.graph", plan_, graph_));
}

TEST_F(PlanFiles, NamesThatJsonCannotCarryAreRefused) {
  graph_.layers[0].spec.name = "\xff\xfe";
  Plan plan = plan_of(graph_);
  const auto result = write_plan(folder_ / "plan.json", plan, graph_);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("JSON cannot carry all names of layers and tensors"));
}

TEST_F(PlanFiles, EveryFieldIsReadStrictly) {
  struct Case {
    std::string from;
    std::string to;
    std::string message;
  };
  const std::vector<Case> cases = {
      {R"("version": 1)", R"("version": 2)", "plan.json:2:13: 'version' must be an integer from 1 to 1; it is 2"},
      {R"("home": 0)", R"("hom": 0)", "unknown key 'hom'; did you mean 'home'?"},
      {R"("home": 0,)", "", "the document needs the key 'home'"},
      {R"("home": 0)", R"("home": 0, "home": 0)", "key 'home' stands twice"},
      {R"("name": "dag")", R"("name": 1)", "'name' must be a string"},
      {R"("file": "plan.graph")", R"("file": "../plan.graph")", "'graph.file' must be a plain file name"},
      {R"("file": "plan.graph")", R"("file": "..")", "'graph.file' must be a plain file name"},
      {R"("host": "local")", R"("hosts": "local")", "unknown key 'nodes[0].hosts'"},
      {R"("poll": "auto")", R"("poll": "sleep")", "'nodes[0].poll' must be one of"},
      {R"("speed_gmacs": 100.0)", R"("speed_gmacs": 0)", "'nodes[0].speed_gmacs' must be above 0"},
      {R"("mtu": 65535)", R"("mtu": 1)", "'links[0].mtu' must be an integer from 576 to 65535"},
      {R"("max_clients": 64)", R"("max_clients": 65535)", "'limits.max_clients' must be an integer from 1 to 65534"},
      {R"("max_in_flight": 16)", R"("max_in_flight": 16, "x": 1)", "unknown key 'limits.x'"},
      {R"("id": 1)", R"("id": 0)", "'kernels[0].id' must be an integer from 1 to 65535"},
      {R"("work_macs": 128.0)", R"("work_macs": -1)", "'kernels[0].work_macs' must not be negative"},
      {R"("tensor": ")", R"("tensors": ")", "unknown key 'edges[0].tensors'"},
      {R"("bytes": 8)", R"("bytes": 0)", "'edges[0].bytes' must be an integer from 1"},
      {R"("port": 0)", R"("port": 255)", "'edges[0].port' must be an integer from 0 to 254"},
  };
  for (const auto& [from, to, message] : cases) {
    ASSERT_TRUE(write_plan(folder_ / "plan.json", plan_, graph_));
    replace(from, to);
    EXPECT_THAT(read_error(), HasSubstr(message));
  }
}

TEST_F(PlanFiles, SurvivesMutation) {
  Random random(9);
  const std::string good = to_text(plan_);
  for (int i = 0; i < 2000; ++i) {
    std::string text = good;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      text[random.below(text.size())] = static_cast<char>(random.next());
    }
    const auto plan = parse_plan(text, "plan.json");
    const auto verified = plan ? verify(*plan, graph_) : std::unexpected(plan.error());
    if (!verified) {
      EXPECT_EQ(verified.error().kind, ErrorKind::bad_input);
    }
  }
}

}  // namespace
}  // namespace algean::partitioner
