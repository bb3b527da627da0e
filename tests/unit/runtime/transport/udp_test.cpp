#include "runtime/transport/udp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/udp.h>

#include <utility>
#include <vector>

#include "runtime/transport/udp_link.hpp"

namespace algean {
namespace {

using testing::HasSubstr;

TEST(Udp, AddressesAreToldFromNames) {
  EXPECT_TRUE(is_udp_address("host:1"));
  EXPECT_FALSE(is_udp_address("my_deployment"));
}

TEST(Udp, AListenersLinksLeaveFromItsPort) {
  const auto one = listen_udp();
  const auto two = listen_udp();
  ASSERT_TRUE(one && two);
  const auto link = (*one)->dial((*two)->address());
  ASSERT_TRUE(link) << link.error().message;
  const std::vector<std::byte> bytes(9, std::byte{7});
  ASSERT_EQ((*link)->send(bytes), Transfer::done);
  std::vector<std::byte> buffer(receive_buffer_bytes);
  Peer from;
  (*two)->wait(1'000'000'000);
  ASSERT_EQ((*two)->receive(buffer, from).bytes, bytes.size());
  const auto back = (*two)->connect(from);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ((*back)->peer(), (*one)->address());
}

TEST(Udp, PortInUseIsAnErrorAlsoAmongOurs) {
  const auto first = listen_udp();
  ASSERT_TRUE(first) << first.error().message;
  const auto address = UdpAddress::parse((*first)->address());
  const auto second = listen_udp(*address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, fmt::format("cannot listen on {}: Address already in use", address->text()));
}

TEST(Udp, PortIsFreeAgainAtOnce) {
  auto first = listen_udp();
  ASSERT_TRUE(first);
  const auto address = UdpAddress::parse((*first)->address());
  first->reset();
  EXPECT_TRUE(listen_udp(*address));
}

TEST(Udp, DatagramsFillThePathsMtu) {
  const auto listener = listen_udp();
  ASSERT_TRUE(listener);
  const auto link = connect_udp(*UdpAddress::parse((*listener)->address()));
  ASSERT_TRUE(link);
  EXPECT_GE((*link)->max_datagram_bytes(), 1472U);  // loopback's MTU may be set lower than its usual 65536
  EXPECT_LE((*link)->max_datagram_bytes(), 65507U);
  std::vector<std::byte> bytes((*link)->max_datagram_bytes(), std::byte{7});
  EXPECT_EQ((*link)->send(bytes), Transfer::done);
  std::vector<std::byte> buffer(65536);
  Peer from;
  (*listener)->wait(1'000'000'000);
  EXPECT_EQ((*listener)->receive(buffer, from).bytes, bytes.size());
}

// Both ends of a link, over sockets that a test may change.
struct Ends {
  Ends() : to(make_udp_socket({}).value()), from(make_udp_socket({}).value()) {
    EXPECT_TRUE(bind_to(to, {0x7f000001, 0}));
    EXPECT_TRUE(bind_to(from, {0x7f000001, 0}));
    for (const auto& [socket, peer] : {std::pair{&to, &from}, {&from, &to}}) {
      const sockaddr_in address = to_system(bound_address(*peer).value());
      EXPECT_EQ(::connect(socket->get(), disguise(address), sizeof(address)), 0);
    }
  }
  static std::unique_ptr<Transport> link(Descriptor& socket) {
    return UdpLink::make(std::move(socket), {}, {}, nullptr).value();
  }
  Descriptor to;
  Descriptor from;
};

// Sizes of what `link` receives until nothing more comes; each Received in brackets.
std::string receive_all(Transport& link) {
  std::vector<std::byte> buffer(receive_buffer_bytes);
  std::string sizes;
  for (Received got = link.receive(buffer); got.result == Transfer::done; got = link.receive(buffer)) {
    sizes += '(';
    for (auto rest = std::span<const std::byte>(buffer).first(got.bytes); !rest.empty();) {
      sizes += fmt::format(" {}", next_datagram(rest, got.segment_bytes).size());
    }
    sizes += ')';
  }
  return sizes;
}

TEST(Udp, SegmentsTravelTogetherOnceSomeCameInARow) {
  Ends ends;
  if (!set_option(ends.from.get(), SOL_UDP, UDP_GRO, 0)) GTEST_SKIP() << "this kernel has no UDP_GRO";
  const auto from = Ends::link(ends.from);
  const auto to = Ends::link(ends.to);
  const std::vector<std::byte> bytes(1000);
  std::size_t sent_bytes = 0;
  ASSERT_EQ(from->send_segments(bytes, 120, sent_bytes), Transfer::done);
  EXPECT_EQ(receive_all(*to), "( 120)( 120)( 120)( 120)( 120)( 120)( 120)( 120)( 40)");
  ASSERT_EQ(from->send_segments(bytes, 300, sent_bytes), Transfer::done);
  ASSERT_EQ(from->send(bytes), Transfer::done);
  EXPECT_EQ(receive_all(*to), "( 300 300 300 100)( 1000)");
}

TEST(Udp, SendsOneByOneWhereTheKernelWillNotSegment) {
  Ends ends;
  ASSERT_TRUE(set_option(ends.from.get(), SOL_SOCKET, SO_NO_CHECK, 1));  // no checksums, no segmentation
  const auto from = Ends::link(ends.from);
  const auto to = Ends::link(ends.to);
  const std::vector<std::byte> bytes(700);
  std::size_t sent_bytes = 0;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(from->send_segments(bytes, 300, sent_bytes), Transfer::done);
    EXPECT_EQ(sent_bytes, 700U);
    EXPECT_EQ(receive_all(*to), "( 300)( 300)( 100)");
  }
}

TEST(Udp, RefusesTinyDatagrams) {
  UdpOptions options;
  options.max_datagram_bytes = 127;
  EXPECT_EQ(listen_udp({0x7f000001, 0}, options).error().message, "datagrams of 127 bytes: at least 128 are needed");
  EXPECT_EQ(make_udp_dialler(options).error().message, "datagrams of 127 bytes: at least 128 are needed");
  EXPECT_EQ(connect_udp({0x7f000001, 9}, options).error().message, "datagrams of 127 bytes: at least 128 are needed");
}

TEST(Udp, ForeignAddressIsNamed) {
  const auto listener = listen_udp({0x01010101, 0});
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("cannot listen on 1.1.1.1:0: Cannot assign requested address"));
}

}  // namespace
}  // namespace algean
