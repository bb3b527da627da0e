// A request and its answer allocate nothing, in the client and in the node.
#include <gtest/gtest.h>

#include "runtime/client/client.hpp"
#include "tests/support/count_allocations.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean {
namespace {

TEST(Allocation, InferIntoAllocatesNothing) {
  testing_support::FakeEngine engine = testing_support::mirror_engine(3000);
  auto net = testing_support::udp_net(512);
  const std::string address = net.listener->address();
  testing_support::Served served(engine, std::move(net.listener));
  const SteadyClock clock;
  ClientOptions options;
  options.poll = Poll::block;
  const auto client = Client::attach(net.dialler(), address, options, clock).value();
  const Tensor image(client->inputs()[0].type);
  const Tensor key(client->inputs()[1].type);
  Tensor mirror(image.type());
  Tensor key_again(key.type());
  const std::vector<std::span<const std::byte>> inputs{image.bytes(), key.bytes()};
  const std::vector<std::span<std::byte>> outputs{mirror.bytes(), key_again.bytes()};
  ASSERT_TRUE(client->infer_into(inputs, outputs, 20'000'000'000));
  if (!testing_support::counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
  const std::uint64_t before = testing_support::allocations();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client->infer_into(inputs, outputs, 20'000'000'000));
  EXPECT_EQ(testing_support::allocations() - before, 0U);
  mirror = Tensor(image.type());  // the counter counts
  EXPECT_GT(testing_support::allocations() - before, 0U);
}

}  // namespace
}  // namespace algean
