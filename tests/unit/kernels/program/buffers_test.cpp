#include "kernels/program/buffers.hpp"

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

// A chain of layers over values of the given sizes; what they compute does not matter here.
Graph chain(const std::vector<std::int64_t>& sizes) {
  Graph graph;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    graph.add_value(fmt::format("v{}", i), testing::int8({sizes[i]}, 1, 0));
    if (i > 0) graph.layers.push_back({{}, {i - 1}, {i}});
  }
  graph.inputs.push_back({"x", 0, ExternalForm::integer});
  graph.outputs.push_back({"y", sizes.size() - 1, ExternalForm::integer});
  return graph;
}

TEST(Buffers, AChainTakesTurnsInTwo) {
  const BufferPlan plan = plan_buffers(chain({64, 64, 64, 64, 64}), {});
  EXPECT_EQ(plan.bytes, 128U);
  EXPECT_EQ(plan.offsets_bytes, (std::vector<std::size_t>{0, 64, 0, 64, 0}));
}

TEST(Buffers, KeptValuesHaveTheirOwn) {
  const std::vector<ValueId> kept{0, 1, 2, 3, 4};
  const BufferPlan plan = plan_buffers(chain({1, 65, 64, 64, 64}), kept);
  EXPECT_EQ(plan.offsets_bytes, (std::vector<std::size_t>{0, 64, 192, 256, 320}));
  EXPECT_EQ(plan.bytes, 384U);
}

TEST(Buffers, LivesThatOverlapNeverShareBytes) {
  Random random(23);
  for (int round = 0; round < 200; ++round) {
    // A random straight-line graph: each layer reads one or two earlier values.
    Graph graph;
    const auto values = static_cast<std::size_t>(random.between(2, 30));
    std::vector<std::size_t> last(values, 0);
    for (std::size_t i = 0; i < values; ++i) {
      graph.add_value("v", testing::int8({random.between(1, 400)}, 1, 0));
      if (i == 0) continue;
      std::vector<ValueId> inputs{static_cast<ValueId>(random.below(i))};
      if (random.below(2) == 0) inputs.push_back(static_cast<ValueId>(random.below(i)));
      for (const ValueId id : inputs) last[id] = i;
      last[i] = i;
      graph.layers.push_back({{}, inputs, {i}});
    }
    graph.outputs.push_back({"y", values - 1, ExternalForm::integer});
    last[values - 1] = values;
    const BufferPlan plan = plan_buffers(graph, {});
    for (std::size_t a = 0; a < values; ++a) {
      const std::size_t end_a = plan.offsets_bytes[a] + graph.values[a].type.bytes();
      ASSERT_LE(end_a, plan.bytes);
      ASSERT_EQ(plan.offsets_bytes[a] % 64, 0U);
      for (std::size_t b = a + 1; b < values; ++b) {
        if (last[a] < b) continue;  // value b is born in step b
        const std::size_t end_b = plan.offsets_bytes[b] + graph.values[b].type.bytes();
        ASSERT_TRUE(end_a <= plan.offsets_bytes[b] || end_b <= plan.offsets_bytes[a]) << a << " and " << b;
      }
    }
  }
}

}  // namespace
}  // namespace algean::kernels
