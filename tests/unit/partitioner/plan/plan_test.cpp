#include "partitioner/plan/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/partitioner/support/dags.hpp"
#include "tests/unit/partitioner/support/run_plan.hpp"

namespace algean::partitioner {
namespace {

using testing::all_families;
using testing::Dag;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::node_names;
using testing::random_dag;
using testing::run_plan;
using testing::target_of;

Result<Plan> plan_on(const kernels::Graph& graph, const std::vector<std::size_t>& nodes, std::size_t count,
                     const Limits& limits = {}) {
  Target target = target_of(node_names(count));
  target.limits = limits;
  return make_plan(graph, all_families(), target, std::vector<double>(count, 1.0), nodes);
}

void expect_reference(const Plan& plan, const kernels::Graph& graph, Random& random) {
  const auto inputs = testing::random_inputs(graph, random);
  const auto expected = kernels::interpret(graph, all_families(), inputs).value();
  const auto got = run_plan(plan, graph, all_families(), inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(got[i].bytes(), expected[i].bytes())) << graph.outputs[i].name;
  }
}

// x -> a -> b -> c, (b, x) -> d; outputs c, d, b.
Dag diamond() {
  Dag dag(1);
  const auto x = dag.input("x", 8);
  const auto a = dag.dense("a", x, 16);
  const auto b = dag.dense("b", a, 8);
  const auto c = dag.squash("c", b);
  const auto d = dag.join("d", b, x);
  dag.output("yc", c);
  dag.output("yd", d);
  dag.output("yb", b);
  return dag;
}

TEST(Plan, KernelsAreTheLayersOfANodeAndStage) {
  const Dag dag = diamond();
  const auto plan = plan_on(dag.graph, {0, 1, 0, 0}, 3);  // a, c, d on n0; b on n1; nothing on n2
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->kernels.size(), 3U);
  EXPECT_EQ(plan->kernels[0], (PlanKernel{1, 0, 128, {"a"}, {"x"}, {"a_out"}}));
  EXPECT_EQ(plan->kernels[1], (PlanKernel{2, 1, 128, {"b"}, {"a_out"}, {"b_out"}}));
  EXPECT_EQ(plan->kernels[2], (PlanKernel{3, 0, 16, {"c", "d"}, {"x", "b_out"}, {"c_out", "d_out"}}));
  ASSERT_EQ(plan->nodes.size(), 2U);
  EXPECT_EQ(plan->nodes[1].name, "n1");
  EXPECT_EQ(plan->home, 0);
  EXPECT_THAT(plan->client_nodes, ElementsAre(0, 1));
  EXPECT_THAT(plan->links, ElementsAre(PlanLink{0, 1, "udp", 65535}));
  const std::vector<PlanEdge> edges = {{"x", 8, 0, 0, {{1, 0}, {3, 0}}},
                                       {"a_out", 16, 1, 0, {{2, 0}}},
                                       {"b_out", 8, 2, 0, {{3, 1}, {0, 2}}},
                                       {"c_out", 8, 3, 0, {{0, 0}}},
                                       {"d_out", 8, 3, 1, {{0, 1}}}};
  EXPECT_EQ(plan->edges, edges);
  EXPECT_EQ(bytes_out(*plan, 0), 16U + 8U + 8U);
  EXPECT_EQ(bytes_out(*plan, 1), 8U + 8U);
}

TEST(Plan, OfOneNodeIsOneKernel) {
  const Dag dag = diamond();
  const auto plan = plan_on(dag.graph, {0, 0, 0, 0}, 1);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->kernels.size(), 1U);
  EXPECT_TRUE(plan->links.empty());
  EXPECT_THAT(plan->client_nodes, ElementsAre(0));
}

TEST(Plan, HomeIsTheNodeThatTakesTheFirstInput) {
  Dag dag(2);
  const auto x = dag.input("x", 4);
  const auto z = dag.input("z", 4);
  const auto a = dag.dense("a", x, 4);
  const auto b = dag.dense("b", z, 4);
  dag.output("y", dag.join("j", a, b));
  const auto plan = plan_on(dag.graph, {2, 0, 1}, 3);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->home, 2);
  EXPECT_THAT(plan->client_nodes, ElementsAre(2, 0, 1));
  EXPECT_THAT(plan->links, ElementsAre(PlanLink{0, 1, "udp", 65535}, PlanLink{0, 2, "udp", 65535},
                                       PlanLink{1, 2, "udp", 65535}));  // 0-2: every node with home
}

