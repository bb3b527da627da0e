// Bundles that an agent must not run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/transport/udp.hpp"
#include "tests/unit/cluster/agent/fixture.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class AgentLoad : public testing::Test {
 protected:
  // What loading it says; nothing of it stays.
  std::string refused(const control::Request& request, ErrorKind kind = ErrorKind::bad_input) {
    const control::Reply reply = agent_.call(request);
    EXPECT_TRUE(reply.has_error());
    EXPECT_EQ(reply.error().kind(), static_cast<unsigned>(kind)) << reply.error().message();
    EXPECT_EQ(agent_->parts(), 0U);
    return reply.error().message();
  }
  std::string refused() { return refused(load_request(shipment_)); }
  BundleKernel& kernel() { return shipment_.bundle.kernels[0]; }
  // The changed file, with the size and hash that it has now.
  void rehash() {
    kernel().bytes = shipment_.files[0].size();
    kernel().sha256 = sha256_hex(std::as_bytes(std::span(shipment_.files[0])));
  }

  TestAgent agent_;
  Shipment shipment_ = one_node(small_network());
};

TEST_F(AgentLoad, WrongHash) {
  shipment_.files[0].back() ^= 1;
  EXPECT_THAT(refused(), StartsWith("kernel 1: file 'kernel_1.graph' has SHA-256 "));
}

TEST_F(AgentLoad, WrongSize) {
  shipment_.files[0].pop_back();
  EXPECT_THAT(refused(), StartsWith("kernel 1: file 'kernel_1.graph' has "));
}

TEST_F(AgentLoad, TruncatedBundle) {
  auto load = load_request(shipment_);
  const std::string text = load.load().bundle();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 3}) {
    load.mutable_load()->set_bundle(text.substr(0, size));
    EXPECT_THAT(refused(load), StartsWith("node.json")) << size;
  }
}

TEST_F(AgentLoad, TruncatedGraph) {
  shipment_.files[0].resize(shipment_.files[0].size() / 2);
  rehash();
  EXPECT_THAT(refused(), StartsWith("kernel 1: kernel_1.graph"));
}

TEST_F(AgentLoad, GraphOfTheFuture) {
  ASSERT_EQ(shipment_.files[0].substr(0, 15), "algean-graph 1\n");
  shipment_.files[0][13] = '2';
  rehash();
  EXPECT_THAT(refused(), StartsWith("kernel 1: kernel_1.graph"));
}

TEST_F(AgentLoad, FilesThatDoNotFitTheBundle) {
  auto load = load_request(shipment_);
  load.mutable_load()->mutable_files(0)->set_name("../kernel_1.graph");
  EXPECT_EQ(refused(load), "kernel 1: file 'kernel_1.graph' did not come");
  load = load_request(shipment_);
  load.mutable_load()->clear_files();
  EXPECT_EQ(refused(load), "kernel 1: file 'kernel_1.graph' did not come");
  load = load_request(shipment_);
  *load.mutable_load()->add_files() = load.load().files(0);
  EXPECT_EQ(refused(load), "file 'kernel_1.graph' came twice");
  load.mutable_load()->mutable_files(1)->set_name("other");
  EXPECT_EQ(refused(load), "file 'other' came, which the bundle does not name");
}

TEST_F(AgentLoad, BundleOfAnotherPart) {
  auto load = load_request(shipment_);
  load.mutable_load()->mutable_part()->set_node(1);
  EXPECT_EQ(refused(load), "the bundle is for node 0 of `quick`, not for quick/0000000000000001/1");
  load.mutable_load()->mutable_part()->set_node(0);
  load.mutable_load()->mutable_part()->set_deployment("slow");
  EXPECT_EQ(refused(load), "the bundle is for node 0 of `quick`, not for slow/0000000000000001/0");
}

TEST_F(AgentLoad, PortsThatDoNotFitTheNetwork) {
  Shipment wide = one_node(kernels::testing::dense_network(kernels::library(), {7, 9, 4}, 5));
  wide.bundle.kernels = {};
  wide.files = {};
  wide.add_file(small_network(), shipment_.bundle.kernels[0]);
  EXPECT_THAT(refused(load_request(wide)), StartsWith("kernel 1: input `x` is int8"));
  wide = one_node(kernels::testing::dense_network(kernels::library(), {6, 9, 5}, 5));
  wide.bundle.kernels = {};
  wide.files = {};
  wide.add_file(small_network(), shipment_.bundle.kernels[0]);
  EXPECT_THAT(refused(load_request(wide)), StartsWith("kernel 1: output `y` is int8"));
  wide = shipment_;
  wide.bundle.inputs[0].destinations[0].port = 3;
  EXPECT_EQ(refused(load_request(wide)), "kernel 1: input `x` goes to port 3, which it lacks");
  wide = shipment_;
  wide.bundle.outputs.push_back(wide.bundle.outputs[0]);
  wide.bundle.outputs[1].port.name = "z";
  wide.bundle.kernels[0].routes.push_back({{0, 1}});
  EXPECT_EQ(refused(load_request(wide)), "kernel 1: it makes 1 tensors, but has routes for 2");
}

TEST_F(AgentLoad, PortInUse) {
  const auto taken = listen_udp({0x7f000001, 0}).value();
  shipment_.bundle.listen = taken->address();
  const std::string message = refused(load_request(shipment_), ErrorKind::failed);
  EXPECT_THAT(message, HasSubstr(taken->address()));
  EXPECT_THAT(message, HasSubstr("in use"));
}

TEST_F(AgentLoad, CoreThatIsNotThere) {
  shipment_.bundle.cores = "1023";
  EXPECT_EQ(refused(), "cores `1023`: this process may not use core 1023");
}

TEST_F(AgentLoad, TooLarge) {
  AgentOptions options;
  options.max_load_bytes = 1000;
  TestAgent small(options);
  auto load = load_request(shipment_);
  load.mutable_load()->set_bundle(std::string(1001, ' '));
  EXPECT_THAT(small.error(load), EndsWith(" bytes, this agent takes 1000"));
}

TEST_F(AgentLoad, AddressThatOthersReach) {
  AgentOptions options;
  options.loopback_only = true;
  TestAgent careful(options);
  shipment_.bundle.listen = "0.0.0.0:0";
  EXPECT_EQ(careful.error(load_request(shipment_)),
            "listen: 0.0.0.0:0 is no loopback address, and this agent listens on loopback only");
  EXPECT_TRUE(agent_.call(load_request(shipment_)).has_load());
}

}  // namespace
}  // namespace algean::cluster
