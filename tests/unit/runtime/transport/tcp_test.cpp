#include "runtime/transport/tcp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/transport/socket.hpp"

namespace algean {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t most_bytes = 1000;

class MovedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now_ns_; }
  std::int64_t now_ns_ = 0;
};

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + seed);
  return bytes;
}

Bytes framed(const Bytes& datagram) {
  Bytes bytes(4 + datagram.size());
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(datagram.size() >> (8 * i));
  std::ranges::copy(datagram, bytes.begin() + 4);
  return bytes;
}

// A peer that writes what it likes.
class RawPeer {
 public:
  explicit RawPeer(const SocketAddress& to) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = to_system(to);
    EXPECT_EQ(::connect(socket_.get(), disguise(address), sizeof(address)), 0) << system_reason();
  }
  void write(const Bytes& bytes) const {
    EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // That nothing more comes from here.
  void finish() const { ::shutdown(socket_.get(), SHUT_WR); }
  // Whether the other end hangs up within a second.
  [[nodiscard]] bool is_cut_off() const {
    pollfd one{socket_.get(), POLLIN, 0};
    char byte = 0;
    return ::poll(&one, 1, 1000) == 1 && ::recv(socket_.get(), &byte, 1, 0) <= 0;
  }
  [[nodiscard]] bool is_served() const {
    pollfd one{socket_.get(), POLLIN | POLLRDHUP, 0};
    return ::poll(&one, 1, 0) == 0;
  }

 private:
  Descriptor socket_;
};

class Tcp : public testing::Test {
 protected:
  static TcpOptions options() {
    TcpOptions options;
    options.max_datagram_bytes = most_bytes;
    options.max_strangers = 4;
    return options;
  }
  // What comes to the listener within a second; empty when nothing does.
  Bytes receive() {
    const SteadyClock clock;
    for (const std::int64_t deadline_ns = clock.now_ns() + second_ns; clock.now_ns() < deadline_ns;) {
      if (const Received got = listener_->receive(buffer_, from_); got.result == Transfer::done) return first(got);
      listener_->wait(deadline_ns - clock.now_ns());
    }
    return {};
  }
  Bytes receive(Transport& link) {
    const SteadyClock clock;
    for (const std::int64_t deadline_ns = clock.now_ns() + second_ns; clock.now_ns() < deadline_ns;) {
      const Received got = link.receive(buffer_);
      if (got.result == Transfer::done) return first(got);
      if (got.result != Transfer::empty) break;
      link.wait(deadline_ns - clock.now_ns());
    }
    return {};
  }
  Bytes first(const Received& got) {
    return {buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(got.bytes)};
  }
  // Sends until something other than `empty` becomes of it, for a second.
  static Transfer send(Transport& link, const Bytes& bytes) {
    const SteadyClock clock;
    Transfer result = Transfer::empty;
    for (const std::int64_t deadline_ns = clock.now_ns() + second_ns; clock.now_ns() < deadline_ns;) {
      if (result = link.send(bytes); result != Transfer::empty) break;
      link.wait(deadline_ns - clock.now_ns());
    }
    return result;
  }
  // Lets the listener see who came and went.
  void poll() { EXPECT_NE(listener_->receive(buffer_, from_).result, Transfer::done); }

  MovedClock clock_;
  std::unique_ptr<Listener> listener_ = listen_tcp({0x7f000001, 0}, options(), clock_).value();
  SocketAddress address_ = SocketAddress::parse(listener_->address(), "tcp").value();
  std::unique_ptr<Dialler> dialler_ = make_tcp_dialler(options()).value();
  Bytes buffer_ = Bytes(receive_buffer_bytes);
  Peer from_;
};

TEST_F(Tcp, PortInUseIsAnError) {
  const auto second = listen_tcp(address_, options(), clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, fmt::format("cannot listen on {}: Address already in use", address_.text()));
}

TEST_F(Tcp, PortIsFreeAgainAtOnce) {
  const auto link = dialler_->dial(listener_->address()).value();
  ASSERT_EQ(send(*link, pattern(5, 1)), Transfer::done);
  EXPECT_EQ(receive(), pattern(5, 1));
  listener_.reset();
  EXPECT_TRUE(listen_tcp(address_, options(), clock_));
}

