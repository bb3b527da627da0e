// Paths that part and meet again: with the FIFOs that join() gives them they keep the pace, without them they block.
#include <gmock/gmock.h>

#include "kernels/circuit/join.hpp"
#include "kernels/library/library.hpp"
#include "tests/rtl/harness/layers.hpp"

namespace algean::rtl {
namespace {

using ::testing::HasSubstr;

ElementType codes(double scale, int zero) { return ElementType::int8(Quantisation::per_tensor(scale, zero)); }

kernels::LayerSpec pool(const std::string& name, std::int64_t window) {
  const std::int64_t around = window / 2;
  return {name,
          "max_pool2d",
          {{"window", std::vector{window, window}},
           {"strides", std::vector<std::int64_t>{1, 1}},
           {"padding", std::vector{around, around, around, around}}},
          {}};
}

// x -> pool 3x3 -> pool 5x5 -> add with x -> y
kernels::Graph skipping() {
  kernels::Graph graph;
  graph.name = "skipping";
  const TensorType type{codes(0.05, 3), {12, 10, 6}};
  const auto x = graph.add_value("x", type);
  const auto a = graph.add_value("a", type);
  const auto b = graph.add_value("b", type);
  const auto y = graph.add_value("y", {codes(0.07, -5), type.shape});
  graph.inputs = {{"x", x, ExternalForm::integer}};
  graph.outputs = {{"y", y, ExternalForm::integer}};
  graph.layers = {{pool("pool3", 3), {x}, {a}}, {pool("pool5", 5), {a}, {b}}, {{"sum", "add", {}, {}}, {b, x}, {y}}};
  for (kernels::Layer& layer : graph.layers) {
    const auto* family = kernels::find_family(kernels::library(), layer.spec.operation);
    auto integer = family->quantise(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs));
    EXPECT_TRUE(integer.has_value()) << integer.error().message;
    if (integer) layer.spec = *std::move(integer);
  }
  return graph;
}

kernels::Design design_of(const kernels::Graph& graph) {
  const std::vector<kernels::LayerHardware> hardware(graph.layers.size(), {{2, 1}, {}});
  auto design = kernels::join(graph, kernels::library(), hardware);
  EXPECT_TRUE(design.has_value()) << design.error().message;
  return design ? *std::move(design) : kernels::Design{};
}

Result<Run> run(const kernels::Design& design, const std::string& name, const std::vector<Pattern>& with) {
  const std::filesystem::path folder = build_folder() / name;
  std::filesystem::create_directories(build_folder());
  ALGEAN_ASSIGN(const auto files,
                kernels::project_files(design, random_vectors(skipping(), kernels::library(), 6), {"Made by a test."}));
  ALGEAN_TRY(kernels::write_project(folder, files));
  ALGEAN_TRY(verilate(folder, {}));
  for (const Pattern& pattern : with) ALGEAN_TRY(simulate(folder, pattern));
  return simulate(folder, {});
}

TEST(Skips, KeepThePaceOfTheSlowestLayer) {
  const kernels::Design design = design_of(skipping());
  std::vector<Pattern> with = patterns;
  for (const std::int64_t mark : {0, 57, 400, 801}) with.push_back({80, 70, 5, mark, 0, {}});
  const auto result = run(design, "skips", with);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->interval, static_cast<double>(design.interval));
}

TEST(Skips, BlockWithoutTheirFifo) {
  kernels::Design design = design_of(skipping());
  bool shortened = false;
  for (auto& instance : design.top.instances) {
    if (instance.module != "algean_fifo") continue;
    for (auto& parameter : instance.parameters) {
      if (parameter.name == "DEPTH") parameter.value = std::int64_t{2};
    }
    shortened = true;
  }
  ASSERT_TRUE(shortened);
  const auto result = run(design, "skips_short", {{100, 100, 1, {}, 0, {"--deadline 10000"}}});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("deadline: no port moved for 10000 cycles; in0 'x': offers beat"));
  EXPECT_THAT(result.error().message, HasSubstr("out0 'y': waits for beat 0 of 360 of inference 0"));
}

}  // namespace
}  // namespace algean::rtl
