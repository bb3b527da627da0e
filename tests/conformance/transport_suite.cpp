// What every transport does. A new one adds a factory at the end.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/clock.hpp"
#include "runtime/transport/loopback.hpp"
#include "runtime/transport/schemes.hpp"

namespace algean {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t small_mtu = 2000;

using Bytes = std::vector<std::byte>;

// A network with one listener, and clients' dialler.
struct Network {
  Network(std::function<std::unique_ptr<Listener>()> listen_more, std::unique_ptr<Dialler> clients,
          std::string dialled_by = "")
      : listen(std::move(listen_more)),
        listener(listen()),
        scheme(std::move(dialled_by)),
        address(address_of(*listener)),
        dialler(std::move(clients)) {}
  std::function<std::unique_ptr<Listener>()> listen;  // one more listener, at an address of its own
  std::unique_ptr<Listener> listener;
  std::string scheme;  // in front of addresses
  std::string address;
  std::unique_ptr<Dialler> dialler;

  [[nodiscard]] std::string address_of(const Listener& other) const { return scheme + other.address(); }
  [[nodiscard]] std::unique_ptr<Transport> connect() const { return dialler->dial(address).value(); }
};
struct Kind {
  std::string name;
  std::function<Network()> make;
  bool listeners_meet = true;  // two that dial each other have one link
  friend void PrintTo(const Kind& kind, std::ostream* to) { *to << kind.name; }
};

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + seed);
  return bytes;
}

class TransportSuite : public testing::TestWithParam<Kind> {
 protected:
  // Receives within a second, or fails. Waits by `waiter`, of which `end` is one.
  template <class End, class Waiter>
  Bytes expect_datagram(End& end, Waiter& waiter) {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + second_ns;
    while (rest_.empty() && clock.now_ns() < deadline_ns) {
      const Received got = take(end);
      if (got.result == Transfer::done) {
        rest_ = std::span(buffer_).first(got.bytes);
        segment_bytes_ = got.segment_bytes;
      } else {
        waiter.wait(deadline_ns - clock.now_ns());
      }
    }
    if (rest_.empty()) {
      ADD_FAILURE() << "no datagram within a second";
      return {};
    }
    const auto datagram = next_datagram(rest_, segment_bytes_);
    return {datagram.begin(), datagram.end()};
  }
  template <class End>
  Bytes expect_datagram(End& end) {
    return expect_datagram(end, end);
  }
  // Sends within a second, or fails: a link that was just dialled may not be ready.
  static void send(Transport& link, const Bytes& bytes) {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + second_ns;
    Transfer result = Transfer::empty;
    while ((result = link.send(bytes)) == Transfer::empty && clock.now_ns() < deadline_ns) {
      link.wait(deadline_ns - clock.now_ns());
    }
    EXPECT_EQ(result, Transfer::done) << to_text(result);
  }
  Received take(Transport& link) { return link.receive(buffer_); }
  Received take(Listener& listener) { return listener.receive(buffer_, from_); }
  Bytes::iterator at(std::size_t bytes) { return buffer_.begin() + static_cast<std::ptrdiff_t>(bytes); }

  // A client and the listener's link to it.
  struct Pair {
    std::unique_ptr<Transport> client;
    std::unique_ptr<Transport> link;
  };
  Pair attach() {
    Pair pair;
    pair.client = network_.connect();
    send(*pair.client, pattern(10, 0));
    EXPECT_EQ(expect_datagram(*network_.listener), pattern(10, 0));
    auto link = network_.listener->connect(from_);
    EXPECT_TRUE(link) << link.error().message;
    pair.link = std::move(*link);
    return pair;
  }

  Network network_ = GetParam().make();
  Bytes buffer_ = Bytes(receive_buffer_bytes);
  std::span<const std::byte> rest_;  // what came together with the datagram before
  std::size_t segment_bytes_ = 0;
  Peer from_;
};

TEST_P(TransportSuite, NothingToReceiveIsEmpty) {
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
  const Pair pair = attach();
  EXPECT_EQ(take(*pair.client).result, Transfer::empty);
  EXPECT_EQ(take(*pair.link).result, Transfer::empty);
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
}

TEST_P(TransportSuite, DatagramsOfEverySizeArriveWholeBothWays) {
  const Pair pair = attach();
  EXPECT_EQ(pair.client->max_datagram_bytes(), small_mtu);
  EXPECT_EQ(pair.link->max_datagram_bytes(), small_mtu);
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{1472}, small_mtu}) {
    ASSERT_EQ(pair.client->send(pattern(size, 1)), Transfer::done);
    EXPECT_EQ(expect_datagram(*pair.link), pattern(size, 1));
    ASSERT_EQ(pair.link->send(pattern(size, 2)), Transfer::done);
    EXPECT_EQ(expect_datagram(*pair.client), pattern(size, 2));
  }
}

