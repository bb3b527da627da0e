#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/agent/log_ring.hpp"
#include "cluster/agent/tap_store.hpp"

namespace algean::cluster {
namespace {

TEST(LogRing, KeepsTheNewestLines) {
  LogRing ring;
  EXPECT_TRUE(ring.last(5).empty());
  for (std::size_t i = 1; i <= LogRing::most_lines + 10; ++i) ring.add(std::to_string(i));
  const auto all = ring.last(1'000'000);
  ASSERT_EQ(all.size(), LogRing::most_lines);
  EXPECT_EQ(all.front().number, 11U);
  EXPECT_EQ(all.front().text, "11");
  const auto two = ring.last(2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two.back().number, LogRing::most_lines + 10);
  EXPECT_EQ(ring.last(10, LogRing::most_lines + 7).size(), 3U);
  EXPECT_TRUE(ring.last(10, 1U << 30U).empty());
  ring.add(std::string(5000, 'x'));
  EXPECT_EQ(ring.last(1)[0].text.size(), LogRing::most_characters);
}

std::vector<TapTensor> tap(std::uint16_t kernel, std::int64_t elements = 4) {
  std::vector<TapTensor> result;
  result.push_back({kernel, fmt::format("v{}", kernel), Tensor({ElementType::integer(8, true), Shape({elements})})});
  return result;
}

TEST(TapStore, GathersTheKernelsOfAnInference) {
  TapStore store;
  store.add(1, 7, 1, tap(1));
  store.add(1, 8, 1, tap(1));
  store.add(1, 7, 2, tap(2));
  store.add(2, 7, 1, tap(1));
  EXPECT_EQ(store.kernels(1, 7), 2U);
  EXPECT_EQ(store.kernels(1, 8), 1U);
  EXPECT_EQ(store.kernels(3, 8), 0U);
  const auto tensors = store.tensors(1, 7);
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors[0].name, "v1");
  EXPECT_EQ(tensors[1].name, "v2");
  store.add(1, 7, 2, tap(2, 9));
  EXPECT_EQ(store.kernels(1, 7), 2U);
  ASSERT_EQ(store.tensors(1, 7).size(), 2U);
  EXPECT_EQ(store.tensors(1, 7)[1].tensor.bytes().size(), 9U) << "the newer one";
  EXPECT_TRUE(store.drop(std::nullopt));
  EXPECT_EQ(store.kernels(1, 7), 0U);
}

TEST(TapStore, WantsWhatItWasTold) {
  TapStore store;
  EXPECT_FALSE(store.wants(1));
  store.want(1);
  store.want(2);
  EXPECT_TRUE(store.wants(1));
  EXPECT_FALSE(store.wants(3));
  store.add(2, 7, 1, tap(1));
  EXPECT_FALSE(store.drop(1)) << "2 is left";
  EXPECT_FALSE(store.wants(1));
  EXPECT_EQ(store.kernels(2, 7), 1U);
  store.want(std::nullopt);
  EXPECT_TRUE(store.wants(3));
  EXPECT_FALSE(store.drop(2)) << "all are left";
  EXPECT_TRUE(store.wants(2));
  EXPECT_TRUE(store.drop(std::nullopt));
  EXPECT_FALSE(store.wants(2));
  EXPECT_EQ(store.kernels(2, 7), 0U);
}

TEST(TapStore, OldestGoFirst) {
  TapStore store;
  for (std::uint32_t id = 0; id < TapStore::most_inferences; ++id) store.add(0, id, 1, tap(1));
  store.add(0, 0, 2, tap(2));  // the newest now
  store.add(0, 100, 1, tap(1));
  EXPECT_EQ(store.kernels(0, 1), 0U);
  EXPECT_EQ(store.kernels(0, 0), 2U);
  EXPECT_EQ(store.kernels(0, 2), 1U);
  EXPECT_EQ(store.kernels(0, 100), 1U);
}

TEST(TapStore, MemoryIsBounded) {
  TapStore store;
  constexpr auto third = static_cast<std::int64_t>(TapStore::most_bytes / 3) + 1;
  for (std::uint32_t id = 0; id < 5; ++id) store.add(0, id, 1, tap(1, third));
  EXPECT_EQ(store.kernels(0, 2), 0U);
  EXPECT_EQ(store.kernels(0, 3), 1U);
  EXPECT_EQ(store.kernels(0, 4), 1U);
  store.add(0, 5, 1, tap(1, 4 * third));
  EXPECT_EQ(store.kernels(0, 4), 0U);
  EXPECT_EQ(store.kernels(0, 5), 1U) << "one that is larger than all is kept alone";
  store.add(0, 6, 1, tap(1));
  EXPECT_EQ(store.kernels(0, 5), 0U);
}

}  // namespace
}  // namespace algean::cluster
