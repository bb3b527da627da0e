#include "runtime/engine/description.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace algean {
namespace {

using testing::HasSubstr;

Description example() {
  return {"anomalies",
          "0.1.0",
          16,
          60000,
          2 << 20,
          5,
          {{"x", {ElementType::int8(Quantisation::per_tensor(0.5, -128)), Shape({12, 23, 1})}, ExternalForm::float32},
           {"mask", {ElementType::integer(3, false), Shape({})}, ExternalForm::integer}},
          {{"y", {ElementType::float32(), Shape({276})}, ExternalForm::float32},
           {"z", {ElementType::int32(Quantisation::per_tensor(1e-9, 7)), Shape({1})}, ExternalForm::integer}},
          {{"a", ""}, {"b", "10.0.0.2:4000"}},
          {{{0, 1, 0}, {1, 3, 2}}, {{1, 2, 255}}},
          {1, 0}};
}

TEST(Description, RoundTrips) {
  const auto again = decode_description(encode(example()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, example());
}

TEST(Description, EveryPrefixIsRefusedWithItsByte) {
  const auto bytes = encode(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto result = decode_description(std::span(bytes).first(size));
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(result.error().message, HasSubstr("description of the ports, byte "));
  }
  EXPECT_EQ(decode_description({}).error().message, "description of the ports, byte 0: ends before the version");
  auto longer = bytes;
  longer.push_back({});
  EXPECT_EQ(decode_description(longer).error().message,
            fmt::format("description of the ports, byte {}: more follows", bytes.size()));
}

TEST(Description, SurvivesMutation) {
  Random random(8);
  const auto bytes = encode(example());
  std::size_t refused = 0;
  for (int i = 0; i < 20000; ++i) {
    auto mutated = bytes;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      mutated[random.below(mutated.size())] = static_cast<std::byte>(random.next());
    }
    const auto result = decode_description(mutated);
    if (!result) {
      ++refused;
      continue;
    }
    EXPECT_TRUE(check_ports("input", result->inputs));  // whatever is accepted can be served and encoded again
    EXPECT_EQ(decode_description(encode(*result)), *result);
  }
  EXPECT_GT(refused, 1000U);
}

struct Twin {
  std::size_t byte;
  unsigned value;
  std::string message;
};

TEST(Description, BadValuesAreNamed) {
  // Offsets: header 14, "anomalies" 2+9, "0.1.0" 2+5; 2 nodes 2, "a" 2+1, "" 2, "b" 2+1, address 2+13; counts 4; port
  // "x": name 61..63, kind 64, bits 65, form 66, quantised 67, scale 68..75, zero point 76..79, rank 80,
  // extents 81..104, 2 destinations 105..106, of 5 bytes each.
  const std::vector<Twin> twins{
      {0, 3, "version 3, known is 2"},
      {2, 0, "max_in_flight is 0"},
      {16, 7, "the deployment's name has a control character"},
      {36, 7, "a node's name has a control character"},
      {64, 3, "kind 3 is none of 0, 1, 2"},
      {64, 0, "float of 8 bits"},
      {65, 0, "0 bits are not 1 to 32"},
      {65, 33, "33 bits are not 1 to 32"},
      {66, 2, "form 2 is neither 0 nor 1"},
      {67, 2, "2 is neither 0 nor 1"},
      {75, 0xff, "scale -"},
      {79, 0x7f, "zero point 2147483520 is outside int8"},
      {80, 9, "9 axes, at most 8 are accepted"},
      {81, 0, "extent"},
      {107, 2, "input \"x\" goes to node 2, there are 2"},
      {109, 0, "input \"x\" goes to the client"},
  };
  for (const Twin& twin : twins) {
    auto bytes = encode(example());
    ASSERT_EQ(static_cast<char>(bytes[63]), 'x');
    bytes[twin.byte] = static_cast<std::byte>(twin.value);
    const auto result = decode_description(bytes);
    ASSERT_FALSE(result) << twin.message;
    EXPECT_THAT(result.error().message, HasSubstr(twin.message));
  }
}

TEST(Description, PortsThatCannotBeServedAreNamed) {
  const auto message = [](const std::vector<Port>& ports) {
    const auto result = check_ports("input", ports);
    return result ? std::string("accepted") : result.error().message;
  };
  const Port good{"a", {ElementType::int8(Quantisation::per_tensor(1, 0)), Shape({4})}, ExternalForm::float32};
  EXPECT_EQ(message({good}), "accepted");
  EXPECT_EQ(message({}), "no inputs");
  EXPECT_EQ(message({good, good}), "input \"a\" is there twice");
  Port bad = good;
  bad.type.element = ElementType::int8();
  EXPECT_EQ(message({bad}), "input \"a\": has form float32 but int8 has no quantisation");
  bad.type.element = ElementType::int8(Quantisation{{1, 2, 3, 4}, {0, 0, 0, 0}, 0});
  EXPECT_EQ(message({bad}), "input \"a\": is quantised per channel");
  bad = good;
  bad.type.shape = Shape({1 << 30, 2});
  EXPECT_EQ(message({bad}), "input \"a\": 2147483648 bytes, at most 1073741824 can be served");
  std::vector<Port> many;
  for (int i = 0; i < 256; ++i) {
    many.push_back(good);
    many.back().name = std::to_string(i);
  }
  EXPECT_EQ(message(many), "256 inputs, at most 255 can be served");
}

TEST(Description, PlacesThatDoNotFitAreNamed) {
  const auto message = [](auto change) {
    Description description = example();
    change(description);
    const auto result = check_places(description);
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_EQ(message([](Description&) {}), "accepted");
  EXPECT_EQ(message([](Description& d) { d.nodes.clear(); }), "0 nodes, must be 1 to 4096");
  EXPECT_EQ(message([](Description& d) { d.output_nodes.pop_back(); }),
            "places of 2 inputs and 1 outputs, but there are 2 and 2");
  EXPECT_EQ(message([](Description& d) { d.destinations[1].clear(); }), "input \"mask\" goes nowhere");
  EXPECT_EQ(message([](Description& d) { d.output_nodes[1] = 2; }), "output \"z\" comes from node 2, there are 2");
}

}  // namespace
}  // namespace algean
