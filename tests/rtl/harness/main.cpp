// main() of a bench: the Verilated top of make_top.py, whose ports stand in cases.inc.
#include <verilated.h>

#include <cstdlib>
#include <memory>

#include "Vbench_top.h"
#include "tests/rtl/harness/bench.hpp"

int main(int argc, char** argv) {
  using namespace algean::rtl;
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  VerilatedContext context;
  context.randReset(2);  // registers begin with noise, so that one without its reset shows
  context.randSeed(static_cast<int>(seed % 1000 + 1));
  const auto top = std::make_unique<Vbench_top>(&context);
  const auto edge = [&] {
    top->clk = 1;
    top->eval();
    top->clk = 0;
    top->eval();
  };
  top->clk = 0;
  top->eval();
  std::vector<Instance> instances;
#define ALGEAN_CASE(NAME, MODULE, PARAMETERS, INPUTS, OUTPUTS, MUTATION)                                      \
  instances.push_back({parse_case(#NAME, MODULE, PARAMETERS, INPUTS, OUTPUTS, MUTATION),                      \
                       {Signal(top->NAME##_s_data), Signal(top->NAME##_s_last), Signal(top->NAME##_s_mark),   \
                        Signal(top->NAME##_s_valid), Signal(top->NAME##_s_ready), Signal(top->NAME##_m_data), \
                        Signal(top->NAME##_m_last), Signal(top->NAME##_m_mark), Signal(top->NAME##_m_valid),  \
                        Signal(top->NAME##_m_ready)}});
#include "cases.inc"
  const int status =
      run_bench(models(), {[&] { top->eval(); }, edge, [&](bool on) { top->rst = on; }}, instances, seed);
  top->final();
  return status;
}
