// Designs of layers that only move elements: joining, printing, the driver, and what it must notice.
#include <gmock/gmock.h>

#include <set>

#include "kernels/circuit/join.hpp"
#include "runtime/base/file.hpp"
#include "tests/rtl/circuit/toy_family.hpp"
#include "tests/rtl/harness/layers.hpp"

namespace algean::rtl {
namespace {

using ::testing::HasSubstr;

TensorType integers(Shape shape, int bits = 8) { return {ElementType::integer(bits, true), std::move(shape)}; }

kernels::LayerSpec copy(const std::string& name) { return {name, "copy", {}, {}}; }
kernels::LayerSpec reshape(const std::string& name, std::vector<std::int64_t> shape) {
  return {name, "copy", {{"shape", std::move(shape)}}, {}};
}

TEST(RtlStreams, ElementsArriveThroughAnyLanesAndRows) {
  LayerBench bench("streams", toy_families);
  bench.add(copy("same"), {integers({5, 7})}, {integers({5, 7})}, {.folding = {7, 7}, .options = {}});
  bench.add(copy("one"), {integers({12})}, {integers({12})}, {.folding = {1, 1}, .options = {}});
  bench.add(copy("narrow"), {integers({3, 8})}, {integers({3, 8})}, {.folding = {8, 2}, .options = {}});
  bench.add(copy("wide"), {integers({3, 10})}, {integers({3, 10})}, {.folding = {2, 4}, .options = {}});
  bench.add(copy("odd"), {integers({4, 11})}, {integers({4, 11})}, {.folding = {3, 5}, .options = {}});
  bench.add(reshape("rows", {4, 9}), {integers({6, 6})}, {integers({4, 9})}, {.folding = {4, 9}, .options = {}});
  bench.add(reshape("flat", {48}), {integers({2, 3, 8})}, {integers({48})}, {.folding = {8, 16}, .options = {}});
  bench.add(copy("scores"), {integers({10}, 32)}, {integers({10}, 32)}, {.folding = {1, 2}, .options = {}});
  bench.add(copy("narrow types"), {integers({2, 9}, 5)}, {integers({2, 9}, 5)}, {.folding = {3, 4}, .options = {}});
  bench.build();
  for (const Pattern& pattern : patterns) bench.check(pattern);
  for (const std::int64_t mark : {0, 1, 4, 6, 13})
    bench.check({70, 60, 5 + static_cast<std::uint64_t>(mark), mark, 0, {}});
}

TEST(RtlStreams, CyclesAreWhatTheFamilySays) {
  LayerBench bench("cycles", toy_families);
  bench.add(copy("a"), {integers({5, 7})}, {integers({5, 7})}, {.folding = {7, 7}, .options = {}});
  bench.add(copy("b"), {integers({2, 24})}, {integers({2, 24})}, {.folding = {3, 3}, .options = {}});
  bench.build();
  bench.check_cycles();
}

// x -> a -> b -> y0, a -> y1, x -> c -> y2; lanes differ everywhere.
kernels::Graph branched() {
  kernels::Graph graph;
  graph.name = "branched";
  const TensorType type = integers({6, 12});
  std::vector<kernels::ValueId> values;
  for (const char* name : {"x", "a/out:0", "b.out", "c out"}) values.push_back(graph.add_value(name, type));
  graph.layers.push_back({copy("a/1"), {values[0]}, {values[1]}});
  graph.layers.push_back({copy("b"), {values[1]}, {values[2]}});
  graph.layers.push_back({copy("c \"quoted\\"), {values[0]}, {values[3]}});
  graph.inputs.push_back({"x", values[0], ExternalForm::integer});
  for (std::size_t i = 1; i < values.size(); ++i) {
    graph.outputs.push_back({graph.values[values[i]].name, values[i], ExternalForm::integer});
  }
  return graph;
}

class Branched : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const kernels::Graph graph = branched();
    const std::vector<kernels::LayerHardware> hardware{{{4, 6}, {}}, {{5, 2}, {}}, {{12, 3}, {}}};
    const auto design = kernels::join(graph, toy_families, hardware);
    ASSERT_TRUE(design.has_value()) << design.error().message;
    const auto files = kernels::project_files(*design, random_vectors(graph, toy_families, 5), {"Made by a test."});
    ASSERT_TRUE(files.has_value()) << files.error().message;
    ASSERT_TRUE(kernels::write_project(folder(), *files).has_value());
    const auto built = verilate(folder(), {});
    ASSERT_TRUE(built.has_value()) << built.error().message;
  }
  static std::filesystem::path folder() { return build_folder() / "branched"; }
};

