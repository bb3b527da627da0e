// An agent whose clock the test moves, and whether what it runs answers.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "cluster/agent/agent.hpp"
#include "kernels/graph/interpreter.hpp"
#include "runtime/client/client.hpp"
#include "tests/unit/cluster/agent/shipments.hpp"

namespace algean::cluster::testing_support {

// An agent, and its control thread: the test's own.
class TestAgent {
 public:
  explicit TestAgent(AgentOptions options = {}, bool clock_runs = false) {
    clock.runs = clock_runs;
    options.software = "0.1.0";
    options.wake = [this] { woken_.release(); };
    agent_ = std::make_unique<Agent>(std::move(options), clock);
  }
  // Answers a request, however long that takes its threads.
  control::Reply call(const control::Request& request) {
    std::optional<control::Reply> reply;
    agent_->handle(request, [&](control::Reply answer) { reply = std::move(answer); });
    while (!reply) {
      woken_.acquire();
      agent_->tick();
    }
    return *std::move(reply);
  }
  // The message of the error that it must answer.
  std::string error(const control::Request& request) {
    const control::Reply reply = call(request);
    if (!reply.has_error()) ADD_FAILURE() << "no error, but result " << reply.result_case();
    return reply.error().message();
  }
  // Loads, connects and starts a deployment of one node; its data address.
  std::string run(const Shipment& shipment, std::uint64_t epoch = 1) {
    const auto id = part_id(shipment.bundle, epoch);
    const auto loaded = call(load_request(shipment, epoch));
    EXPECT_TRUE(loaded.has_load()) << loaded.error().message();
    const auto connected = call(connect_request(id, {loaded.load().address()}));
    EXPECT_TRUE(connected.has_connect()) << connected.error().message();
    const auto started = call(start_request(id));
    EXPECT_TRUE(started.has_start()) << started.error().message();
    return loaded.load().address();
  }
  control::PartStatus status(const control::PartId& part) { return call(status_request(part)).status().parts(0); }
  Agent& operator*() { return *agent_; }
  Agent* operator->() { return agent_.get(); }
  void end() { agent_.reset(); }

  MovedClock clock;

 private:
  std::counting_semaphore<> woken_{0};
  std::unique_ptr<Agent> agent_;
};

// Whether the node at the address computes what the reference does.
inline testing::AssertionResult answers(const std::string& address, const kernels::Graph& graph) {
  ClientOptions options;
  options.poll = Poll::block;
  const auto client = Client::connect(address, options);
  if (!client) return testing::AssertionFailure() << client.error().message;
  Random random(7);
  const Tensor x = kernels::testing::random_int8(random, graph.values[graph.inputs[0].value].type);
  const auto outputs = (*client)->infer(std::vector<NamedTensor>{{graph.inputs[0].name, x}}, minute);
  if (!outputs) return testing::AssertionFailure() << outputs.error().message;
  const auto expected = kernels::interpret(graph, kernels::library(), {&x, 1}).value();
  if (outputs->at(0).tensor != expected[0]) return testing::AssertionFailure() << "another tensor";
  return testing::AssertionSuccess();
}

}  // namespace algean::cluster::testing_support