TEST_P(TransportSuite, KeepsBoundaries) {
  const Pair pair = attach();
  for (unsigned i = 1; i <= 50; ++i) ASSERT_EQ(pair.client->send(pattern(i * 3, i)), Transfer::done);
  for (unsigned i = 1; i <= 50; ++i) EXPECT_EQ(expect_datagram(*pair.link), pattern(i * 3, i));
}

TEST_P(TransportSuite, OversizedIsNotSent) {
  const Pair pair = attach();
  EXPECT_EQ(pair.client->send(pattern(small_mtu + 1, 1)), Transfer::oversized);
  EXPECT_EQ(pair.link->send(pattern(small_mtu + 1, 1)), Transfer::oversized);
  ASSERT_EQ(pair.client->send(pattern(5, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(*pair.link), pattern(5, 2));
}

TEST_P(TransportSuite, OversizedForTheReceiverIsLostAlone) {
  const Pair pair = attach();
  ASSERT_EQ(pair.client->send(pattern(100, 1)), Transfer::done);
  ASSERT_EQ(pair.client->send(pattern(50, 2)), Transfer::done);
  Bytes small(60, std::byte{0xee});
  pair.link->wait(second_ns);
  EXPECT_EQ(pair.link->receive(std::span(small).first(50)).result, Transfer::oversized);
  EXPECT_EQ(small[50], std::byte{0xee});
  EXPECT_EQ(expect_datagram(*pair.link), pattern(50, 2));
}

TEST_P(TransportSuite, ClientsDoNotMix) {
  const Pair one = attach();
  const Pair two = attach();
  ASSERT_EQ(one.client->send(pattern(11, 1)), Transfer::done);
  ASSERT_EQ(two.client->send(pattern(12, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(*one.link), pattern(11, 1));
  EXPECT_EQ(expect_datagram(*two.link), pattern(12, 2));
  ASSERT_EQ(two.link->send(pattern(13, 3)), Transfer::done);
  ASSERT_EQ(one.link->send(pattern(14, 4)), Transfer::done);
  EXPECT_EQ(expect_datagram(*two.client), pattern(13, 3));
  EXPECT_EQ(expect_datagram(*one.client), pattern(14, 4));
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
}

TEST_P(TransportSuite, DatagramsFromBeforeTheLinkAreNotLost) {
  const auto client = network_.connect();
  for (unsigned i = 0; i < 3; ++i) send(*client, pattern(20, i));
  EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, 0));
  const Peer peer = from_;
  const auto link = network_.listener->connect(peer);
  ASSERT_TRUE(link);
  for (unsigned i = 1; i < 3; ++i) {
    network_.listener->wait(second_ns);
    Received got = take(*network_.listener);
    if (got.result == Transfer::done) {
      EXPECT_EQ(from_, peer);
    } else {
      got = take(**link);
    }
    ASSERT_EQ(got.result, Transfer::done);
    EXPECT_EQ(Bytes(buffer_.begin(), at(got.bytes)), pattern(20, i));
  }
  ASSERT_EQ(client->send(pattern(20, 3)), Transfer::done);
  EXPECT_EQ(expect_datagram(**link), pattern(20, 3));
}

TEST_P(TransportSuite, ListenerAnswersWithoutALink) {
  const auto client = network_.connect();
  send(*client, pattern(20, 0));
  expect_datagram(*network_.listener);
  EXPECT_EQ(network_.listener->send(from_, pattern(30, 1)), Transfer::done);
  EXPECT_EQ(expect_datagram(*client), pattern(30, 1));
}

TEST_P(TransportSuite, APeerWhoseLinkClosedComesToTheListenerAgain) {
  Pair pair = attach();
  pair.link.reset();
  ASSERT_EQ(pair.client->send(pattern(20, 5)), Transfer::done);
  EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, 5));
  EXPECT_TRUE(network_.listener->connect(from_));
}

TEST_P(TransportSuite, ClientIsRefusedWhenTheListenerIsGone) {
  Pair pair = attach();
  pair.link.reset();
  network_.listener.reset();
  Transfer result = Transfer::done;
  for (int i = 0; i < 100 && result != Transfer::refused; ++i) result = pair.client->send(pattern(20, 0));
  EXPECT_EQ(result, Transfer::refused);
}

TEST_P(TransportSuite, LinkIsRefusedWhenTheClientIsGone) {
  Pair pair = attach();
  pair.client.reset();
  Transfer result = Transfer::done;
  for (int i = 0; i < 100 && result != Transfer::refused; ++i) result = pair.link->send(pattern(20, 0));
  EXPECT_EQ(result, Transfer::refused);
}

