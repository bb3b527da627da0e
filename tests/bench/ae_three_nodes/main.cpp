// The case of quickstart: example 01 on three CPU nodes over UDP, three processes and a client on the cores of this
// machine, from request to reply. The processes are those that `algean deploy` starts, and they wait as `auto` says.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "runtime/client/client.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/networks/networks.hpp"

namespace {

using namespace algean;

constexpr std::int64_t timeout_ns = 10'000'000'000;
constexpr double limit_us = 60;

[[noreturn]] void stop_with(std::string_view why) {
  fmt::print(stderr, "ae_three_nodes: {}\n", why);
  std::_Exit(1);
}

// Runs the command line with a state folder of its own; its text goes to standard error.
void algean_command(const std::filesystem::path& state, const std::string& arguments) {
  const std::string line = fmt::format("XDG_STATE_HOME={} {} {} >&2", state.string(), ALGEAN_PROGRAM, arguments);
  if (std::system(line.c_str()) != 0) stop_with("`algean " + arguments + "` failed");  // NOLINT(concurrency-mt-unsafe)
}

// Three nodes, until it goes.
class Deployment {
 public:
  Deployment() {
    std::filesystem::create_directories(state_);
    const std::string example = ALGEAN_SOURCE "/examples/01_autoencoder";
    algean_command(state_, fmt::format("deploy {0}/cluster.yaml {0}/net.json --detach --name bench", example));
  }
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;
  ~Deployment() {
    algean_command(state_, "stop bench");
    std::filesystem::remove_all(state_);
  }
  [[nodiscard]] std::unique_ptr<Client> connect() const {
    ClientOptions options;
    options.state_folder = state_ / "algean";
    auto client = Client::connect("bench", options);
    if (!client) stop_with(client.error().message);
    return *std::move(client);
  }

 private:
  std::filesystem::path state_ = std::filesystem::temp_directory_path() / fmt::format("algean_bench_{}", ::getpid());
};

}  // namespace

int main() {
  constexpr auto name = "ae_three_nodes";
  const Deployment deployment;
  const auto client = deployment.connect();
  const Tensor x = bench::random_input(bench::autoencoder());
  Tensor y(client->outputs()[0].type);
  const std::vector<std::span<const std::byte>> inputs{x.bytes()};
  const std::vector<std::span<std::byte>> outputs{y.bytes()};
  const auto end_to_end = [&](int calls) {
    for (int i = 0; i < calls; ++i) {
      if (const auto done = client->infer_into(inputs, outputs, timeout_ns); !done) stop_with(done.error().message);
    }
  };
  const bench::Setting setting{.rounds = 7, .slices = 20, .samples = 40, .calls = 1};
  const auto figures = bench::measure_ns({{"algean", end_to_end}}, setting);
  const double ours_us = bench::median(figures[0]) / 1000;
  const auto [smallest, largest] = std::ranges::minmax(figures[0]);
  bench::print({name, ours_us, "us", "the limit of 60 us", limit_us, ours_us / limit_us, setting.rounds,
                (largest - smallest) / 1000 / ours_us});
  return 0;
}
