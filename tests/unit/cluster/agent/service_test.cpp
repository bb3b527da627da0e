// An agent at an address, asked over ZeroMQ.
#include "cluster/agent/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "cluster/control/client.hpp"
#include "runtime/transport/udp.hpp"
#include "tests/unit/cluster/agent/fixture.hpp"
#include "tests/unit/cluster/agent/serving.hpp"
#include "tests/unit/cluster/control/raw_peer.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::StartsWith;

class ServiceTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<ControlClient> controller(const Serving& serving) const {
    return ControlClient::connect("a", serving.address(), {"0.1.0"}, clock_).value();
  }
  static std::string run(ControlClient& controller, const Shipment& shipment, std::uint64_t epoch = 1) {
    const auto loaded = controller.call(load_request(shipment, epoch), minute);
    if (!loaded) return loaded.error().message;
    const auto id = part_id(shipment.bundle, epoch);
    EXPECT_TRUE(controller.call(connect_request(id, {loaded->load().address()}), minute));
    EXPECT_TRUE(controller.call(start_request(id), minute));
    return loaded->load().address();
  }
  static int parts(ControlClient& controller) {
    control::Request hello;
    hello.mutable_hello();
    return controller.call(hello, minute)->hello().parts_size();
  }

  SteadyClock clock_;
};

TEST_F(ServiceTest, DeploysOverTheControlPlane) {
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const Serving serving;
  auto controller = this->controller(serving);
  EXPECT_TRUE(answers(run(*controller, shipment), graph));
  EXPECT_TRUE(controller->call(commit_request(part_id(shipment.bundle)), minute));
  EXPECT_TRUE(controller->call(stop_request(part_id(shipment.bundle)), minute)->stop().was_there());
  EXPECT_FALSE(controller->call(stop_request(part_id(shipment.bundle)), minute)->stop().was_there());
}

TEST_F(ServiceTest, SpeedIsMeasuredOnce) {
  const Serving serving;
  auto controller = this->controller(serving);
  control::Request hello;
  hello.mutable_hello()->set_measure_speed(true);
  const double speed = controller->call(hello, minute)->hello().speed_gmacs();
  EXPECT_GT(speed, 0);
  hello.mutable_hello()->set_measure_speed(false);
  EXPECT_EQ(controller->call(hello, minute)->hello().speed_gmacs(), speed);
}

TEST_F(ServiceTest, PartOutlivesItsControllerOnceItIsCommitted) {
  const auto graph = small_network();
  const Shipment kept = one_node(graph, "kept");
  const Shipment lost = one_node(graph, "lost");
  AgentOptions options;
  options.lease_ns = 500 * ms;
  const Serving serving(options);
  std::string kept_at;
  std::string lost_at;
  {
    auto dying = controller(serving);
    kept_at = run(*dying, kept);
    ASSERT_TRUE(dying->call(commit_request(part_id(kept.bundle)), minute));
    lost_at = run(*dying, lost);
  }
  auto other = controller(serving);
  while (parts(*other) > 1) std::this_thread::yield();  // nobody renews the lease
  EXPECT_TRUE(answers(kept_at, graph));
  EXPECT_TRUE(listen_udp(UdpAddress::parse(lost_at).value())) << "its port is free again";
}

TEST_F(ServiceTest, TwoControllersAtOnce) {
  const auto first = small_network(1);
  const auto second = small_network(2);
  const Serving serving;
  std::string one;
  std::string two;
  std::vector<std::string> clashes(2);
  {
    const auto deploy = [&](const kernels::Graph& graph, const std::string& name, std::uint64_t epoch, std::string& at,
                            std::string& clash) {
      auto controller = this->controller(serving);
      at = run(*controller, one_node(graph, name), epoch);
      clash = run(*controller, one_node(graph, "same"), epoch);
    };
    const std::jthread left([&] { deploy(first, "one", 11, one, clashes[0]); });
    const std::jthread right([&] { deploy(second, "two", 22, two, clashes[1]); });
  }
  EXPECT_TRUE(answers(one, first));
  EXPECT_TRUE(answers(two, second));
  EXPECT_THAT(clashes, testing::Contains(HasSubstr("a deployment `same` runs here already")).Times(1));
}

TEST_F(ServiceTest, WrongHashAndLateLoadAreNamed) {
  const Serving serving;
  auto controller = this->controller(serving);
  Shipment shipment = one_node(small_network());
  shipment.files[0].back() ^= 1;
  const auto wrong = controller->call(load_request(shipment), minute);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(wrong.error().message, StartsWith("agent a at tcp://127.0.0.1:"));
  EXPECT_THAT(wrong.error().message, HasSubstr("kernel 1: file 'kernel_1.graph' has SHA-256 "));
  EXPECT_EQ(parts(*controller), 0);
}

TEST_F(ServiceTest, GarbageDoesNoHarm) {
  AgentOptions options;
  options.max_load_bytes = 1 << 20;
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const Serving serving(options);
  auto controller = this->controller(serving);
  const std::string address = run(*controller, shipment);
  RawPeer garbage(zmq::socket_type::dealer);
  garbage.connect(serving.address());
  Random random(2);
  const std::string whole = load_request(shipment, 2).SerializeAsString();
  for (int round = 0; round < 300; ++round) {
    std::string bytes =
        round % 2 == 0 ? std::string(1 + random.below(300), ' ') : whole.substr(0, random.below(whole.size()));
    for (std::size_t at = 0; round % 2 == 0 && at < bytes.size(); ++at) bytes[at] = static_cast<char>(random.next());
    garbage.send({bytes});
  }
  RawPeer large(zmq::socket_type::dealer);
  large.connect(serving.address()).send({std::string(10 << 20, 'x')});
  control::Request status = status_request(part_id(shipment.bundle));
  EXPECT_TRUE(controller->call(status, minute));
  EXPECT_TRUE(answers(address, graph));
}

TEST_F(ServiceTest, PortInUse) {
  const Serving serving;
  const auto second = AgentService::listen(serving.address(), {}, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, serving.address() + ": cannot listen: Address already in use");
}

}  // namespace
}  // namespace algean::cluster
