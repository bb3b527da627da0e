// Bytes as requests to an agent, one after the other; those that load come with the sizes and hashes that they need to
// get as far as the graph's bytes. Whatever they say, each is answered once, and a controller that falls silent leaves
// nothing.
#include "cluster/agent/agent.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <semaphore>
#include <string>

#include "cluster/control/message.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/cluster/agent/shipments.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;

// A deployment that an agent runs, for requests to differ from.
const Shipment& shipment() {
  static const Shipment made = one_node(small_network());
  return made;
}

void edit(std::string& bytes, FuzzedDataProvider& data) {
  for (auto count = data.ConsumeIntegralInRange<unsigned>(0, 4); count > 0 && !bytes.empty(); --count) {
    const auto at = data.ConsumeIntegralInRange<std::size_t>(0, bytes.size() - 1);
    bytes[at] = data.ConsumeIntegral<char>();
    if (data.ConsumeBool()) bytes.resize(at);
  }
}

control::Request load(FuzzedDataProvider& data) {
  Shipment sent = shipment();
  edit(sent.files[0], data);
  BundleKernel& kernel = sent.bundle.kernels[0];
  kernel.bytes = sent.files[0].size();
  kernel.sha256 = sha256_hex(std::as_bytes(std::span(sent.files[0])));
  return load_request(sent, data.ConsumeIntegralInRange<std::uint64_t>(1, 2));
}

control::Request request(FuzzedDataProvider& data) {
  const auto id = part_id(shipment().bundle, data.ConsumeIntegralInRange<std::uint64_t>(1, 2));
  switch (data.ConsumeIntegralInRange<unsigned>(0, 7)) {
    case 0:
      return load(data);
    case 1:
      return connect_request(id, {data.ConsumeBool() ? "127.0.0.1:9" : data.ConsumeRandomLengthString(40)});
    case 2:
      return start_request(id);
    case 3:
      return tap_request(id, data.ConsumeBool());
    case 4:
      return status_request(id);
    case 5:
      return data.ConsumeBool() ? stop_request(id) : commit_request(id);
    default: {
      const std::string bytes = data.ConsumeRandomLengthString(2000);
      return parse_request(std::as_bytes(std::span(bytes))).value_or(control::Request());
    }
  }
}

void run(FuzzedDataProvider& data) {
  std::counting_semaphore<> woken(0);
  MovedClock clock;
  AgentOptions options;
  options.loopback_only = true;
  options.max_parts = 3;
  options.wake = [&] { woken.release(); };
  Agent agent(options, clock);
  bool committed = false;
  for (auto count = data.ConsumeIntegralInRange<unsigned>(1, 8); count > 0; --count) {
    control::Request asked = request(data);
    if (asked.has_hello()) asked.mutable_hello()->set_measure_speed(false);  // takes its time, and takes no input
    committed |= asked.has_commit();
    asked.set_deadline_ms(1000);
    const bool loads = asked.has_load();
    int answers = 0;
    agent.handle(std::move(asked), [&](const control::Reply& reply) {
      FUZZ_REQUIRE(reply.result_case() != control::Reply::RESULT_NOT_SET);
      ++answers;
    });
    if (loads && data.ConsumeBool()) {
      while (answers == 0) {
        woken.acquire();
        agent.tick();
      }
    }
    clock.move(1000 * ms);
    agent.tick();
    FUZZ_REQUIRE(answers == 1);
    FUZZ_REQUIRE(agent.parts() <= options.max_parts);
  }
  clock.move(options.lease_ns);
  agent.tick();
  FUZZ_REQUIRE(committed || agent.parts() == 0);
}

}  // namespace
}  // namespace algean::cluster

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  algean::cluster::run(data);
  return 0;
}
