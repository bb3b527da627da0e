#include "cluster/control/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace algean::cluster {
namespace {

using testing::HasSubstr;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(ControlMessage, ErrorsTravelWithTheirKind) {
  for (const ErrorKind kind : {ErrorKind::failed, ErrorKind::bad_input, ErrorKind::deadline}) {
    const auto error = error_of(error_reply({kind, "not so: \xff"}));
    ASSERT_FALSE(error);
    EXPECT_EQ(error.error().kind, kind);
    EXPECT_EQ(error.error().message, "not so: \xff");
  }
  control::Reply unknown;
  unknown.mutable_error()->set_kind(9);
  EXPECT_EQ(error_of(unknown).error().kind, ErrorKind::failed);
  EXPECT_TRUE(error_of(control::Reply()));
}

TEST(ControlMessage, EveryCallHasANameAndAResultOfItsNumber) {
  control::Request request;
  EXPECT_EQ(call_name(request), "nothing");
  std::vector<std::string> names;
  for (unsigned field = 16; field <= 25; ++field) {
    // An empty message in that field: tag (field << 3 | 2) as a varint, length 0.
    const std::string bytes{static_cast<char>(0x80U | ((field << 3U | 2U) & 0x7fU)),
                            static_cast<char>(field << 3U >> 7U), '\0'};
    request = parse_request(bytes_of(bytes)).value();
    names.emplace_back(call_name(request));
    EXPECT_EQ(static_cast<unsigned>(parse_reply(bytes_of(bytes)).value().result_case()), field);
  }
  EXPECT_THAT(names, testing::ElementsAre("hello", "load", "connect", "start", "status", "commit", "stop", "log", "tap",
                                          "taps"));
}

TEST(ControlMessage, TruncatedOneIsNone) {
  control::Request request;
  request.set_version(control_version);
  request.set_id(77);
  request.mutable_load()->mutable_part()->set_deployment("quick");
  request.mutable_load()->add_files()->set_data(std::string(100, 'x'));
  const std::string whole = request.SerializeAsString();
  ASSERT_TRUE(parse_request(bytes_of(whole)));
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    refused += parse_request(bytes_of(whole).first(size)) ? 0U : 1U;
  }
  EXPECT_GT(refused, 100U) << "all but the boundaries of fields";
  const auto half = parse_request(bytes_of(whole).first(whole.size() / 2));
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(half.error().message, HasSubstr("are no request of control version 1"));
}

TEST(ControlMessage, RandomBytesAreParsedOrRefused) {
  Random random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random.below(200), ' ');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    if (const auto request = parse_request(bytes_of(bytes))) {
      EXPECT_FALSE(call_name(*request).empty());
    }
  }
}

TEST(ControlMessage, Addresses) {
  for (const auto* good : {"tcp://127.0.0.1:4000", "tcp://host:*", "ipc:///tmp/agent", "tcp://*:0"}) {
    EXPECT_TRUE(check_control_address(good)) << good;
  }
  for (const auto* bad : {"", "tcp://", "tcp://host", "tcp://:80", "tcp://host:", "ipc://", "udp://host:1",
                          "inproc://a", "127.0.0.1:4000"}) {
    const auto result = check_control_address(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
  }
  EXPECT_TRUE(is_local_control_address("tcp://127.0.0.1:4000"));
  EXPECT_TRUE(is_local_control_address("tcp://localhost:4000"));
  EXPECT_TRUE(is_local_control_address("ipc://x"));
  EXPECT_FALSE(is_local_control_address("tcp://*:4000"));
  EXPECT_FALSE(is_local_control_address("tcp://10.0.0.1:4000"));
}

TEST(ControlMessage, PartAsText) {
  control::PartId part;
  part.set_deployment("quick");
  part.set_epoch(0xabcdef);
  part.set_node(2);
  EXPECT_EQ(to_text(part), "quick/0000000000abcdef/2");
}

}  // namespace
}  // namespace algean::cluster