TEST(Plan, AnInputMayBeAnOutputAndNobodyNeedsToReadIt) {
  Dag dag(3);
  const auto x = dag.input("x", 4);
  const auto unread = dag.input("unread", 3);
  const auto a = dag.dense("a", x, 4);
  dag.dense("dead", a, 9);
  dag.output("same", x);
  dag.output("y", a);
  dag.output("again", a);
  dag.output("also", unread);
  const auto plan = plan_on(dag.graph, {1, 0}, 2);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->kernels.size(), 1U);
  EXPECT_EQ(plan->nodes[0].name, "n1");
  EXPECT_THAT(plan->kernels[0].layers, ElementsAre("a"));
  EXPECT_THAT(plan->kernels[0].outputs, ElementsAre("x", "unread", "a_out"));
  Random random(5);
  expect_reference(*plan, dag.graph, random);
}

TEST(Plan, OfANetworkWithoutLayersIsAKernelThatPassesOn) {
  Dag dag(4);
  dag.output("y", dag.input("x", 4));
  const auto plan = plan_on(dag.graph, {}, 2);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->kernels.size(), 1U);
  EXPECT_TRUE(plan->kernels[0].layers.empty());
  Random random(6);
  expect_reference(*plan, dag.graph, random);
}

// The rule of plans, on networks and assignments of any shape: verified, and equal to the reference bit for bit.
TEST(Plan, AnyAssignmentOfAnyNetworkGivesTheReferencesIntegers) {
  Random random(7);
  std::size_t several = 0;  // plans with more kernels than nodes
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const kernels::Graph graph = random_dag(seed);
    ASSERT_TRUE(kernels::verify(graph, all_families()));
    const std::size_t count = 1 + random.below(5);
    std::vector<std::size_t> nodes;
    for (std::size_t i = 0; i < graph.layers.size(); ++i) nodes.push_back(random.below(count));
    const auto plan = plan_on(graph, nodes, count);
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_TRUE(verify(*plan, graph));
    if (plan->kernels.size() > plan->nodes.size()) ++several;
    expect_reference(*plan, graph, random);
  }
  EXPECT_GT(several, 50U);
}

TEST(Plan, LimitsLeaveRoomForPartialInferences) {
  Dag dag(8);
  const auto x = dag.input("x", 1 << 22);
  dag.output("y", dag.squash("a", x));
  const auto chosen = plan_on(dag.graph, {0}, 1);
  ASSERT_TRUE(chosen) << chosen.error().message;
  EXPECT_EQ(chosen->limits.max_clients, 16);  // 16 x 16 x 4 MiB = 1 GiB
  EXPECT_EQ(chosen->limits.max_in_flight, 16);
  Limits stated;
  stated.max_clients = 100;
  const auto fewer = plan_on(dag.graph, {0}, 1, stated);
  ASSERT_TRUE(fewer) << fewer.error().message;
  EXPECT_EQ(fewer->limits.max_in_flight, 2);
  stated.max_in_flight = 3;
  const auto refused = plan_on(dag.graph, {0}, 1, stated);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "plan: node 'n0': 100 clients with 3 inferences in flight would hold 4194304 bytes each of its kernels' "
            "inputs, together more than 1073741824");
}

TEST(Plan, MorePortsThanTheWireNumbersAreRefused) {
  Dag dag(9);
  const auto x = dag.input("x", 2);
  kernels::ValueId at = x;
  std::vector<kernels::ValueId> made;
  for (int i = 0; i < 300; ++i) made.push_back(dag.squash(fmt::format("s{}", i), x));
  for (int i = 0; i < 300; ++i) at = dag.join(fmt::format("j{}", i), at, made[static_cast<std::size_t>(i)]);
  dag.output("y", at);
  std::vector<std::size_t> nodes(300, 0);
  nodes.resize(600, 1);
  const auto plan = plan_on(dag.graph, nodes, 2);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message, "node `n0`: a kernel has 1 inputs and 300 outputs, at most 255 each can be numbered");
}

struct Broken {
  std::string message;
  std::function<void(Plan&)> change;
};