TEST_F(Tcp, PeersSayTheirAddress) {
  const auto link = dialler_->dial(listener_->address()).value();
  EXPECT_EQ(link->peer(), listener_->address());
  ASSERT_EQ(send(*link, pattern(5, 1)), Transfer::done);
  receive();
  EXPECT_THAT(listener_->connect(from_).value()->peer(), testing::StartsWith("tcp://127.0.0.1:"));
  EXPECT_EQ(listener_->dial("udp://127.0.0.1:5").error().message,
            "address \"udp://127.0.0.1:5\": must be HOST:PORT, PORT 0 to 65535");
}

TEST_F(Tcp, ARefusedLinkDialsAgain) {
  const std::string address = listener_->address();
  listener_.reset();
  const auto link = dialler_->dial(address).value();
  EXPECT_EQ(send(*link, pattern(5, 1)), Transfer::refused);
  EXPECT_EQ(link->receive(buffer_).result, Transfer::refused);
  EXPECT_EQ(link->receive(buffer_).result, Transfer::empty);  // said once
  listener_ = listen_tcp(address_, options(), clock_).value();
  EXPECT_EQ(send(*link, pattern(5, 2)), Transfer::done);
  EXPECT_EQ(receive(), pattern(5, 2));
  ASSERT_EQ(listener_->send(from_, pattern(6, 3)), Transfer::done);
  EXPECT_EQ(receive(*link), pattern(6, 3));
}

TEST_F(Tcp, AHostThatDoesNotAnswerKeepsNobody) {
  // Who listens without room for connections answers none.
  const Descriptor deaf(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(bind_to(deaf, {0x7f000001, 0}));
  ASSERT_EQ(::listen(deaf.get(), 0), 0);
  const std::string address = bound_address(deaf).value().text();
  std::vector<std::unique_ptr<Transport>> links;
  for (int i = 0; i < 4; ++i) links.push_back(dialler_->dial(address).value());
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  EXPECT_EQ(links.back()->send(pattern(5, 1)), Transfer::empty);
  links.back()->wait(20'000'000);
  EXPECT_EQ(links.back()->send(pattern(5, 1)), Transfer::empty);
  EXPECT_EQ(links.back()->receive(buffer_).result, Transfer::empty);
  EXPECT_GE(clock.now_ns() - start_ns, 20'000'000);
  EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
}

TEST_F(Tcp, AWaitEndsWhenALinkIsConnected) {
  const auto link = dialler_->dial(listener_->address()).value();
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  while (link->send(pattern(5, 1)) == Transfer::empty && clock.now_ns() - start_ns < 30 * second_ns) {
    dialler_->wait(60 * second_ns);
  }
  EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
  EXPECT_EQ(receive(), pattern(5, 1));
}

TEST_F(Tcp, AReceiverThatStopsForAWhileLosesNothing) {
  const auto link = dialler_->dial(listener_->address()).value();
  ASSERT_EQ(send(*link, pattern(5, 1)), Transfer::done);
  receive();
  const auto there = listener_->connect(from_).value();
  unsigned sent = 0;
  unsigned taken = 0;
  for (int stop = 0; stop < 3; ++stop) {
    while (true) {
      const Transfer result = link->send(pattern(most_bytes - sent % 7, sent));
      if (result != Transfer::done) {
        ASSERT_EQ(result, Transfer::empty);
        break;
      }
      ++sent;
    }
    // As many as make room for more, then go on sending in the middle of a datagram.
    for (unsigned i = 0; i < 3000 && taken < sent; ++i, ++taken) {
      ASSERT_EQ(receive(*there), pattern(most_bytes - taken % 7, taken));
    }
  }
  for (; taken < sent; ++taken) {
    ASSERT_EQ(link->receive(buffer_).result, Transfer::empty);  // also writes what waits
    ASSERT_EQ(receive(*there), pattern(most_bytes - taken % 7, taken));
  }
  EXPECT_GT(sent, 1000U);
}

TEST_F(Tcp, DatagramsComeWholeHoweverTheyAreCut) {
  const RawPeer peer(address_);
  Bytes bytes = framed(pattern(300, 1));
  const Bytes second = framed(pattern(1, 2));
  bytes.insert(bytes.end(), second.begin(), second.end());
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    peer.write({bytes[i]});
    if (i < 303) poll();
  }
  EXPECT_EQ(receive(), pattern(300, 1));
  poll();
  peer.write({bytes.back()});
  EXPECT_EQ(receive(), pattern(1, 2));
}

