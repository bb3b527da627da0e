// The autoencoder from request to reply over UDP loopback, client and node spinning on a core each, against the parts
// that nothing can save: a raw spinning round trip of as many bytes, and the computation alone.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "runtime/client/client.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/udp.hpp"
#include "runtime/wire/fields.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/links/raw_link.hpp"
#include "tests/bench/links/spinning_process.hpp"
#include "tests/bench/networks/networks.hpp"

namespace {

using namespace algean;

constexpr std::int64_t timeout_ns = 10'000'000'000;

[[noreturn]] void stop_with(std::string_view why) {
  fmt::print(stderr, "ae_udp_end_to_end: {}\n", why);
  std::_Exit(1);
}

void serve(Engine& engine, std::unique_ptr<Listener> listener) {
  const SteadyClock clock;
  NodeOptions options;
  options.poll = Poll::spin;
  Node::make(single_node(engine, "ae", "bench"), std::move(listener), options, clock).value()->run();
}

}  // namespace

int main() {
  constexpr auto name = "ae_udp_end_to_end";
  if (usable_cores() < 2) {
    fmt::print("{{\"name\": \"{}\", \"skipped\": \"needs two cores\"}}\n", name);
    return 0;
  }
  const kernels::Graph graph = bench::autoencoder();
  const auto program = kernels::compile(graph, kernels::library()).value();
  const Tensor x = bench::random_input(graph);
  auto listener = listen_udp().value();
  const std::string address = listener->address();
  const bench::RawLink raw;

  bench::SpinningProcess node(1, [&] { serve(*program, std::move(listener)); });
  listener.reset();
  bench::SpinningProcess echo(1, [&] { raw.echo(); });
  bench::pin_thread(0);

  node.resume();
  ClientOptions options;
  options.poll = Poll::spin;
  const auto client = Client::connect(address, options).value();
  Tensor y(program->outputs()[0].type);
  const std::vector<std::span<const std::byte>> inputs{x.bytes()};
  const std::vector<std::span<std::byte>> outputs{y.bytes()};
  const auto end_to_end = [&](int calls) {
    echo.suspend();
    node.resume();
    for (int i = 0; i < calls; ++i) {
      if (const auto done = client->infer_into(inputs, outputs, timeout_ns); !done) stop_with(done.error().message);
    }
  };
  const std::vector<std::byte> datagram(2 * wire::header_bytes + x.bytes().size());
  std::vector<std::byte> back(datagram.size());
  const auto round_trip = [&](int calls) {
    node.suspend();
    echo.resume();
    for (int i = 0; i < calls; ++i) raw.round_trip(datagram, back);
  };
  bench::Call call(*program, x);
  const auto compute = [&](int calls) {
    for (int i = 0; i < calls; ++i) call.run();
  };

  end_to_end(1);
  call.run();
  if (!(y == call.output())) stop_with("the node's answer is not the program's");
  const bench::Setting setting;
  const auto figures = bench::measure_ns({{"algean", end_to_end}, {"raw", round_trip}, {"compute", compute}}, setting);
  const double ours = bench::median(figures[0]) / 1000;
  const double wire = bench::median(figures[1]) / 1000;
  const double work = bench::median(figures[2]) / 1000;
  fmt::print(stderr, "{}: {:.2f} us; raw round trip {:.2f} us, compute {:.2f} us\n", name, ours, wire, work);
  const auto [smallest, largest] = std::ranges::minmax(figures[0]);
  bench::print({name, ours, "us",
                fmt::format("raw connected spin-UDP round trip of {} bytes + compute", datagram.size()), wire + work,
                ours / (wire + work), setting.rounds, (largest - smallest) / 1000 / ours});
  return 0;
}