TEST_P(TransportSuite, WaitEndsAtItsTimeout) {
  const Pair pair = attach();
  const SteadyClock clock;
  for (const std::int64_t timeout_ns : {0, 20'000'000}) {
    const std::int64_t start_ns = clock.now_ns();
    pair.client->wait(timeout_ns);
    pair.link->wait(timeout_ns);
    network_.listener->wait(timeout_ns);
    EXPECT_GE(clock.now_ns() - start_ns, 3 * timeout_ns);
    EXPECT_LT(clock.now_ns() - start_ns, 5 * second_ns);
  }
}

TEST_P(TransportSuite, WaitEndsWithADatagram) {
  const Pair pair = attach();
  const SteadyClock clock;
  for (const bool by_listener : {false, true}) {
    const std::int64_t start_ns = clock.now_ns();
    std::jthread sender([&] { EXPECT_EQ(pair.client->send(pattern(9, 9)), Transfer::done); });
    if (by_listener) {
      network_.listener->wait(60 * second_ns);  // watches its links, too
    } else {
      pair.link->wait(60 * second_ns);
    }
    EXPECT_EQ(expect_datagram(*pair.link), pattern(9, 9));
    EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
  }
}

TEST_P(TransportSuite, WakeEndsAWait) {
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  network_.listener->wake();  // also one that comes before
  network_.listener->wait(60 * second_ns);
  std::jthread waker([&] { network_.listener->wake(); });
  network_.listener->wait(60 * second_ns);
  EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
}

TEST_P(TransportSuite, AFloodIsCutNotMixedUp) {
  const Pair pair = attach();
  const Bytes datagram = pattern(small_mtu, 3);
  std::size_t taken = 0;
  for (int i = 0; i < 20000; ++i) {
    const Transfer result = pair.client->send(datagram);
    ASSERT_TRUE(result == Transfer::done || result == Transfer::empty) << to_text(result);
  }
  while (true) {
    const Received got = take(*pair.link);
    if (got.result != Transfer::done) break;
    ASSERT_TRUE(std::equal(datagram.begin(), datagram.end(), buffer_.begin(), at(got.bytes)));
    ++taken;
  }
  EXPECT_GT(taken, 10U);
  EXPECT_GE(pair.link->receive_window_bytes(), std::size_t{1} << 14);
}

TEST_P(TransportSuite, ListenerDialsListener) {
  const auto other = network_.listen();
  const auto dialled = network_.listener->dial(network_.address_of(*other));
  ASSERT_TRUE(dialled) << dialled.error().message;
  EXPECT_EQ((*dialled)->peer(), network_.address_of(*other));
  send(**dialled, pattern(20, 1));
  EXPECT_EQ(expect_datagram(*other), pattern(20, 1));
  const auto link = other->connect(from_);
  ASSERT_TRUE(link) << link.error().message;
  ASSERT_EQ((*link)->send(pattern(21, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(**dialled, *network_.listener), pattern(21, 2));
  ASSERT_EQ((*dialled)->send(pattern(22, 3)), Transfer::done);
  EXPECT_EQ(expect_datagram(**link, *other), pattern(22, 3));
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
}

TEST_P(TransportSuite, ListenersThatDialEachOtherMeet) {
  const auto other = network_.listen();
  const auto there = network_.listener->dial(network_.address_of(*other));
  const auto back = other->dial(network_.address);
  ASSERT_TRUE(there && back);
  send(**there, pattern(20, 1));
  send(**back, pattern(20, 2));
  if (GetParam().listeners_meet) {
    EXPECT_EQ(expect_datagram(**back, *other), pattern(20, 1));
    EXPECT_EQ(expect_datagram(**there, *network_.listener), pattern(20, 2));
  } else {
    EXPECT_EQ(expect_datagram(*other), pattern(20, 1));
    EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, 2));
  }
}

TEST_P(TransportSuite, ADiallerWaitsForAllItsLinks) {
  const auto other = network_.listen();
  const auto one = network_.connect();
  const auto two = network_.dialler->dial(network_.address_of(*other));
  ASSERT_TRUE(two) << two.error().message;
  for (unsigned round = 0; round < 3; ++round) {
    send(**two, pattern(20, round));
    EXPECT_EQ(expect_datagram(*other), pattern(20, round));
    ASSERT_EQ(other->send(from_, pattern(30, round)), Transfer::done);
    EXPECT_EQ(expect_datagram(**two, *network_.dialler), pattern(30, round));
    send(*one, pattern(20, round));
    EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, round));
    ASSERT_EQ(network_.listener->send(from_, pattern(31, round)), Transfer::done);
    EXPECT_EQ(expect_datagram(*one, *network_.dialler), pattern(31, round));
  }
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  network_.dialler->wait(20'000'000);
  EXPECT_GE(clock.now_ns() - start_ns, 20'000'000);
}

TEST_P(TransportSuite, WakeEndsADiallersWait) {
  const auto link = network_.connect();
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  std::jthread waker([&] { network_.dialler->wake(); });
  network_.dialler->wait(60 * second_ns);
  EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
}

