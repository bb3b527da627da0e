// The kernels of kernel_bench_top.sv, driven and watched.
#pragma once

#include <gtest/gtest.h>
#include <verilated.h>

#include <functional>
#include <memory>
#include <utility>

#include "Vkernel_bench_top.h"
#include "tests/rtl/harness/axi.hpp"
#include "tests/rtl/harness/checker.hpp"

namespace algean::rtl {

struct KernelPorts {
  AxisPort in, out;
  LitePort lite;
  Signal starves, error;
  Signal load_data, load_last, load_dest, load_valid, load_ready;  // w_axis
  Signal loader_last, loader_valid, loader_ready;                  // to the circuit
};

class KernelTest : public testing::Test {
 public:
  static inline std::pair<int, char**> arguments;  // of main, for $plusargs

 protected:
  KernelTest();
  ~KernelTest() override { top->final(); }

  // One of the two, after reset. `outputs`: by TDEST.
  void use(KernelPorts ports, std::size_t outputs);
  KernelPorts a();
  KernelPorts b();

  void step();
  void steps(std::size_t cycles) {
    for (std::size_t i = 0; i < cycles; ++i) step();
  }
  void send_all();  // until the source has nothing more
  // Until all is sent, and all that is expected came; and some cycles more.
  void drain();

  std::uint32_t read(std::uint32_t address, std::uint32_t response = 0);
  std::uint64_t read_long(std::uint32_t address);
  void write(std::uint32_t address, std::uint32_t value, std::uint32_t response = 0, std::uint32_t strobe = 0xf);

  Random random{7};
  unsigned valid_percent = 100;
  unsigned ready_percent = 100;
  std::vector<Checker> outputs;
  std::unique_ptr<AxisSource> source;
  std::unique_ptr<AxisSink> sink;
  std::unique_ptr<LiteMaster> lite;
  std::unique_ptr<KernelPorts> ports;
  std::uint64_t starved_cycles = 0;
  VerilatedContext context;
  std::unique_ptr<Vkernel_bench_top> top;
};

}  // namespace algean::rtl
