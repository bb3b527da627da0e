#include "runtime/transport/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace algean {
namespace {

TEST(SocketAddress, ParsesAndPrints) {
  for (const std::string_view text : {"127.0.0.1:4000", "udp://127.0.0.1:4000"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(*address, (SocketAddress{0x7f000001, 4000}));
    EXPECT_EQ(address->text(), "127.0.0.1:4000");
    EXPECT_TRUE(address->is_loopback());
  }
  EXPECT_EQ(SocketAddress::parse("localhost:0")->text(), "127.0.0.1:0");
  EXPECT_FALSE(SocketAddress::parse("10.1.2.3:65535")->is_loopback());
  EXPECT_EQ(SocketAddress::parse("tcp://1.2.3.4:5", "tcp")->text(), "1.2.3.4:5");
  EXPECT_EQ(SocketAddress::parse("1.2.3.4:5", "tcp")->text(), "1.2.3.4:5");
}

TEST(SocketAddress, RefusesOthers) {
  for (const std::string_view text :
       {"", ":", "127.0.0.1", ":4000", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:4000x",
        "127.0.0.1: 4000", "tcp://127.0.0.1:4000", "udp:127.0.0.1:4000", "a b:1", "::1:80"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(address.error().message, fmt::format("address \"{}\": must be HOST:PORT, PORT 0 to 65535", text));
  }
}

TEST(SocketAddress, SchemeIsUdpUnlessStated) {
  EXPECT_EQ(scheme_of("127.0.0.1:4000"), "udp");
  EXPECT_EQ(scheme_of("tcp://127.0.0.1:4000"), "tcp");
  EXPECT_EQ(scheme_of("loopback://a"), "loopback");
  EXPECT_EQ(scheme_of("://a"), "");
}

}  // namespace
}  // namespace algean
