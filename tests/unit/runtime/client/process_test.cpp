// Clients and nodes that die or stop in the middle of a request. Processes are forked before a test has threads.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "runtime/client/client.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean {
namespace {

using testing::MatchesRegex;
using testing_support::FakeEngine;
using testing_support::LossyDialler;

constexpr std::int64_t second_ns = 1'000'000'000;

// A forked child; killed and reaped at the end.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) : pid_(::fork()) {
    if (pid_ == 0) {
      body();
      ::_exit(0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    end();
  }
  void signal(int which) const { ::kill(pid_, which); }
  void end() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  void wait_until_stopped() const { ::waitpid(pid_, nullptr, WUNTRACED); }

 private:
  pid_t pid_;
};

// One byte tells the other process that it may go on.
class Signal {
 public:
  Signal() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void raise() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
  // Whether it was raised within 20 s.
  [[nodiscard]] bool wait() const {
    pollfd one{ends_[0], POLLIN, 0};
    char byte = 0;
    return ::poll(&one, 1, 20000) == 1 && ::read(ends_[0], &byte, 1) == 1;
  }

 private:
  std::array<int, 2> ends_{};
};

std::vector<NamedTensor> inputs(std::int64_t image_elements) {
  const std::vector<std::int32_t> key{1, 2, 3};
  return {{"image", Tensor({ElementType::float32(), Shape({image_elements})})},
          {"key", Tensor({ElementType::integer(20, true), Shape({3})}, std::span<const std::int32_t>(key))}};
}

ClientOptions blocking() {
  ClientOptions options;
  options.poll = Poll::block;
  return options;
}

// The child serves the listener; its engine raises `begun` and then waits for ever. The parent's copy of the listener
// is closed.
class DyingNode : public testing::Test {
 protected:
  DyingNode() {
    auto listener = listen_udp().value();
    address_ = listener->address();
    child_.emplace([&] {
      const SteadyClock clock;
      FakeEngine mirror = testing_support::mirror_engine(8);
      FakeEngine engine({mirror.inputs().begin(), mirror.inputs().end()},
                        {mirror.outputs().begin(), mirror.outputs().end()}, [&](auto, auto) {
                          begun_.raise();
                          while (true) ::pause();
                        });
      NodeOptions options;
      options.poll = Poll::block;
      Node::make(single_node(engine, "d", "v"), std::move(listener), options, clock).value()->run();
    });
  }
  std::unique_ptr<Client> client() {
    auto result = Client::connect(address_, blocking());
    EXPECT_TRUE(result) << result.error().message;
    return std::move(*result);
  }

  SteadyClock clock_;
  Signal begun_;
  std::string address_;
  std::optional<Child> child_;
};

TEST_F(DyingNode, KilledMidRequestIsNamedLongBeforeTheDeadline) {
  const auto one = client();
  const auto first = one->submit(inputs(8), 600 * second_ns);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(begun_.wait());
  child_->end();
  const std::int64_t start_ns = clock_.now_ns();
  const auto outputs = one->await(*first);
  ASSERT_FALSE(outputs);
  EXPECT_LT(clock_.now_ns() - start_ns, 60 * second_ns);
  EXPECT_EQ(outputs.error().kind, ErrorKind::failed);
  EXPECT_EQ(outputs.error().message,
            fmt::format("node d at {}: inference {}: is gone: connection refused", address_, first->inference_id));
  const auto next = one->infer(inputs(8), second_ns);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().message, "node " + address_ + ": nobody answers there: connection refused");
}

TEST_F(DyingNode, StoppedIsADeadline) {
  const auto one = client();
  child_->signal(SIGSTOP);
  child_->wait_until_stopped();
  const std::int64_t start_ns = clock_.now_ns();
  const auto outputs = one->infer(inputs(8), second_ns / 5);
  ASSERT_FALSE(outputs);
  EXPECT_GE(clock_.now_ns() - start_ns, second_ns / 5);
  EXPECT_EQ(outputs.error().kind, ErrorKind::deadline);
  EXPECT_THAT(outputs.error().message,
              MatchesRegex("node d at " + address_ + ": inference [0-9]+: no answer within 200 ms"));
}