TEST_F(Branched, EveryReaderGetsTheTensor) {
  for (Pattern pattern : patterns) {
    pattern.inferences = 12;
    const auto run = simulate(folder(), pattern);
    EXPECT_TRUE(run.has_value()) << run.error().message;
  }
  EXPECT_TRUE(simulate(folder(), {60, 60, 9, 20, 0, {}}).has_value());
}

TEST_F(Branched, TheDriverNoticesAWrongElement) {
  const std::filesystem::path wrong = folder() / "vectors" / "out1.bin";
  auto bytes = read_file(wrong);
  ASSERT_TRUE(bytes.has_value());
  const auto right = *bytes;
  (*bytes)[3 * 72 + 17] ^= std::byte{1};
  ASSERT_TRUE(write_file(wrong, *bytes).has_value());
  const auto run = simulate(folder(), {});
  ASSERT_FALSE(run.has_value());
  EXPECT_THAT(run.error().message, HasSubstr("out1 'b.out': element 17 of inference 3 differs"));
  ASSERT_TRUE(write_file(wrong, right).has_value());
}

TEST_F(Branched, TheDriverSaysWhichPortWaits) {
  // Inference 3 is due, but nothing may go in before 4 came out.
  const auto run = simulate(folder(), {100, 100, 1, {}, 0, {"--deadline 1000", "--hold-after 3"}});
  ASSERT_FALSE(run.has_value());
  EXPECT_THAT(run.error().message, HasSubstr("deadline: no port moved for 1000 cycles"));
  EXPECT_THAT(run.error().message, HasSubstr("out1 'b.out': waits for beat 0 of 36 of inference 3"));
}

TEST(Join, NamesOfAnyLengthStayApart) {
  kernels::Graph graph = branched();
  const std::string name(400, 'n');
  for (kernels::Layer& layer : graph.layers) layer.spec.name = name + layer.spec.name;
  const std::vector<kernels::LayerHardware> hardware{{{4, 6}, {}}, {{5, 2}, {}}, {{12, 3}, {}}};
  const auto design = kernels::join(graph, toy_families, hardware);
  ASSERT_TRUE(design.has_value()) << design.error().message;
  std::set<std::string> modules;
  for (const kernels::DesignLayer& layer : design->layers) {
    modules.insert(layer.module);
    EXPECT_LE(layer.module.size(), 80U);
  }
  EXPECT_EQ(modules.size(), 3U);
}

TEST(Join, RefusesWhatHasNoHardware) {
  kernels::Graph graph = branched();
  const std::vector<kernels::LayerHardware> hardware{{{4, 6}, {}}, {{5, 2}, {}}, {{12, 3}, {}}};
  graph.layers[1].spec.operation = "cube";
  auto design = kernels::join(graph, toy_families, hardware);
  ASSERT_FALSE(design.has_value());
  EXPECT_EQ(design.error().message, "layer 'b': no hardware for operation 'cube'");
  graph = branched();
  graph.layers[2].spec.attributes.set("refused", std::int64_t{1});
  design = kernels::join(graph, toy_families, hardware);
  ASSERT_FALSE(design.has_value());
  EXPECT_EQ(design.error().message, "layer 'c \"quoted\\': attribute 'refused': no hardware for it");
  graph = branched();
  graph.values[0].type.element = ElementType::float32();
  design = kernels::join(graph, toy_families, hardware);
  ASSERT_FALSE(design.has_value());
  EXPECT_EQ(design.error().message, "'branched' computes in floats: hardware takes integers");
}

}  // namespace
}  // namespace algean::rtl
