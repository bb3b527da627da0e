#include "cluster/inspect/trace_sums.hpp"

#include <gtest/gtest.h>

#include "cluster/inspect/layout.hpp"

namespace algean::cluster {
namespace {

control::PartStatus status(std::uint64_t runs, std::int64_t each_ns) {
  control::PartStatus part;
  part.set_name("b");
  for (const unsigned id : {2U, 3U}) {
    control::KernelStatus& kernel = *part.add_kernels();
    kernel.set_kernel(id);
    kernel.set_traced(runs);
    kernel.set_queue_ns(static_cast<std::int64_t>(runs) * each_ns * id);
    kernel.set_compute_ns(static_cast<std::int64_t>(runs) * each_ns * 10);
  }
  control::LinkStatus& link = *part.add_links();
  link.set_peer("a");
  link.set_traced(runs);
  link.set_wire_ns(static_cast<std::int64_t>(runs) * each_ns * 5);
  part.mutable_clients()->set_traced(runs);
  part.mutable_clients()->set_wire_ns(static_cast<std::int64_t>(runs) * 1'000'000'000);  // by another host's clock
  return part;
}

TEST(TraceSums, MeansAreOfWhatCameBetweenTwoLooks) {
  // 10 runs of 100 ns before, 30 of 200 ns in all: 20 runs took (30 * 200 - 10 * 100) / 20 = 250 ns each.
  const NodeSums sums = difference(sums_of(status(10, 100)), sums_of(status(30, 200)));
  const MeanTimes means = mean_times({&sums, 1}, {{"b", {20, 600}}, {"c", {0, 0}}}, 1e6);
  ASSERT_EQ(means.kernels.size(), 2U);
  EXPECT_EQ(means.kernels[1].kernel, 3U);
  EXPECT_EQ(means.kernels[1].node, "b");
  EXPECT_DOUBLE_EQ(means.kernels[1].queue_ns, 750);
  EXPECT_DOUBLE_EQ(means.kernels[1].compute_ns, 2500);
  ASSERT_EQ(means.wires.size(), 2U) << "not the one of other clocks, nor the one that nothing went over";
  EXPECT_EQ(means.wires[0].from, "a");
  EXPECT_EQ(means.wires[0].to, "b");
  EXPECT_DOUBLE_EQ(means.wires[0].ns, 1250);
  EXPECT_EQ(means.wires[1].from, "b");
  EXPECT_EQ(means.wires[1].to, "client");
  EXPECT_DOUBLE_EQ(means.wires[1].ns, 30);
}

TEST(TraceSums, ANodeThatBeganAnewCountsAsNothing) {
  const NodeSums sums = difference(sums_of(status(30, 200)), sums_of(status(10, 100)));
  EXPECT_EQ(sums.kernels.at(0).compute.count, 0U);
  EXPECT_TRUE(mean_times({&sums, 1}, {}, 1e6).wires.empty());
  EXPECT_DOUBLE_EQ(mean_times({&sums, 1}, {}, 1e6).kernels.at(0).compute_ns, 0);
}

BundleKernel kernel(std::uint16_t id, std::vector<std::string> layers, std::vector<std::vector<Destination>> routes) {
  BundleKernel kernel;
  kernel.id = id;
  kernel.layers = std::move(layers);
  kernel.routes = std::move(routes);
  return kernel;
}

TEST(Layout, HasLayersByNodeAndEveryHopOnce) {
  Bundle a;
  a.name = "a";
  a.kernels.push_back(kernel(1, {"fc1"}, {{{2, 0}, {3, 0}}, {{2, 1}}}));
  a.kernels.push_back(kernel(3, {"fc4"}, {{{client_kernel, 0}}}));
  a.inputs.push_back({.port = {}, .destinations = {{1, 0}, {3, 1}}});
  Bundle b;
  b.name = "b";
  b.kernels.push_back(kernel(2, {"fc2", "fc3"}, {{{3, 2}}}));
  b.inputs = a.inputs;
  const std::vector<Bundle> bundles{a, b};
  const Layout layout = layout_of(bundles);
  EXPECT_EQ(layout.node_of_layer,
            (std::map<std::string, std::string, std::less<>>{{"fc1", "a"}, {"fc2", "b"}, {"fc3", "b"}, {"fc4", "a"}}));
  std::vector<std::pair<int, int>> hops;
  for (const Hop& hop : layout.hops) hops.emplace_back(hop.from, hop.to);
  EXPECT_EQ(hops, (std::vector<std::pair<int, int>>{{0, 1}, {0, 3}, {1, 2}, {1, 3}, {2, 3}, {3, 0}}));
}

}  // namespace
}  // namespace algean::cluster
