#include "cluster/agent/configure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cluster/agent/fixture.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;

Engines engines_of(const Shipment& shipment) {
  auto engines = compile_bundle({shipment.bundle, shipment.files}, false, {});
  EXPECT_TRUE(engines) << engines.error().message;
  return *std::move(engines);
}

TEST(ConfigureNode, LowerNodeDialsAndHomeIsKnown) {
  const auto shipments = two_nodes(small_network());
  const NodeAddresses addresses{{0, "127.0.0.1:10"}, {1, "127.0.0.1:11"}};
  const auto a_engines = engines_of(shipments[0]);
  const auto a = configure_node(shipments[0].bundle, 77, a_engines, addresses, "0.1.0").value();
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.epoch, 77U);
  ASSERT_EQ(a.kernels.size(), 1U);
  EXPECT_EQ(a.kernels[0].id, 1);
  EXPECT_EQ(a.kernels[0].engine, a_engines[0].get());
  EXPECT_EQ(a.kernels[0].routes, shipments[0].bundle.kernels[0].routes);
  ASSERT_EQ(a.peers.size(), 1U);
  EXPECT_EQ(a.peers[0].name, "b");
  EXPECT_EQ(a.peers[0].kernels, std::vector<std::uint16_t>{2});
  EXPECT_EQ(a.peers[0].address, "udp://127.0.0.1:11");
  EXPECT_TRUE(a.peers[0].dial);
  EXPECT_EQ(a.peers[0].mtu, 1500U);
  EXPECT_FALSE(a.home_peer) << "it is home itself";

  const auto b_engines = engines_of(shipments[1]);
  const auto b = configure_node(shipments[1].bundle, 77, b_engines, addresses, "0.1.0").value();
  EXPECT_FALSE(b.peers[0].dial);
  EXPECT_EQ(b.home_peer, std::size_t{0});
  EXPECT_EQ(b.description, a.description) << "whomever a client asks";
  EXPECT_EQ(b.description.deployment, "quick");
  EXPECT_EQ(b.description.node_version, "0.1.0");
  EXPECT_EQ(b.description.max_in_flight, 4U);
  ASSERT_EQ(b.description.nodes.size(), 2U);
  EXPECT_EQ(b.description.nodes[0], (DescribedNode{"a", "127.0.0.1:10"}));
  EXPECT_EQ(b.description.destinations[0], (std::vector<InputDestination>{{0, 1, 0}}));
  EXPECT_EQ(b.description.output_nodes, std::vector<std::uint16_t>{1});
}

TEST(ConfigureNode, MissingAddressIsNamed) {
  const auto shipments = two_nodes(small_network());
  const auto engines = engines_of(shipments[0]);
  const auto none = configure_node(shipments[0].bundle, 77, engines, {{0, "127.0.0.1:10"}}, "0.1.0");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(none.error().message, "node 1 (`b`) has no address");
  const auto own = configure_node(shipments[0].bundle, 77, engines, {{1, "127.0.0.1:11"}}, "0.1.0");
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().message, "node 0 (`a`) has no address");
  const auto name = configure_node(shipments[0].bundle, 77, engines, {{0, "127.0.0.1:10"}, {1, "b:11"}}, "0.1.0");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().message, "node 1 (`b`): `b:11` is no address in numbers") << "nobody waits for a name server";
}

TEST(ConfigureNode, LinksGoByTheirTransport) {
  auto shipment = two_nodes(small_network())[0];
  EXPECT_EQ(listen_address(shipment.bundle, true).value(), "udp://127.0.0.1:0");
  shipment.bundle.peers[0].transport = "tcp";
  EXPECT_EQ(listen_address(shipment.bundle, true).value(), "udp+tcp://127.0.0.1:0") << "clients come by udp";
  shipment.bundle.listen = "tcp://127.0.0.1:0";
  EXPECT_EQ(listen_address(shipment.bundle, true).value(), "tcp://127.0.0.1:0") << "or as it says";
  const auto engines = engines_of(shipment);
  for (const auto* address : {"127.0.0.1:11", "udp://127.0.0.1:11", "tcp://127.0.0.1:11"}) {
    const NodeAddresses addresses{{0, "127.0.0.1:10"}, {1, address}};
    const auto config = configure_node(shipment.bundle, 77, engines, addresses, "0.1.0").value();
    EXPECT_EQ(config.peers[0].address, "tcp://127.0.0.1:11");
    EXPECT_EQ(config.description.nodes[1].address, address) << "a client's way is another's business";
  }
}

TEST(ConfigureNode, OptionsAreTheBundles) {
  Bundle bundle = one_node(small_network()).bundle;
  bundle.poll = "spin";
  bundle.polling_threads = 3;
  bundle.max_clients = 9;
  bundle.inference_deadline_ms = 250;
  const auto options = node_options(bundle).value();
  EXPECT_EQ(options.poll, Poll::spin);
  EXPECT_EQ(options.polling_threads, 3U);
  EXPECT_EQ(options.max_clients, 9);
  EXPECT_EQ(options.partial_timeout_ns, 250 * ms);
}

TEST(CompileBundle, RouteBetweenItsKernelsFitsBoth) {
  const auto halves = two_nodes(small_network());
  Shipment both = halves[0];
  both.bundle.kernels.push_back(halves[1].bundle.kernels[0]);
  both.files.push_back(halves[1].files[0]);
  both.bundle.places = {{1, 0}, {2, 0}};
  both.bundle.peers.clear();
  both.bundle.client_nodes.resize(1);
  ASSERT_TRUE(check(both.bundle)) << check(both.bundle).error().message;
  EXPECT_EQ(engines_of(both).size(), 2U);
  const auto wide = two_nodes(kernels::testing::dense_network(kernels::library(), {6, 8, 4}, 5));
  both.bundle.kernels[1] = wide[1].bundle.kernels[0];
  both.files[1] = wide[1].files[0];
  const auto engines = compile_bundle({both.bundle, both.files}, false, {});
  ASSERT_FALSE(engines);
  EXPECT_THAT(engines.error().message, testing::StartsWith("kernel 1: port 0 makes int8"));
}

TEST(CompileBundle, StopsBetweenKernels) {
  const Shipment shipment = one_node(small_network());
  std::stop_source stop;
  stop.request_stop();
  const auto engines = compile_bundle({shipment.bundle, shipment.files}, false, stop.get_token());
  ASSERT_FALSE(engines);
  EXPECT_EQ(engines.error().message, "it was given up");
}

}  // namespace
}  // namespace algean::cluster
