#include "runtime/transport/udp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

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
