#include "tests/bench/harness/bench.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

namespace algean::bench {
namespace {

double now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Calls that take about 4 us, so that reading the clock (some 25 ns) is below 1 % of a sample.
int calls_a_sample(const Contestant& contestant) {
  for (int calls = 1;; calls *= 2) {
    std::vector<double> times;
    for (int i = 0; i < 50; ++i) {
      const double start = now_ns();
      contestant.run(calls);
      times.push_back(now_ns() - start);
    }
    if (median(times) >= 4000) return calls;
  }
}

cpu_set_t usable_at_first() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) std::abort();
  return allowed;
}

void run_slice(const Contestant& contestant, int samples, int calls, std::vector<double>& times) {
  contestant.run(calls);  // its own data back into the caches
  for (int i = 0; i < samples; ++i) {
    const double start = now_ns();
    contestant.run(calls);
    times.push_back((now_ns() - start) / calls);
  }
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

void pin_thread(int index) {
  static const cpu_set_t at_first = usable_at_first();  // a thread that is pinned already may not see the others
  cpu_set_t allowed = at_first;
  int left = index % CPU_COUNT(&allowed);
  std::size_t core = 0;
  while (!CPU_ISSET(core, &allowed) || left-- > 0) ++core;
  CPU_ZERO(&allowed);
  CPU_SET(core, &allowed);
  if (sched_setaffinity(0, sizeof(allowed), &allowed) != 0) std::abort();
}

std::vector<std::vector<double>> measure_ns(const std::vector<Contestant>& contestants, const Setting& setting) {
  std::vector<int> calls;
  for (const Contestant& contestant : contestants) {
    contestant.run(100);  // warm
    calls.push_back(setting.calls > 0 ? setting.calls : calls_a_sample(contestant));
  }
  std::vector<std::vector<double>> figures(contestants.size());
  for (int round = 0; round < setting.rounds; ++round) {
    std::vector<std::vector<double>> times(contestants.size());
    for (int slice = 0; slice < setting.slices; ++slice) {
      for (std::size_t i = 0; i < contestants.size(); ++i) {
        run_slice(contestants[i], setting.samples, calls[i], times[i]);
      }
    }
    for (std::size_t i = 0; i < contestants.size(); ++i) figures[i].push_back(median(times[i]));
  }
  return figures;
}

Row compare(const std::string& name, const std::string& unit, const Contestant& ours,
            const std::vector<Contestant>& peers, const Setting& setting) {
  std::vector<Contestant> all{ours};
  all.insert(all.end(), peers.begin(), peers.end());
  const auto figures = measure_ns(all, setting);
  const double scale = unit == "ms" ? 1e-6 : unit == "us" ? 1e-3 : 1;
  Row row;
  row.name = name;
  row.unit = unit;
  row.value = median(figures[0]) * scale;
  row.runs = setting.rounds;
  const auto [smallest, largest] = std::ranges::minmax(figures[0]);
  row.spread = (largest - smallest) * scale / row.value;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const double value = median(figures[i + 1]) * scale;
    if (i > 0 && value >= row.peer_value) continue;
    row.peer = peers[i].name;
    row.peer_value = value;
  }
  row.ratio = row.value / row.peer_value;
  return row;
}

void print(const Row& row) {
  nlohmann::ordered_json json{{"name", row.name}, {"value", row.value},           {"unit", row.unit},
                              {"peer", row.peer}, {"peer_value", row.peer_value}, {"ratio", row.ratio},
                              {"runs", row.runs}, {"spread", row.spread}};
  std::printf("%s\n", json.dump().c_str());
  std::fflush(stdout);
}

void print_skipped(const std::string& name, const std::string& why) {
  const nlohmann::ordered_json json{{"name", name}, {"skipped", why}};
  std::printf("%s\n", json.dump().c_str());
  std::fflush(stdout);
}

std::string shared(const std::string& path) {
  const char* given = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe): one thread
  return (given != nullptr ? std::string(given) : ALGEAN_SOURCE "/../shared") + "/" + path;
}

}  // namespace algean::bench
