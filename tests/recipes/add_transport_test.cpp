// The recipe "add a transport" of runtime/transport/README.md: its transport through the conformance suite.
#include "runtime/transport/counted.hpp"
// NOLINTBEGIN(bugprone-suspicious-include): the suites, to be instantiated
#include "tests/conformance/dialler_suite.cpp"
#include "tests/conformance/transport_suite.cpp"
// NOLINTEND(bugprone-suspicious-include)

namespace algean::conformance {
namespace {

Network make_counted() {
  const auto counts = std::make_shared<Counts>();
  Network inner = make_loopback();
  return {[counts, listen = inner.listen] { return std::make_unique<CountedListener>(listen(), *counts); },
          std::make_unique<CountedDialler>(std::move(inner.dialler), *counts)};
}

INSTANTIATE_TEST_SUITE_P(Recipe, TransportSuite, testing::Values(Kind{"counted", make_counted}), name_of);
INSTANTIATE_TEST_SUITE_P(Recipe, DiallerSuite, testing::Values(Kind{"counted", make_counted}), name_of);

TEST(Recipe, CountsWhatWasSent) {
  Counts counts;
  const Network network = make_loopback();
  CountedTransport link(network.connect(), counts);
  EXPECT_EQ(link.send(pattern(100, 1)), Transfer::done);
  EXPECT_EQ(link.send(pattern(small_mtu + 1, 1)), Transfer::oversized);
  EXPECT_EQ(counts.datagrams, 1U);
  EXPECT_EQ(counts.bytes, 100U);
}

}  // namespace
}  // namespace algean::conformance
