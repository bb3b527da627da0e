#include "tests/rtl/kernel/kernel_fixture.hpp"

#include <algorithm>

namespace algean::rtl {

#define ALGEAN_KERNEL(NAME, BYTES)                                                                                  \
  KernelPorts {                                                                                                     \
    AxisPort{Signal(top->NAME##_s_axis_tdata),                                                                      \
             Signal(top->NAME##_s_axis_tkeep),                                                                      \
             Signal(top->NAME##_s_axis_tlast),                                                                      \
             Signal(top->NAME##_s_axis_tdest),                                                                      \
             Signal(top->NAME##_s_axis_tuser),                                                                      \
             Signal(top->NAME##_s_axis_tvalid),                                                                     \
             Signal(top->NAME##_s_axis_tready),                                                                     \
             std::nullopt,                                                                                          \
             BYTES},                                                                                                \
        AxisPort{                                                                                                   \
            Signal(top->NAME##_m_axis_tdata),  Signal(top->NAME##_m_axis_tkeep), Signal(top->NAME##_m_axis_tlast),  \
            Signal(top->NAME##_m_axis_tdest),  Signal(top->NAME##_m_axis_tuser), Signal(top->NAME##_m_axis_tvalid), \
            Signal(top->NAME##_m_axis_tready), Signal(top->NAME##_m_axis_tid),   BYTES},                            \
        LitePort{Signal(top->NAME##_s_axil_awaddr),  Signal(top->NAME##_s_axil_awvalid),                            \
                 Signal(top->NAME##_s_axil_awready), Signal(top->NAME##_s_axil_wdata),                              \
                 Signal(top->NAME##_s_axil_wstrb),   Signal(top->NAME##_s_axil_wvalid),                             \
                 Signal(top->NAME##_s_axil_wready),  Signal(top->NAME##_s_axil_bresp),                              \
                 Signal(top->NAME##_s_axil_bvalid),  Signal(top->NAME##_s_axil_bready),                             \
                 Signal(top->NAME##_s_axil_araddr),  Signal(top->NAME##_s_axil_arvalid),                            \
                 Signal(top->NAME##_s_axil_arready), Signal(top->NAME##_s_axil_rdata),                              \
                 Signal(top->NAME##_s_axil_rresp),   Signal(top->NAME##_s_axil_rvalid),                             \
                 Signal(top->NAME##_s_axil_rready)},                                                                \
        Signal(top->NAME##_starves), Signal(top->NAME##_error), Signal(top->NAME##_w_axis_tdata),                   \
        Signal(top->NAME##_w_axis_tlast), Signal(top->NAME##_w_axis_tdest), Signal(top->NAME##_w_axis_tvalid),      \
        Signal(top->NAME##_w_axis_tready), Signal(top->NAME##_w_last), Signal(top->NAME##_w_valid),                 \
        Signal(top->NAME##_w_ready)                                                                                 \
  }

KernelTest::KernelTest() {
  context.commandArgs(arguments.first, arguments.second);
  context.randReset(2);
  context.randSeed(5);
  top = std::make_unique<Vkernel_bench_top>(&context);
}

KernelPorts KernelTest::a() { return ALGEAN_KERNEL(a, 4); }
KernelPorts KernelTest::b() { return ALGEAN_KERNEL(b, 8); }

void KernelTest::use(KernelPorts kernel, std::size_t count) {
  ports = std::make_unique<KernelPorts>(kernel);
  source = std::make_unique<AxisSource>(kernel.in);
  sink = std::make_unique<AxisSink>(kernel.out);
  lite = std::make_unique<LiteMaster>(kernel.lite);
  outputs.assign(count, {});
  ports->error.set(0);
  ports->load_valid.set(0);
  top->clk = 0;
  top->rst = 1;
  top->eval();
  top->clk = 1;
  top->eval();
  top->clk = 0;
  top->rst = 0;
  top->eval();
}

void KernelTest::step() {
  source->offer(random, valid_percent);
  sink->accept(random, ready_percent);
  lite->drive();
  top->eval();
  source->settle();
  lite->settle();
  starved_cycles += ports->starves.get(0, 1);
  if (const auto beat = sink->settle()) {
    ASSERT_LT(beat->dest, outputs.size());
    const auto wrong = outputs[beat->dest].take(beat->beat());
    ASSERT_FALSE(wrong) << "output " << beat->dest << ": " << *wrong;
  }
  ASSERT_FALSE(sink->broken) << "withdrew a beat";
  top->clk = 1;
  top->eval();
  top->clk = 0;
  top->eval();
}

void KernelTest::send_all() {
  for (std::size_t cycle = 0; cycle < 20000 && !source->empty() && !HasFatalFailure(); ++cycle) step();
  EXPECT_TRUE(source->empty()) << "stalls";
}

void KernelTest::drain() {
  const auto done = [&] {
    return source->empty() && std::ranges::all_of(outputs, [](const Checker& output) { return output.done(); });
  };
  for (std::size_t cycle = 0; cycle < 20000 && !done(); ++cycle) {
    step();
    if (HasFatalFailure()) return;
  }
  EXPECT_TRUE(done()) << "stalls";
  steps(40);
}

std::uint32_t KernelTest::read(std::uint32_t address, std::uint32_t response) {
  lite->read(address);
  for (std::size_t cycle = 0; cycle < 20 && !lite->done(); ++cycle) step();
  EXPECT_TRUE(lite->done());
  EXPECT_EQ(lite->response, response) << "at " << address;
  return lite->value;
}

std::uint64_t KernelTest::read_long(std::uint32_t address) {
  const std::uint64_t low = read(address);
  return low | std::uint64_t{read(address + 4)} << 32;
}

void KernelTest::write(std::uint32_t address, std::uint32_t value, std::uint32_t response, std::uint32_t strobe) {
  lite->write(address, value, strobe);
  for (std::size_t cycle = 0; cycle < 20 && !lite->done(); ++cycle) step();
  EXPECT_TRUE(lite->done());
  EXPECT_EQ(lite->response, response) << "at " << address;
}

}  // namespace algean::rtl

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  algean::rtl::KernelTest::arguments = {argc, argv};
  return RUN_ALL_TESTS();
}
