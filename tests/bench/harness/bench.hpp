// A bench is a row of contestants that take turns in one process on one pinned core: ours first, then its peers, which
// do the same work. Each round gives each contestant the same number of turns, in short slices, so that a neighbour's
// noise meets all of them. A contestant's figure in a round is the median over its slices' calls, its figure the median
// over the rounds.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace algean::bench {

struct Contestant {
  std::string name;
  std::function<void(int calls)> run;  // that many calls, in a row
};

struct Setting {
  int rounds = 7;
  int slices = 20;   // a round, of each contestant
  int samples = 40;  // a slice; a sample is two readings of the clock around `calls`
  int calls = 0;     // 0: as many as take about 4 us
};

// One row of the table, as printed.
struct Row {
  std::string name;
  double value = 0;  // ours
  std::string unit;
  std::string peer;  // of all peers, the fastest
  double peer_value = 0;
  double ratio = 0;   // value / peer_value
  int runs = 0;       // rounds
  double spread = 0;  // (largest - smallest) / median of ours over the rounds
};

// Pins the calling thread to the index-th core that this process could use at first (modulo their number).
void pin_thread(int index);
// Figures of contestants over rounds, in ns a call: result[contestant][round].
std::vector<std::vector<double>> measure_ns(const std::vector<Contestant>& contestants, const Setting& setting);
// Ours against the fastest of the peers. `unit` is "ns", "us" or "ms".
Row compare(const std::string& name, const std::string& unit, const Contestant& ours,
            const std::vector<Contestant>& peers, const Setting& setting = {});
// One JSON object on a line of stdout.
void print(const Row& row);
// The same for a row that cannot be measured here.
void print_skipped(const std::string& name, const std::string& why);
// A path in the folder of data beside the tree: ALGEAN_SHARED, or ../shared.
std::string shared(const std::string& path);

double median(std::vector<double> values);

}  // namespace algean::bench
