// A request and its answer allocate nothing, in the client and in the node.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "runtime/client/client.hpp"
#include "tests/support/fake_engine.hpp"

namespace {
std::atomic<std::uint64_t> allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto a = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(a, (size + a - 1) / a * a)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace algean {
namespace {

TEST(Allocation, InferIntoAllocatesNothing) {
  testing_support::FakeEngine engine = testing_support::mirror_engine(3000);
  auto net = testing_support::udp_net(512);
  testing_support::Served served(engine, std::move(net.listener));
  const SteadyClock clock;
  ClientOptions options;
  options.poll = Poll::block;
  const auto client = Client::attach(net.connect(), options, clock).value();
  const Tensor image(client->inputs()[0].type);
  const Tensor key(client->inputs()[1].type);
  Tensor mirror(image.type());
  Tensor key_again(key.type());
  const std::vector<std::span<const std::byte>> inputs{image.bytes(), key.bytes()};
  const std::vector<std::span<std::byte>> outputs{mirror.bytes(), key_again.bytes()};
  ASSERT_TRUE(client->infer_into(inputs, outputs, 20'000'000'000));
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client->infer_into(inputs, outputs, 20'000'000'000));
  EXPECT_EQ(allocations - before, 0U);
  const Tensor one(image);  // the counter counts
  EXPECT_GT(allocations - before, 0U);
}

}  // namespace
}  // namespace algean
