// ResNet-50 on two CPU nodes of one core each, joined by UDP, beside the same network on one such node: inferences a
// second with as many under way as the deployment takes. The processes are those that `algean deploy` starts; the cut
// is the one that `algean plan` makes. Nodes block where they wait, so that the one that rests leaves its core alone.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "kernels/graph/text.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/file.hpp"
#include "runtime/client/client.hpp"
#include "tests/bench/harness/bench.hpp"
#include "tests/bench/networks/networks.hpp"
#include "tests/bench/networks/resnet50.hpp"

namespace {

using namespace algean;

constexpr auto name = "resnet50_two_nodes";
constexpr std::int64_t timeout_ns = 10'000'000'000;
constexpr std::int64_t round_ns = 3'000'000'000;
constexpr int rounds = 5;

[[noreturn]] void stop_with(std::string_view why) {
  fmt::print(stderr, "{}: {}\n", name, why);
  std::_Exit(1);
}

template <class T>
T value_of(Result<T> result) {
  if (!result) stop_with(result.error().message);
  return *std::move(result);
}

void must(const Result<>& done) {
  if (!done) stop_with(done.error().message);
}

// A folder with the network, two clusters and the state of their deployments, until it goes.
class Folder {
 public:
  Folder() {
    std::filesystem::create_directories(path_);
    must(kernels::write_graph(path_ / "resnet50.graph", bench::resnet50()));
    for (const int nodes : {1, 2}) {
      std::string text = "version: 1\nname: cores\nnodes:\n";
      for (int i = 0; i < nodes; ++i) {
        text += fmt::format("  - {{name: node{}, kind: cpu, cores: \"{}\", poll: block, speed_gmacs: 100}}\n", i, i);
      }
      must(write_text(path_ / fmt::format("{}.yaml", nodes), text));
    }
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  // Runs the command line; its text goes to standard error.
  void algean_command(const std::string& arguments) const {
    const std::string line =
        fmt::format("cd {0} && XDG_STATE_HOME={0} {1} {2} >&2", path_.string(), ALGEAN_PROGRAM, arguments);
    if (std::system(line.c_str()) != 0)
      stop_with("`algean " + arguments + "` failed");  // NOLINT(concurrency-mt-unsafe)
  }
  [[nodiscard]] std::filesystem::path states() const { return path_ / "algean"; }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() / fmt::format("algean_bench_{}", ::getpid());
};

class Deployment {
 public:
  Deployment(const Folder& folder, int nodes) : folder_(folder), name_(fmt::format("resnet{}", nodes)) {
    folder_.algean_command(fmt::format("deploy {}.yaml resnet50.graph --detach --name {}", nodes, name_));
    ClientOptions options;
    options.state_folder = folder_.states();
    options.poll = Poll::block;
    client_ = value_of(Client::connect(name_, options));
    const Tensor x = bench::random_input(bench::resnet50());
    inputs_.push_back({client_->inputs()[0].name, x});
  }
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;
  ~Deployment() {
    client_.reset();
    folder_.algean_command("stop " + name_);
  }

  // Inferences a second over one round; the first ones, which fill the nodes, do not count.
  double measure() {
    std::vector<Ticket> flight;  // a ring: the oldest stands at `next`
    for (std::size_t i = 0; i < client_->max_in_flight(); ++i) flight.push_back(submit());
    std::size_t next = 0;
    const auto turn = [&] {
      value_of(client_->await(flight[next]));
      flight[next] = submit();
      next = (next + 1) % flight.size();
    };
    for (std::size_t i = 0; i < flight.size(); ++i) turn();
    const SteadyClock clock;
    const std::int64_t start_ns = clock.now_ns();
    std::int64_t now_ns = start_ns;
    int done = 0;
    for (; now_ns - start_ns < round_ns; ++done) {
      turn();
      now_ns = clock.now_ns();
    }
    for (std::size_t i = 0; i < flight.size(); ++i) value_of(client_->await(flight[i]));
    return done / (static_cast<double>(now_ns - start_ns) * 1e-9);
  }

 private:
  Ticket submit() { return value_of(client_->submit(inputs_, timeout_ns)); }

  const Folder& folder_;
  std::string name_;
  std::unique_ptr<Client> client_;
  std::vector<NamedTensor> inputs_;
};

}  // namespace

int main() {
  if (std::thread::hardware_concurrency() < 2) {
    fmt::print("{{\"name\": \"{}\", \"skipped\": \"this machine has one core\"}}\n", name);
    return 0;
  }
  const Folder folder;
  std::vector<double> one, two, ratios;
  {
    Deployment single(folder, 1);
    Deployment pair(folder, 2);
    for (int round = 0; round < rounds; ++round) {
      one.push_back(single.measure());
      two.push_back(pair.measure());
      ratios.push_back(two.back() / one.back());
    }
  }
  const double ours = bench::median(two);
  const auto [smallest, largest] = std::ranges::minmax(two);
  bench::print({name, ours, "inferences/s", "one node, one core", bench::median(one), bench::median(ratios), rounds,
                (largest - smallest) / ours});
  return 0;
}
