// A network of branches that part and meet at layers of these families: rows that are repeated, turns, whole tensors in
// another order. Nothing may stand still.
#include <gtest/gtest.h>

#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/join.hpp"
#include "tests/rtl/flow/layers.hpp"

namespace algean::rtl {
namespace {

using List = std::vector<std::int64_t>;

class Branches {
 public:
  Branches() { graph_.name = "branches"; }

  std::size_t input(const TensorType& type) {
    const std::size_t value = graph_.add_value("x", type);
    graph_.inputs.push_back({"x", value, ExternalForm::integer});
    return value;
  }
  // The first of the layer's outputs; the others follow.
  std::size_t add(const std::string& operation, const kernels::Attributes& attributes,
                  const std::vector<std::size_t>& inputs, const std::vector<TensorType>& outputs) {
    const std::string name = fmt::format("{}{}", operation, graph_.layers.size());
    const kernels::Family* family = kernels::find_family(kernels::library(), operation);
    auto integer = family->quantise({name, operation, attributes, {}}, graph_.types(inputs), outputs);
    EXPECT_TRUE(integer.has_value()) << integer.error().message;
    kernels::Layer layer{*std::move(integer), inputs, {}};
    for (const TensorType& type : outputs) {
      layer.outputs.push_back(graph_.add_value(fmt::format("{}.{}", name, layer.outputs.size()), type));
    }
    graph_.layers.push_back(layer);
    return layer.outputs[0];
  }
  void output(std::size_t value) {
    graph_.outputs.push_back({graph_.values[value].name, value, ExternalForm::integer});
  }

  void run(const std::string& name, std::optional<std::int64_t> interval) {
    const auto hardware = kernels::choose_foldings(graph_, kernels::library(), {interval, {}, {}});
    ASSERT_TRUE(hardware.has_value()) << hardware.error().message;
    const auto design = kernels::join(graph_, kernels::library(), *hardware);
    ASSERT_TRUE(design.has_value()) << design.error().message;
    const auto vectors = random_vectors(graph_, kernels::library(), 6);
    const auto files = kernels::project_files(*design, vectors, {"Made by a test."});
    ASSERT_TRUE(files.has_value()) << files.error().message;
    const auto folder = build_folder() / name;
    std::filesystem::create_directories(build_folder());
    ASSERT_TRUE(kernels::write_project(folder, *files).has_value());
    const auto built = verilate(folder, {});
    ASSERT_TRUE(built.has_value()) << built.error().message;
    for (Pattern pattern : patterns) {
      pattern.more = {"--deadline 20000"};
      const auto run = simulate(folder, pattern);
      ASSERT_TRUE(run.has_value()) << run.error().message;
      if (pattern.valid_percent + pattern.ready_percent == 200 && interval) {
        EXPECT_LE(run->interval, static_cast<double>(*interval));
      }
    }
    for (const std::int64_t mark : {1, 50, 140}) {
      const auto run = simulate(folder, {60, 60, 9, mark, 0, {"--deadline 20000"}});
      EXPECT_TRUE(run.has_value()) << run.error().message;
    }
  }

 private:
  kernels::Graph graph_;
};

TEST(RtlFlow, BranchesMeetAgain) {
  const auto type = [](Shape shape, double scale = 0.05) { return codes(std::move(shape), scale, -3); };
  Branches net;
  const std::size_t x = net.input(type({6, 6, 4}));
  const std::size_t mean =
      net.add("reduce_mean", {{"axes", List{0, 1}}, {"keep_axes", std::int64_t{1}}}, {x}, {type({1, 1, 4}, 0.02)});
  const std::size_t gate = net.add("sigmoid", {}, {mean}, {codes({1, 1, 4}, 1.0 / 256, -128)});
  const std::size_t gated = net.add("multiply", {}, {x, gate}, {type({6, 6, 4}, 0.04)});
  const std::size_t both = net.add("concat", {{"axis", std::int64_t{2}}}, {gated, x}, {type({6, 6, 8})});
  const std::size_t half =
      net.add("split", {{"axis", std::int64_t{2}}, {"sizes", List{4, 4}}}, {both}, {type({6, 6, 4}), type({6, 6, 4})});
  const std::size_t sum = net.add("subtract", {}, {half + 1, half}, {type({6, 6, 4})});
  const std::size_t turned = net.add("transpose", {{"permutation", List{1, 0, 2}}}, {sum}, {type({6, 6, 4})});
  const std::size_t high = net.add("concat", {{"axis", std::int64_t{0}}}, {turned, sum}, {type({12, 6, 4})});
  const std::size_t pooled =
      net.add("max_pool2d", {{"window", List{3, 3}}, {"strides", List{3, 3}}}, {high}, {type({4, 2, 4})});
  const std::size_t flat = net.add("reshape", {{"shape", List{32}}}, {pooled}, {type({32})});
  net.output(net.add("softmax", {}, {flat}, {codes({32}, 1.0 / 256, -128)}));
  net.output(net.add("resize", {{"size", List{8, 4}}, {"coordinates", "asymmetric"}}, {pooled}, {type({8, 4, 4})}));
  net.run("branches_small", std::nullopt);
  net.run("branches_fast", 600);
}

}  // namespace
}  // namespace algean::rtl
