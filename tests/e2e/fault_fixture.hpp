// Three nodes a, b and c with a layer each, and what stands in a deploy's way.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "cluster/control/client.hpp"
#include "cluster/control/server.hpp"
#include "runtime/base/descriptor.hpp"
#include "tests/e2e/clusters.hpp"
#include "tests/e2e/networks.hpp"

namespace algean::e2e {

inline constexpr std::int64_t minute_ns = 60'000'000'000;

// A socket of this process at a free port of loopback; TCP ones listen, and nobody accepts.
struct HeldPort {
  explicit HeldPort(int type) : socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), size), 0);
    const int listening = type == SOCK_STREAM ? ::listen(socket.get(), 8) : 0;
    EXPECT_EQ(listening, 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    address = fmt::format("127.0.0.1:{}", ntohs(at.sin_port));
  }
  Descriptor socket;
  std::string address;
};

// Stands between deploy and an agent. The handler may change a request; false: it goes no further.
class Proxy {
 public:
  using Handler = std::function<bool(cluster::control::Request&)>;
  Proxy(const std::string& agent, Handler handler)
      : handler_(std::move(handler)),
        server_(cluster::ControlServer::listen("tcp://127.0.0.1:*", {"proxy"}).value()),
        client_(cluster::ControlClient::connect("behind", agent, {"proxy"}, clock_).value()),
        thread_([this] { serve(); }) {}
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() {
    ended_ = true;
    server_->wake();
  }
  [[nodiscard]] const std::string& address() const { return server_->address(); }

 private:
  void serve() {
    while (!ended_) {
      server_->wait(-1, {});
      while (auto incoming = server_->receive()) {
        if (!handler_(incoming->request)) continue;
        auto reply = client_->call(std::move(incoming->request), minute_ns);
        server_->reply(incoming->caller, reply ? *std::move(reply) : cluster::error_reply(reply.error()));
      }
    }
  }

  SteadyClock clock_;
  Handler handler_;
  std::unique_ptr<cluster::ControlServer> server_;
  std::unique_ptr<cluster::ControlClient> client_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;
};

class FaultTest : public testing::Test {
 protected:
  std::string host(const std::string& address) const { return ", host: \"" + address + "\""; }
  Ended deploy(const std::string& cluster, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"deploy", cluster, net_, "--detach", "--name", "one", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return place_.run(arguments);
  }
  nlohmann::json deployed(const std::string& cluster) {
    const Ended ended = deploy(cluster);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.document();
  }
  Ended infer(const std::string& timeout_s = "10") {
    return place_.run(
        {"infer", "one", "--input", x_, "--output", place_.path("y.npy"), "--poll", "block", "--timeout", timeout_s});
  }
  void expect_answers() {
    const Ended ended = infer();
    ASSERT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(read_array(place_.path("y.npy")), integer_reference(graph_, read_array(x_)));
  }
  nlohmann::json status() { return place_.run({"status", "one", "--json", "--timeout", "0.5"}).document(); }
  // A client that keeps asking, once an inference has run.
  std::unique_ptr<Running> asking() {
    auto client = place_.start({"bench", "one", "--duration", "100", "--timeout", "2", "--poll", "block"});
    EXPECT_TRUE(eventually([&] { return status()["nodes"][2]["counters"]["inferences"] > 16; }));
    return client;
  }
  static pid_t pid_of(const nlohmann::json& document, std::size_t node) { return document["nodes"][node]["pid"]; }
  // Parts that an agent has now.
  int parts_of(const HandAgent& agent) {
    const SteadyClock clock;
    const auto client = cluster::ControlClient::connect("hand", agent.address(), {"test"}, clock).value();
    cluster::control::Request request;
    request.mutable_hello();
    const auto reply = client->call(std::move(request), minute_ns);
    return reply ? reply->hello().parts_size() : -1;
  }
  void expect_nothing_left() { e2e::expect_nothing_left(place_); }

  Place place_;
  std::string graph_ = small_net(place_);
  std::string net_ = write_net(place_, {{"dense_1", "a"}, {"dense_2", "b"}, {"dense_3", "c"}});
  std::string local_ = local_cluster(place_, {"a", "b", "c"});
  std::string x_ = write_array(place_, "x.npy", random_rows(30, 12));
};

}  // namespace algean::e2e
