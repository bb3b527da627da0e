#include "shell/middleware/middleware.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kernels/graph/text.hpp"
#include "partitioner/plan/text.hpp"
#include "runtime/base/file.hpp"
#include "tests/unit/partitioner/support/dags.hpp"
#include "tests/unit/partitioner/support/run_plan.hpp"

namespace algean::shell {
namespace {

namespace fs = std::filesystem;
using partitioner::Plan;
using partitioner::testing::all_families;
using partitioner::testing::Dag;
using partitioner::testing::random_dag;
using testing::ElementsAre;
using testing::HasSubstr;

Plan plan_of(const kernels::Graph& graph, const std::vector<std::size_t>& nodes, std::size_t count) {
  const auto target = partitioner::testing::target_of(partitioner::testing::node_names(count));
  const auto plan = make_plan(graph, all_families(), target, std::vector<double>(count, 1.0), nodes);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

// x -> a (n0) -> b (n1) -> c (n0); outputs y of c and h of a.
Dag chain() {
  Dag dag(1);
  const auto a = dag.dense("a", dag.input("x", 8), 16);
  const auto b = dag.squash("b", a);
  dag.output("y", dag.dense("c", b, 4));
  dag.output("h", a);
  return dag;
}

TEST(Middleware, SaysWhatEachNodeNeedsToKnow) {
  const Dag dag = chain();
  const Plan plan = plan_of(dag.graph, {0, 1, 0}, 2);
  const auto bundles = make_bundles(plan, dag.graph, "jets");
  ASSERT_TRUE(bundles) << bundles.error().message;
  ASSERT_EQ(bundles->size(), 2U);
  const Bundle& first = (*bundles)[0].bundle;
  EXPECT_EQ(first.deployment, "jets");
  EXPECT_EQ(first.network, "dag");
  EXPECT_EQ(first.name, "n0");
  EXPECT_EQ(first.polling_threads, 3U);
  ASSERT_EQ(first.kernels.size(), 2U);
  EXPECT_EQ(first.kernels[0].id, 1);
  EXPECT_EQ(first.kernels[0].file, "kernel1.graph");
  EXPECT_THAT(first.kernels[0].layers, ElementsAre("a"));
  EXPECT_THAT(first.kernels[0].taps, ElementsAre("a_out"));
  EXPECT_THAT(first.kernels[0].routes, ElementsAre(ElementsAre(Destination{2, 0}, Destination{0, 1})));
  EXPECT_THAT(first.kernels[1].routes, ElementsAre(ElementsAre(Destination{0, 0})));
  EXPECT_THAT(first.peers, ElementsAre(BundlePeer{1, "n1", {2}, "udp", 65535}));
  EXPECT_THAT(first.inputs[0].destinations, ElementsAre(Destination{1, 0}));
  EXPECT_EQ(first.outputs[0].kernel, 3);
  EXPECT_EQ(first.outputs[1].kernel, 1);
  EXPECT_THAT(first.client_nodes, ElementsAre(BundleNode{0, "n0"}));
  EXPECT_THAT(first.places, ElementsAre(KernelPlace{1, 0}, KernelPlace{2, 1}, KernelPlace{3, 0}));
  const Bundle& second = (*bundles)[1].bundle;
  ASSERT_EQ(second.kernels.size(), 1U);
  EXPECT_THAT(second.kernels[0].routes, ElementsAre(ElementsAre(Destination{3, 0})));
  EXPECT_THAT(second.peers, ElementsAre(BundlePeer{0, "n0", {1, 3}, "udp", 65535}));
  EXPECT_EQ(second.outputs, first.outputs);
}

TEST(Middleware, TapsCanBeLeftOut) {
  const Dag dag = chain();
  const auto bundles = make_bundles(plan_of(dag.graph, {0, 1, 0}, 2), dag.graph, "jets", {.taps = false});
  EXPECT_TRUE((*bundles)[1].bundle.kernels[0].taps.empty());
}

TEST(Middleware, TcpNodesListenOnTcp) {
  const Dag dag = chain();
  auto target = partitioner::testing::target_of({"a", "b"});
  target.default_link.transport = "tcp";
  const auto plan = make_plan(dag.graph, all_families(), target, {1, 1}, {0, 1, 0});
  ASSERT_TRUE(plan) << plan.error().message;
  const auto bundles = make_bundles(*plan, dag.graph, "jets");
  ASSERT_TRUE(bundles) << bundles.error().message;
  EXPECT_EQ((*bundles)[0].bundle.listen, "tcp://127.0.0.1:0");
  EXPECT_EQ((*bundles)[0].bundle.peers[0].transport, "tcp");
}

// One inference through the bundles alone, as nodes would do it: routes and graph files, nothing of the plan.
std::vector<Tensor> run_bundles(const std::vector<NodeBundle>& bundles, const std::vector<Tensor>& inputs) {
  struct Kernel {
    std::unique_ptr<kernels::Program> program;
    std::vector<std::vector<Destination>> routes;
    std::map<std::size_t, Tensor> arrived;
  };
  std::map<std::uint16_t, Kernel> all;
  for (const NodeBundle& node : bundles) {
    for (std::size_t i = 0; i < node.files.size(); ++i) {
      const BundleKernel& kernel = node.bundle.kernels[i];
      const auto graph = kernels::parse(node.files[i], kernel.file).value();
      all[kernel.id] = {kernels::compile(graph, all_families()).value(), kernel.routes, {}};
    }
  }
  const Bundle& any = bundles.back().bundle;
  std::vector<Tensor> results(any.outputs.size());
  std::vector<std::uint16_t> ready;
  const auto deliver = [&](const Destination& to, const Tensor& tensor) {
    if (to.kernel == client_kernel) {
      results.at(to.port) = tensor;
      return;
    }
    Kernel& kernel = all.at(to.kernel);
    EXPECT_TRUE(kernel.arrived.emplace(to.port, tensor).second);
    if (kernel.arrived.size() == kernel.program->inputs().size()) ready.push_back(to.kernel);
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (const Destination& to : any.inputs[i].destinations) deliver(to, inputs[i]);
  }
  for (std::size_t next = 0; next < ready.size(); ++next) {
    Kernel& kernel = all.at(ready[next]);
    std::vector<const std::byte*> from;
    std::vector<Tensor> outputs;
    std::vector<std::byte*> to;
    for (const auto& [port, tensor] : kernel.arrived) from.push_back(tensor.bytes().data());
    for (const Port& port : kernel.program->outputs()) outputs.emplace_back(port.type);
    for (Tensor& output : outputs) to.push_back(output.bytes().data());
    kernel.program->run(from, to);
    for (std::size_t port = 0; port < outputs.size(); ++port) {
      for (const Destination& route : kernel.routes.at(port)) deliver(route, outputs[port]);
    }
  }
  EXPECT_EQ(ready.size(), all.size());
  return results;
}

TEST(Middleware, BundlesOfAnyCutComputeTheReferencesIntegers) {
  Random random(2);
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const kernels::Graph graph = random_dag(seed);
    const std::size_t count = 1 + random.below(4);
    std::vector<std::size_t> nodes;
    for (std::size_t i = 0; i < graph.layers.size(); ++i) nodes.push_back(random.below(count));
    const auto bundles = make_bundles(plan_of(graph, nodes, count), graph, "random");
    ASSERT_TRUE(bundles) << bundles.error().message;
    const auto inputs = partitioner::testing::random_inputs(graph, random);
    const auto expected = kernels::interpret(graph, all_families(), inputs).value();
    const auto got = run_bundles(*bundles, inputs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(got[i].bytes(), expected[i].bytes())) << graph.outputs[i].name;
    }
  }
}

class BundleFolder : public testing::Test {
 protected:
  BundleFolder() {
    std::string folder = (fs::temp_directory_path() / "algean_middleware.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
  }
  ~BundleFolder() override { fs::remove_all(base_); }

  [[nodiscard]] Result<> write(const fs::path& folder) const {
    return write_bundles(folder, make_bundles(plan_, dag_.graph, "jets").value(), plan_, dag_.graph);
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(base_), fs::directory_iterator()));
  }

