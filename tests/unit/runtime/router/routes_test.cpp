#include "runtime/router/routes.hpp"

#include <gtest/gtest.h>

namespace algean {
namespace {

TEST(KernelMap, KnowsWhereKernelsAre) {
  KernelMap map;
  ASSERT_TRUE(map.put_here(3, 0));
  ASSERT_TRUE(map.put_here(60000, 1));
  ASSERT_TRUE(map.put_at_peer(1, 2));
  EXPECT_EQ(map.here(60000), 1U);
  EXPECT_EQ(map.at_peer(60000), std::nullopt);
  EXPECT_EQ(map.at_peer(1), 2U);
  EXPECT_EQ(map.here(2), std::nullopt);
  EXPECT_EQ(map.here(65535), std::nullopt);
  EXPECT_EQ(map.put_here(1, 3).error().message, "kernel 1 is there twice");
  EXPECT_EQ(map.put_here(0, 3).error().message, "kernel 0 is the client");
}

TEST(Ways, GroupOutputsByTheirWayOut) {
  KernelMap map;
  ASSERT_TRUE(map.put_here(1, 0) && map.put_here(2, 1) && map.put_at_peer(3, 0) && map.put_at_peer(4, 1));
  ASSERT_TRUE(map.put_at_peer(5, 0));
  const std::vector<std::byte> a(10);
  const std::vector<std::byte> b(20);
  const std::vector<std::span<const std::byte>> outputs{a, b};
  const std::vector<std::vector<Destination>> routes{{{3, 0}, {5, 2}, {4, 1}, {0, 1}}, {{3, 7}, {2, 1}, {0, 0}}};
  const auto ways = find_ways(map, routes, outputs);
  ASSERT_TRUE(ways) << ways.error().message;
  ASSERT_EQ(ways->here.size(), 1U);
  EXPECT_EQ(ways->here[0].kernel, 1U);
  EXPECT_EQ(ways->here[0].port, 1U);
  EXPECT_EQ(ways->here[0].bytes.data(), b.data());
  ASSERT_EQ(ways->peers.size(), 2U);
  EXPECT_EQ(ways->peers[0].peer, 0U);
  ASSERT_EQ(ways->peers[0].shipments.size(), 3U);
  EXPECT_EQ(ways->peers[0].shipments[1].destination_kernel, 5U);
  EXPECT_EQ(ways->peers[0].shipments[1].destination_port, 2U);
  EXPECT_EQ(ways->peers[0].shipments[2].source_port, 1U);
  EXPECT_EQ(ways->peers[1].shipments.size(), 1U);
  ASSERT_EQ(ways->client.size(), 2U);
  EXPECT_EQ(ways->client[0].destination_port, 1U);
  EXPECT_EQ(ways->client[1].bytes.size(), 20U);
}

TEST(Ways, RefuseWhatLeadsNowhere) {
  KernelMap map;
  const std::vector<std::byte> a(10);
  const std::vector<std::span<const std::byte>> outputs{a};
  const std::vector<std::vector<Destination>> nowhere{{{9, 0}}};
  EXPECT_EQ(find_ways(map, nowhere, outputs).error().message, "output 0 goes to kernel 9, which is nowhere");
  EXPECT_EQ(find_ways(map, {}, outputs).error().message, "0 routes of 1 outputs");
}

}  // namespace
}  // namespace algean