// Each rule of verify() with a plan that breaks it.
TEST(Plan, EveryRuleHasItsRefusal) {
  const Dag dag = [] {
    Dag made = diamond();
    made.dense("dead", 0, 3);
    return made;
  }();
  const auto good = plan_on(dag.graph, {0, 1, 0, 1, 0}, 2);  // kernels: 1 {a} 2 {b, d} 3 {c}
  ASSERT_TRUE(good) << good.error().message;
  const std::vector<Broken> cases = {
      {"it has no name", [](Plan& p) { p.name.clear(); }},
      {"nodes: 0, must be 1 to 65535", [](Plan& p) { p.nodes.clear(); }},
      {"nodes: 'n0' is no name, or that of two", [](Plan& p) { p.nodes[1].name = "n0"; }},
      {"nodes: '' is no name", [](Plan& p) { p.nodes[1].name.clear(); }},
      {"nodes: '../n1' is no name", [](Plan& p) { p.nodes[1].name = "../n1"; }},
      {"nodes: '.' is no name", [](Plan& p) { p.nodes[1].name = "."; }},
      {"nodes: 'a/b' is no name", [](Plan& p) { p.nodes[1].name = "a/b"; }},
      {"node 'n1': its speed is unknown", [](Plan& p) { p.nodes[1].speed_gmacs.reset(); }},
      {"node 'n2' has no kernel",
       [](Plan& p) {
         p.nodes.push_back(p.nodes[0]);
         p.nodes[2].name = "n2";
       }},
      {"kernels: 0, must be 1 to 65535", [](Plan& p) { p.kernels.clear(); }},
      {"kernels[2]: its id is 2, must be 3", [](Plan& p) { p.kernels[2].id = 2; }},
      {"kernel 2: node 2 does not exist", [](Plan& p) { p.kernels[1].node = 2; }},
      {"kernel 1: it has no input", [](Plan& p) { p.kernels[0].inputs.clear(); }},
      {"kernel 1: it has no output", [](Plan& p) { p.kernels[0].outputs.clear(); }},
      {"kernel 1: 256 inputs, at most 255", [](Plan& p) { p.kernels[0].inputs.assign(256, "x"); }},
      {"kernel 1: input 'q' is no tensor of the network", [](Plan& p) { p.kernels[0].inputs = {"q"}; }},
      {"kernel 1: input 'x' is there twice", [](Plan& p) { p.kernels[0].inputs = {"x", "x"}; }},
      {"kernel 1: 'q' is no layer of the network", [](Plan& p) { p.kernels[0].layers = {"q"}; }},
      {"kernel 1: no output needs layer 'dead'", [](Plan& p) { p.kernels[0].layers.emplace_back("dead"); }},
      {"layer 'a' is in kernel 1 and in kernel 3", [](Plan& p) { p.kernels[2].layers.emplace_back("a"); }},
      {"layer 'a' is in kernel 1 and in kernel 1", [](Plan& p) { p.kernels[0].layers.emplace_back("a"); }},
      {"layer 'd' is in no kernel", [](Plan& p) { p.kernels[1].layers.pop_back(); }},
      {"kernel 2: layer 'd' reads 'x', which is no input of the kernel",
       [](Plan& p) { std::erase(p.kernels[1].inputs, "x"); }},
      {"kernel 2: input 'b_out' is made by the kernel itself",
       [](Plan& p) { p.kernels[1].inputs.emplace_back("b_out"); }},
      {"kernel 3: input 'd_out' is read by none of its layers",
       [](Plan& p) { p.kernels[2].inputs.emplace_back("d_out"); }},
      {"kernel 2: 'd_out' is needed elsewhere, but is no output of the kernel",
       [](Plan& p) { std::erase(p.kernels[1].outputs, "d_out"); }},
      {"kernel 2: 'b_out' is needed elsewhere", [](Plan& p) { std::erase(p.kernels[1].outputs, "b_out"); }},
      {"kernel 1: output 'x' is not made by it, or needed by nobody",
       [](Plan& p) { p.kernels[0].outputs.emplace_back("x"); }},
      {"kernel 3: output 'b_out' is not made by it", [](Plan& p) { p.kernels[2].outputs.emplace_back("b_out"); }},
      {"inputs: they are not those of the network", [](Plan& p) { p.inputs = {"z"}; }},
      {"outputs: they are not those of the network", [](Plan& p) { std::swap(p.outputs[0], p.outputs[1]); }},
      {"edges[1]: not what follows from kernels and network for tensor 'a_out'", [](Plan& p) { ++p.edges[1].bytes; }},
      {"edges[0]: not what follows", [](Plan& p) { p.edges[0].to.pop_back(); }},
      {"edges[5]: not what follows", [](Plan& p) { p.edges.push_back(p.edges[0]); }},
      {"edges[4]: not what follows", [](Plan& p) { p.edges.pop_back(); }},
      {"home: must be the node that takes the first input", [](Plan& p) { p.home = 1; }},
      {"client_nodes: must be home, then", [](Plan& p) { p.client_nodes.pop_back(); }},
      {"links[0]: 'shm' is no transport", [](Plan& p) { p.links[0].transport = "shm"; }},
      {"links[0]: mtu 575", [](Plan& p) { p.links[0].mtu = 575; }},
      {"links: they are not those between nodes", [](Plan& p) { p.links.clear(); }},
      {"links: they are not those", [](Plan& p) { std::swap(p.links[0].a, p.links[0].b); }},
      {"links[1]: a second transport",
       [](Plan& p) {
         p.links.push_back(p.links[0]);
         p.links[1].transport = "tcp";
       }},
      {"limits: deadlines of 0 ms and 60 s", [](Plan& p) { p.limits.inference_deadline_ms = 0; }},
      {"limits: deadlines of 2000 ms and 86401 s", [](Plan& p) { p.limits.deploy_deadline_s = 86401; }},
      {"limits: 0 clients, 16 in flight", [](Plan& p) { p.limits.max_clients = 0; }},
      {"limits: 65535 clients", [](Plan& p) { p.limits.max_clients = 65535; }},
      {"limits: 64 clients, 0 in flight", [](Plan& p) { p.limits.max_in_flight = 0; }},
      {"node 'n0': 65534 clients with 65535 inferences in flight would hold",
       [](Plan& p) {
         p.limits.max_clients = 65534;
         p.limits.max_in_flight = 65535;
       }},
  };
  for (const auto& [message, change] : cases) {
    Plan plan = *good;
    change(plan);
    const auto result = verify(plan, dag.graph);
    ASSERT_FALSE(result) << message;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(result.error().message, HasSubstr("plan: " + message));
  }
}