TEST_P(TransportSuite, DialRefusesWhatIsNoAddress) {
  for (const std::string address : {"", "nobody", "pigeon://127.0.0.1:4000", "loopback://"}) {
    for (Dialler* dialler : {network_.dialler.get(), static_cast<Dialler*>(network_.listener.get())}) {
      const auto link = dialler->dial(address);
      ASSERT_FALSE(link) << address;
      EXPECT_EQ(link.error().kind, ErrorKind::bad_input);
    }
  }
}

TEST_P(TransportSuite, SegmentsArriveAsDatagrams) {
  const Pair pair = attach();
  for (const auto& [bytes, segment_bytes] : {std::pair<std::size_t, std::size_t>{1900, 300},
                                             {900, 300},
                                             {200, 300},
                                             {200, 1},
                                             {140000, 1000},
                                             {3 * small_mtu + 1, small_mtu}}) {
    for (auto* end : {&pair.client, &pair.link}) {
      const Bytes all = pattern(bytes, 4);
      std::size_t sent_bytes = 1;
      ASSERT_EQ((*end)->send_segments(all, segment_bytes, sent_bytes), Transfer::done);
      EXPECT_EQ(sent_bytes, bytes);
      for (auto rest = std::span<const std::byte>(all); !rest.empty();) {
        const auto expected = next_datagram(rest, segment_bytes);
        ASSERT_EQ(expect_datagram(end == &pair.client ? *pair.link : *pair.client),
                  Bytes(expected.begin(), expected.end()));
      }
    }
  }
}

TEST_P(TransportSuite, OversizedSegmentsAreNotSent) {
  const Pair pair = attach();
  std::size_t sent_bytes = 1;
  EXPECT_EQ(pair.client->send_segments(pattern(2 * small_mtu + 2, 1), small_mtu + 1, sent_bytes), Transfer::oversized);
  EXPECT_EQ(sent_bytes, 0U);
  ASSERT_EQ(pair.client->send(pattern(5, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(*pair.link), pattern(5, 2));
}

TEST_P(TransportSuite, AFloodOfSegmentsSaysHowMuchWent) {
  const Pair pair = attach();
  const Bytes batch = pattern(60000, 3);
  std::size_t sent_bytes = 0;
  for (int i = 0; i < 2000; ++i) {
    const Transfer result = pair.client->send_segments(batch, 1000, sent_bytes);
    ASSERT_EQ(sent_bytes % 1000, 0U);
    ASSERT_EQ(result == Transfer::done, sent_bytes == batch.size());
    ASSERT_TRUE(result == Transfer::done || result == Transfer::empty) << to_text(result);
  }
  std::size_t taken = 0;
  while (true) {
    const Received got = take(*pair.link);
    if (got.result != Transfer::done) break;
    ASSERT_EQ(got.segment_bytes, 1000U);
    ASSERT_EQ(got.bytes % 1000, 0U);
    taken += got.bytes / 1000;
  }
  EXPECT_GT(taken, 10U);
}

Network make_loopback() {
  const auto network = std::make_shared<LoopbackNetwork>(LoopbackOptions{small_mtu, 256});
  return {[network, n = 0]() mutable { return network->listen(fmt::format("node{}", n++)); }, network->dialler()};
}

Network make_udp(bool segmentation_offload) {
  UdpOptions options;
  options.max_datagram_bytes = small_mtu;
  options.segmentation_offload = segmentation_offload;
  return {[options] { return listen_udp({0x7f000001, 0}, options).value(); }, make_udp_dialler(options).value()};
}

Network make_tcp() {
  TcpOptions options;
  options.max_datagram_bytes = small_mtu;
  static const SteadyClock clock;
  return {[options] { return listen_tcp({0x7f000001, 0}, options, clock).value(); }, make_tcp_dialler(options).value()};
}

// Listeners for both schemes, and clients who dial by `scheme`.
Network make_joined(const std::string& scheme) {
  TransportOptions options;
  options.udp.max_datagram_bytes = options.tcp.max_datagram_bytes = small_mtu;
  Network network{[options] { return listen("udp+tcp://127.0.0.1:0", options).value(); },
                  make_dialler(options).value()};
  network.address = scheme + network.address;
  return network;
}

INSTANTIATE_TEST_SUITE_P(Every, TransportSuite,
                         testing::Values(Kind{"loopback", make_loopback}, Kind{"udp", [] { return make_udp(true); }},
                                         Kind{"udp_one_by_one", [] { return make_udp(false); }},
                                         Kind{"tcp", make_tcp, false}, Kind{"joined", [] { return make_joined(""); }},
                                         Kind{"joined_by_tcp", [] { return make_joined("tcp://"); }, false}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace algean