TEST_F(Tcp, ABadLengthCutsThePeerOff) {
  const auto good = dialler_->dial(listener_->address()).value();
  for (const std::uint32_t length : {0U, std::uint32_t{most_bytes + 1}, 0x80000000U, 0xffffffffU}) {
    const RawPeer peer(address_);
    Bytes bytes = framed(pattern(20, 1));
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(length >> (8 * i)));
    peer.write(bytes);
    EXPECT_EQ(receive(), pattern(20, 1));  // what was good before
    poll();
    EXPECT_TRUE(peer.is_cut_off()) << length;
    EXPECT_FALSE(listener_->connect(from_));
    ASSERT_EQ(send(*good, pattern(30, length)), Transfer::done);
    EXPECT_EQ(receive(), pattern(30, length));
  }
}

TEST_F(Tcp, ABadLengthRefusesALink) {
  const RawPeer peer(address_);
  peer.write(framed(pattern(20, 1)));
  EXPECT_EQ(receive(), pattern(20, 1));
  const auto link = listener_->connect(from_).value();
  peer.write(Bytes(8, std::byte{0xff}));
  link->wait(second_ns);
  EXPECT_EQ(link->receive(buffer_).result, Transfer::refused);
  EXPECT_EQ(link->send(pattern(5, 1)), Transfer::refused);
  EXPECT_TRUE(peer.is_cut_off());
}

TEST_F(Tcp, ATruncatedDatagramIsNone) {
  std::optional<RawPeer> peer(address_);
  Bytes bytes = framed(pattern(20, 1));
  bytes.pop_back();
  peer->write(bytes);
  poll();
  peer.reset();
  const SteadyClock clock;
  for (const std::int64_t end_ns = clock.now_ns() + 20'000'000; clock.now_ns() < end_ns;) poll();
}

TEST_F(Tcp, WhatCameBeforeAHalfCloseIsGivenOut) {
  const RawPeer peer(address_);
  peer.write(framed(pattern(20, 1)));
  peer.write(framed(pattern(30, 2)));
  peer.finish();
  EXPECT_EQ(receive(), pattern(20, 1));
  EXPECT_EQ(receive(), pattern(30, 2));
  poll();
  EXPECT_TRUE(peer.is_cut_off());
}

TEST_F(Tcp, SilentStrangersAreCutOff) {
  const RawPeer silent(address_);
  const RawPeer late(address_);
  poll();
  clock_.now_ns_ = options().stranger_timeout_ns;
  late.write(framed(pattern(20, 1)));
  EXPECT_EQ(receive(), pattern(20, 1));
  EXPECT_TRUE(silent.is_served());
  clock_.now_ns_ += 1;
  poll();
  EXPECT_TRUE(silent.is_cut_off());
  EXPECT_TRUE(late.is_served());
  auto link = listener_->connect(from_).value();
  clock_.now_ns_ *= 10;
  poll();
  EXPECT_TRUE(late.is_served());  // by its link
  link.reset();
  poll();
  EXPECT_TRUE(late.is_served());
  clock_.now_ns_ += options().stranger_timeout_ns + 1;
  poll();
  EXPECT_TRUE(late.is_cut_off());
}

TEST_F(Tcp, OfManyStrangersTheLongestSilentGo) {
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (unsigned i = 0; i < 7; ++i) {
    peers.push_back(std::make_unique<RawPeer>(address_));
    peers.back()->write(framed(pattern(20, i)));
    clock_.now_ns_ += 1;
    EXPECT_EQ(receive(), pattern(20, i));
    if (i < 3) continue;
    clock_.now_ns_ += 1;
    peers.front()->write(framed(pattern(9, i)));  // is never silent for long
    EXPECT_EQ(receive(), pattern(9, i));
  }
  EXPECT_TRUE(peers[0]->is_served());
  for (unsigned i = 1; i < 4; ++i) EXPECT_TRUE(peers[i]->is_cut_off()) << i;
  for (unsigned i = 4; i < 7; ++i) EXPECT_TRUE(peers[i]->is_served()) << i;
}

TEST_F(Tcp, RefusesTinyDatagrams) {
  TcpOptions options;
  options.max_datagram_bytes = 127;
  const std::string expected = "datagrams of 127 bytes: at least 128 are needed";
  EXPECT_EQ(listen_tcp({0x7f000001, 0}, options, clock_).error().message, expected);
  EXPECT_EQ(make_tcp_dialler(options).error().message, expected);
}

}  // namespace
}  // namespace algean
