#include "runtime/transport/schemes.hpp"

#include <gtest/gtest.h>

namespace algean {
namespace {

TEST(Schemes, ListenByTheirNames) {
  EXPECT_EQ(scheme_of(listen("127.0.0.1:0").value()->address()), "udp");
  EXPECT_EQ(scheme_of(listen("udp://127.0.0.1:0").value()->address()), "udp");
  EXPECT_TRUE(listen("tcp://127.0.0.1:0").value()->address().starts_with("tcp://127.0.0.1:"));
}

TEST(Schemes, OthersAreRefused) {
  const auto other = listen("pigeon://127.0.0.1:0");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(other.error().message, "address \"pigeon://127.0.0.1:0\": \"pigeon\" is none of udp, tcp, udp+tcp");
  EXPECT_EQ(listen("udp+tcp://127.0.0.1").error().kind, ErrorKind::bad_input);
}

TEST(Schemes, BothTakeTheSamePort) {
  const auto both = listen("udp+tcp://127.0.0.1:0").value();
  const std::string address = both->address();
  for (const std::string_view scheme : {"udp", "tcp", "udp+tcp"}) {
    const auto second = listen(fmt::format("{}://{}", scheme, address));
    ASSERT_FALSE(second) << scheme;
    EXPECT_EQ(second.error().message, fmt::format("cannot listen on {}: Address already in use", address));
  }
}

TEST(Schemes, BothNeedTheirPortFreeForBoth) {
  const auto tcp = listen("tcp://127.0.0.1:0").value();
  const std::string address = tcp->address().substr(6);
  EXPECT_FALSE(listen("udp+tcp://" + address));
  EXPECT_TRUE(listen("udp://" + address));  // is not kept by the one that failed
}

}  // namespace
}  // namespace algean
