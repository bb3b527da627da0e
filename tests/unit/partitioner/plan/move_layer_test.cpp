// Moving a layer to another node is one line in net.json, and no answer changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels/library/library.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "partitioner/problem/problem.hpp"
#include "partitioner/search/search.hpp"
#include "runtime/base/file.hpp"
#include "tests/unit/partitioner/support/run_plan.hpp"

namespace algean::partitioner {
namespace {

namespace fs = std::filesystem;
using kernels::library;

// The example's net.json, with its files by absolute names and one line more.
std::string net_with(const fs::path& example, const std::string& layers) {
  return fmt::format(
      "{{\n\"version\": 1, \"name\": \"autoencoder\",\n"
      "\"model\": {{\"file\": \"{0}/autoencoder.json\", \"weights\": \"{0}/autoencoder_weights.h5\"}},\n"
      "\"calibration\": {{\"inputs\": \"{0}/calibration.npy\"}},\n"
      "\"layers\": {{{1}}}\n}}\n",
      example.string(), layers);
}

class MoveLayer : public ::testing::Test {
 protected:
  MoveLayer() : example_(fs::path(std::getenv("ALGEAN_SOURCE")) / "examples" / "01_autoencoder") {  // NOLINT
    std::string folder = (fs::temp_directory_path() / "algean_move.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
  }
  ~MoveLayer() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path write_net(const std::string& layers) const {
    EXPECT_TRUE(write_text(folder_ / "net.json", net_with(example_, layers)));
    return folder_ / "net.json";
  }
  // The plan of the net.json as it is now, for the network that it quantises to.
  [[nodiscard]] Plan plan(const Loaded& loaded, const Target& target) const {
    const auto net = read_net(folder_ / "net.json");
    EXPECT_TRUE(net) << net.error().message;
    const kernels::Graph& graph = loaded.runnable();
    Problem problem = make_problem(graph, library(), speeds_gmacs(target, std::nullopt));
    problem.pins = follow_pins(net->layers, loaded.imported, graph, target).value();
    const auto nodes = greedy(problem).value().nodes;
    const auto plan = make_plan(graph, library(), target, problem.speeds_gmacs, nodes);
    EXPECT_TRUE(plan) << plan.error().message;
    return *plan;
  }

  fs::path example_;
  fs::path folder_;
};

TEST_F(MoveLayer, EachLayerToEachNodeGivesTheSameAnswers) {
  const auto loaded = load(write_net(""), library());
  ASSERT_TRUE(loaded) << loaded.error().message;
  const kernels::Graph& graph = loaded->runnable();
  ASSERT_EQ(graph.layers.size(), 12U);
  const Target target = testing::target_of({"a", "b", "c"});
  Random random(1);
  const auto inputs = testing::random_inputs(graph, random);
  const auto expected = kernels::interpret(graph, library(), inputs).value();
  std::size_t moved = 0;
  for (const kernels::Layer& layer : graph.layers) {
    for (const TargetNode& node : target.nodes) {
      SCOPED_TRACE(layer.spec.name + " on " + node.name);
      std::ignore = write_net(fmt::format("\"{}\": {{\"node\": \"{}\"}}", layer.spec.name, node.name));
      const Plan cut = plan(*loaded, target);
      ASSERT_TRUE(verify(cut, graph));
      const auto holds = [&](const PlanKernel& kernel) {
        return std::ranges::find(kernel.layers, layer.spec.name) != kernel.layers.end();
      };
      const auto kernel = std::ranges::find_if(cut.kernels, holds);
      ASSERT_NE(kernel, cut.kernels.end());
      EXPECT_EQ(cut.nodes[kernel->node].name, node.name);
      if (cut.kernels.size() > 3) ++moved;
      EXPECT_TRUE(std::ranges::equal(testing::run_plan(cut, graph, library(), inputs)[0].bytes(), expected[0].bytes()));
    }
  }
  EXPECT_GT(moved, 5U);  // plans that enter a node twice
}

}  // namespace
}  // namespace algean::partitioner