  fs::path base_;
  Dag dag_ = chain();
  Plan plan_ = plan_of(dag_.graph, {0, 1, 0}, 2);
};

TEST_F(BundleFolder, WhatWasChangedSinceIsNamed) {
  const fs::path folder = base_ / "bundle";
  ASSERT_TRUE(write(folder));
  const auto bundles = make_bundles(plan_, dag_.graph, "of another name").value();
  EXPECT_TRUE(check_written(folder, bundles));
  const fs::path file = folder / bundles[1].bundle.name / bundles[1].bundle.kernels[0].file;
  std::ofstream(file, std::ios::app) << "\n";
  const auto changed = check_written(folder, bundles);
  ASSERT_FALSE(changed);
  EXPECT_NE(changed.error().message.find(file.string() + ": is not what plan.json makes of it"), std::string::npos);
  fs::remove(file);
  EXPECT_FALSE(check_written(folder, bundles));
}

TEST_F(BundleFolder, HoldsWhatItsFilesSay) {
  const auto written = write(base_ / "bundle/");
  ASSERT_TRUE(written) << written.error().message;
  for (const char* node : {"n0", "n1"}) {
    const auto bundle = read_bundle(base_ / "bundle" / node);
    ASSERT_TRUE(bundle) << bundle.error().message;
    EXPECT_EQ(bundle->name, node);
    const auto good = check_files(*bundle, base_ / "bundle" / node);
    EXPECT_TRUE(good) << good.error().message;
  }
  const auto plan = partitioner::read_plan(base_ / "bundle" / "plan.json", all_families());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->plan.kernels, plan_.kernels);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(BundleFolder, ABundleIsReplacedAsAWhole) {
  ASSERT_TRUE(write(base_ / "bundle"));
  plan_ = plan_of(dag_.graph, {0, 0, 0}, 2);
  const auto again = write(base_ / "bundle");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(fs::exists(base_ / "bundle" / "n1"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(BundleFolder, WhatIsNoBundleStaysAsItIs) {
  const auto refused = [&](const std::string& why) {
    const auto result = write(base_ / "mine");
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(result.error().message,
              fmt::format("{}: {}, so it is no bundle and is left as it is; name another folder",
                          (base_ / "mine").string(), why));
    EXPECT_EQ(entries(), 1U);
  };
  ASSERT_TRUE(write_text(base_ / "mine", "text"));
  refused("is no folder");
  fs::remove(base_ / "mine");
  fs::create_directory(base_ / "mine");
  refused("holds no plan.json");
  ASSERT_TRUE(write_text(base_ / "mine" / "thesis.tex", "text"));
  refused("holds `thesis.tex`");
  fs::remove_all(base_ / "mine");
  ASSERT_TRUE(write(base_ / "mine"));
  ASSERT_TRUE(write_text(base_ / "mine" / "n0" / "notes.txt", "text"));
  refused("holds `n0`");
}

TEST_F(BundleFolder, WhereNoneCanBeMade) {
  const auto result = write(base_ / "gone" / "bundle");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("cannot make a folder: No such file or directory"));
}

}  // namespace
}  // namespace algean::shell