TEST_F(DyingNode, StoppedIsLostLongBeforeALongDeadline) {
  ClientOptions options = blocking();
  options.probe_ns = second_ns / 50;
  options.node_timeout_ns = second_ns / 4;
  const auto one = Client::connect(address_, options).value();
  child_->signal(SIGSTOP);
  child_->wait_until_stopped();
  const std::int64_t start_ns = clock_.now_ns();
  const auto outputs = one->infer(inputs(8), 600 * second_ns);
  ASSERT_FALSE(outputs);
  EXPECT_LT(clock_.now_ns() - start_ns, 60 * second_ns);
  EXPECT_EQ(outputs.error().kind, ErrorKind::failed);
  EXPECT_THAT(outputs.error().message,
              MatchesRegex("node d at " + address_ + ": inference [0-9]+: is gone: no sign of life for 250 ms"));
}

TEST_F(DyingNode, StoppedBeforeAttachIsADeadline) {
  child_->signal(SIGSTOP);
  child_->wait_until_stopped();
  ClientOptions options = blocking();
  options.attach_timeout_ns = second_ns / 5;
  const auto one = Client::connect(address_, options);
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().kind, ErrorKind::deadline);
  EXPECT_EQ(one.error().message, "node " + address_ + ": no answer to an attach within 200 ms");
}

TEST_F(DyingNode, AnotherOneAtTheSameAddressIsNoticedThenJoined) {
  const auto one = client();
  child_->end();
  FakeEngine mirror = testing_support::mirror_engine(8);
  testing_support::Served served(mirror, listen_udp(UdpAddress::parse(address_).value()).value());
  const auto lost = one->infer(inputs(8), 20 * second_ns);
  ASSERT_FALSE(lost);
  EXPECT_THAT(
      lost.error().message,
      MatchesRegex("node d at " + address_ +
                   ": inference [0-9]+: no_session: .*the node restarted, or freed this client after long silence"));
  const auto outputs = one->infer(inputs(8), 20 * second_ns);
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(served.node().counts().attached, 1U);
}

TEST_F(DyingNode, AnotherNetworkAtTheSameAddressIsNoticedThenRefused) {
  const auto one = client();
  child_->end();
  FakeEngine mirror = testing_support::mirror_engine(9);
  testing_support::Served served(mirror, listen_udp(UdpAddress::parse(address_).value()).value());
  const auto lost = one->infer(inputs(8), 20 * second_ns);
  ASSERT_FALSE(lost);
  EXPECT_THAT(
      lost.error().message,
      MatchesRegex("node d at " + address_ +
                   ": inference [0-9]+: no_session: .*the node restarted, or freed this client after long silence"));
  const auto outputs = one->infer(inputs(8), 20 * second_ns);
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().message,
            "node d at " + address_ + ": serves other inputs or outputs than before: connect anew");
}

TEST(DyingClient, ItsSlotAndPartialInputsAreFreed) {
  const SteadyClock clock;
  FakeEngine engine = testing_support::mirror_engine(5000);
  UdpOptions small;
  small.max_datagram_bytes = 512;
  auto listener = listen_udp({0x7f000001, 0}, small).value();
  const std::string address = listener->address();
  NodeOptions options;
  options.probe_ns = second_ns / 100;
  const auto node = Node::make(single_node(engine, "d", "v"), std::move(listener), options, clock).value();
  const Signal half_sent;
  Child child([&] {
    auto dialler = std::make_unique<LossyDialler>(make_udp_dialler(small).value(), [](std::size_t n) { return n > 4; });
    const auto client = Client::attach(std::move(dialler), address, blocking(), clock).value();
    (void)client->submit(inputs(5000), 600 * second_ns).value();
    half_sent.raise();
    while (true) ::pause();
  });
  const auto serve_until = [&](auto done) {
    const std::int64_t deadline_ns = clock.now_ns() + 20 * second_ns;
    while (!done() && clock.now_ns() < deadline_ns) node->step();
    return done();
  };
  ASSERT_TRUE(serve_until([&] { return node->counts().datagrams >= 4; }));  // all but the attach are pieces
  ASSERT_TRUE(half_sent.wait());
  EXPECT_EQ(node->counts().clients(), 1U);
  child.end();
  EXPECT_TRUE(serve_until([&] { return node->counts().clients() == 0; }));
  EXPECT_EQ(node->counts().inferences, 0U);
}

TEST(DyingNodeByName, AddressWhereNobodyListensIsNamed) {
  std::string address;
  {
    const auto listener = listen_udp().value();
    address = listener->address();
  }
  const auto one = Client::connect("udp://" + address, blocking());
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().kind, ErrorKind::failed);
  EXPECT_EQ(one.error().message, "node " + address + ": nobody answers there: connection refused");
}

}  // namespace
}  // namespace algean