TEST(Plan, KernelsInACycleAreRefused) {
  Dag dag(10);
  const auto x = dag.input("x", 4);
  const auto a = dag.squash("a", x);
  const auto b = dag.squash("b", a);
  dag.output("y", dag.squash("c", b));
  auto plan = plan_on(dag.graph, {0, 1, 0}, 2);
  ASSERT_TRUE(plan) << plan.error().message;
  // a and c in one kernel, which b both waits for and feeds.
  plan->kernels = {{1, 0, 8, {"a", "c"}, {"x", "b_out"}, {"a_out", "c_out"}}, {2, 1, 4, {"b"}, {"a_out"}, {"b_out"}}};
  const auto result = verify(*plan, dag.graph);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "plan: kernel 1 waits for its own outputs: kernels form a cycle");
}

TEST(Plan, EveryInputIsTakenAndEveryTensorHasOneSource) {
  Dag dag(11);
  const auto x = dag.input("x", 4);
  dag.input("unread", 4);
  const auto a = dag.squash("a", x);
  const auto b = dag.squash("b", x);
  dag.output("ya", a);
  dag.output("yb", b);
  dag.output("yx", x);
  const auto good = plan_on(dag.graph, {0, 1}, 2);  // kernels 1 {a}, 2 {b}; 1 passes x on and takes `unread`
  ASSERT_TRUE(good) << good.error().message;
  const auto message = [&](const std::function<void(Plan&)>& change) {
    Plan plan = *good;
    change(plan);
    const auto result = verify(plan, dag.graph);
    return result ? "accepted" : result.error().message;
  };
  EXPECT_EQ(message([](Plan& p) { std::erase(p.kernels[0].inputs, "unread"); }),
            "plan: no kernel takes the input 'unread'");
  EXPECT_EQ(message([](Plan& p) { p.kernels[1].outputs.emplace_back("x"); }),
            "plan: tensor 'x' is given out by kernels 1 and 2");
  EXPECT_EQ(message([](Plan& p) { std::erase(p.kernels[0].outputs, "x"); }),
            "plan: no kernel gives out the output 'yx'");
}

}  // namespace
}  // namespace algean::partitioner
