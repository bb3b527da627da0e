// algean_meet where its sides disagree: errors, draining and markers. A stream is a text: x a beat, L a tensor's last
// one, M a marker.
#include <verilated.h>

#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "Valgean_meet.h"

namespace {

struct Scenario {
  const char* name;
  std::string sides[2];
  std::string output;
  int errors;
};
const Scenario scenarios[] = {
    {"agree", {"xLxxL", "xLxxL"}, "xLxxL", 0},
    {"the first ends early", {"xLxxL", "xxLxxL"}, "xMxxL", 1},
    {"the second ends early", {"xxxLxL", "xLxL"}, "xMxL", 1},
    {"at once", {"LxL", "xxLxL"}, "MxL", 1},
    {"twice", {"LxLL", "xLLL"}, "MML", 2},
    {"markers at one place", {"xLxMxL", "xLxMxL"}, "xLxMxL", 0},
    {"markers at two places", {"xMxL", "xxxMxL"}, "xMxL", 0},
    {"a marker before anything", {"MxL", "xMxL"}, "MxL", 0},
    {"a marker behind a whole tensor of one side", {"xLMxL", "xMxL"}, "xMxL", 0},
    {"two markers", {"xMMxL", "MxMxL"}, "MMxL", 0},
    {"a marker while an error is drained", {"xLMxL", "xxxMxL"}, "xMxL", 1},
    {"a marker behind an error", {"xLMxL", "xxLMxL"}, "xMMxL", 1},
};

// What leaves, and how often `error` was high, until everything is taken and nothing more comes.
std::string run(const Scenario& scenario, unsigned percent, unsigned seed, int& errors) {
  VerilatedContext context;
  context.randReset(2);
  const auto meet = std::make_unique<Valgean_meet>(&context);
  std::mt19937 random(seed);
  const auto chance = [&] { return random() % 100 < percent; };
  std::size_t at[2] = {0, 0};
  bool offered[2] = {false, false};
  std::string output;
  errors = 0;
  meet->want = 3;
  meet->may_end = 1;
  for (int cycle = 0, quiet = 0; quiet < 200 && cycle < 5000; ++cycle, ++quiet) {
    meet->rst = cycle == 0;
    meet->s_valid = meet->s_last = meet->s_mark = 0;
    for (int side = 0; side < 2 && cycle > 0; ++side) {
      const std::string& text = scenario.sides[side];
      if (at[side] == text.size()) continue;
      offered[side] = offered[side] || chance();
      if (!offered[side]) continue;
      meet->s_valid |= static_cast<unsigned char>(1U << side);
      if (text[at[side]] != 'x') meet->s_last |= static_cast<unsigned char>(1U << side);
      if (text[at[side]] == 'M') meet->s_mark |= static_cast<unsigned char>(1U << side);
    }
    meet->m_ready = cycle > 0 && chance();
    meet->clk = 0;
    meet->eval();
    if (cycle > 0 && meet->m_valid && meet->m_ready) output += meet->m_mark ? 'M' : meet->m_last ? 'L' : 'x';
    if (cycle > 1 && meet->error) ++errors;
    for (int side = 0; side < 2; ++side) {
      if ((meet->s_valid & meet->s_ready & (1U << side)) == 0) continue;
      ++at[side];
      offered[side] = false;
      quiet = 0;
    }
    meet->clk = 1;
    meet->eval();
  }
  for (int side = 0; side < 2; ++side) {
    if (at[side] != scenario.sides[side].size()) output += " side " + std::to_string(side) + " stalls";
  }
  return output;
}

}  // namespace

int main() {
  int failures = 0;
  for (const Scenario& scenario : scenarios) {
    for (unsigned seed = 0; seed < 40; ++seed) {
      int errors = 0;
      const std::string output = run(scenario, seed == 0 ? 100 : 20 + 2 * seed, seed, errors);
      if (output == scenario.output && errors == scenario.errors) continue;
      std::printf("%s, seed %u: gave %s and %d errors, not %s and %d\n", scenario.name, seed, output.c_str(), errors,
                  scenario.output.c_str(), scenario.errors);
      ++failures;
      break;
    }
  }
  std::printf("%d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
