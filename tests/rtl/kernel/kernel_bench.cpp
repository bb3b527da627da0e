// algean_kernel: tensors over AXI4-Stream, markers, errors, weights, and its registers over AXI4-Lite.
#include "runtime/wire/registers.hpp"
#include "tests/rtl/kernel/kernel_fixture.hpp"

namespace algean::rtl {
namespace {

constexpr std::uint32_t offset_of(std::string_view name) {
  for (const wire::Register& entry : wire::registers) {
    if (entry.name == name) return static_cast<std::uint32_t>(entry.offset);
  }
  throw "no such register";
}

// Kernel a: what its inputs take, and where it goes to.
constexpr StreamShape first{3, 7, 3, 5};
constexpr StreamShape second{2, 5, 2, 12};
constexpr std::uint64_t id = 0x40;  // of output i: id + i

class KernelA : public KernelTest {
 protected:
  void SetUp() override {
    use(a(), 3);
    for (std::uint32_t i = 0; i < 3; ++i) write(offset_of("output_route") + 4 * i, (id + i) << 16 | i);
  }
  // The beats of a tensor for an input, noted as expected; `whole`: not cut off by a marker.
  std::vector<AxisBeat> tensor(std::uint64_t input, bool whole = true) {
    const StreamShape& shape = input == 0 ? first : second;
    const Elements elements = random_tensor(shape, random);
    for (const std::uint64_t output : input == 0 ? std::vector<std::uint64_t>{0, 2} : std::vector<std::uint64_t>{1}) {
      Expected expected{{}, whole};
      for (const AxisBeat& beat : to_axis(elements, shape.bits, 4, output, id + output))
        expected.beats.push_back(beat.beat());
      outputs[output].expect(expected);
    }
    return to_axis(elements, shape.bits, 4, input);
  }
  void expect_markers() {
    for (std::uint64_t i = 0; i < 3; ++i) outputs[i].expect({{axis_marker(4, i, id + i).beat()}, true});
  }
  std::vector<AxisBeat> cut(std::vector<AxisBeat> beats, std::size_t count) {
    beats.resize(count);
    return beats;
  }
  // Tensors for both inputs, their beats one by one in turns or one tensor behind the other.
  void send_inference(bool in_turns) {
    const std::vector<AxisBeat> x = tensor(0);
    const std::vector<AxisBeat> y = tensor(1);
    std::vector<AxisBeat> both;
    if (in_turns) {
      for (std::size_t i = 0; i < std::max(x.size(), y.size()); ++i) {
        if (i < x.size()) both.push_back(x[i]);
        if (i < y.size()) both.push_back(y[i]);
      }
    } else {
      both = y;
      both.insert(both.end(), x.begin(), x.end());
    }
    source->send(both);
  }
};

TEST_F(KernelA, AnswersRegistersAsTheTableSays) {
  EXPECT_EQ(read(offset_of("id")), 0x4e474c41U);
  EXPECT_EQ(read(offset_of("map_version")), wire::register_map_version);
  EXPECT_EQ(read(offset_of("ports")), 0x00020302U);
  EXPECT_EQ(read_long(offset_of("weights_hash")), 0x0123456789abcdefU);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read(offset_of("output_route") + 4 * i), (id + i) << 16 | i);
  }
  const std::uint32_t route = offset_of("output_route") + 4 * (wire::max_kernel_outputs - 1);
  write(route, 0x11223344);
  write(route, 0xaabbccdd, 0, 0b0101);
  EXPECT_EQ(read(route), 0x11bb33ddU);
  write(offset_of("id"), 1, 2);
  write(0x800, 1, 2);
  EXPECT_EQ(read(0x800, 2), 0U);
  EXPECT_EQ(read(offset_of("status")), 0U);
  // A write waits until the answer to the one before was taken.
  LitePort& port = ports->lite;
  port.awaddr.set(0, 12, route);
  port.awvalid.set(1);
  port.wvalid.set(1);
  port.bready.set(0);
  for (const std::uint64_t ready : {1U, 0U, 0U}) {
    top->eval();
    EXPECT_EQ(port.awready.get(0, 1), ready);
    EXPECT_EQ(port.wready.get(0, 1), ready);
    EXPECT_EQ(port.bvalid.get(0, 1), 1 - ready);
    top->clk = 1;
    top->eval();
    top->clk = 0;
  }
  port.bready.set(1);
  port.awvalid.set(0);
  port.wvalid.set(0);
  top->clk = 1;
  top->eval();
  top->clk = 0;
  // Every word of the space answers as the table has it.
  for (std::uint32_t address = 0; address < wire::register_space_bytes; address += 4) {
    const bool known = std::ranges::any_of(wire::registers, [&](const wire::Register& entry) {
      return entry.offset <= address && address < entry.offset + entry.bytes();
    });
    read(address, known ? 0 : 2);
  }
}

TEST_F(KernelA, PassesTensorsUnderEveryPattern) {
  for (const auto& [valid, ready] : {std::pair{100U, 100U}, {100U, 30U}, {30U, 100U}, {50U, 50U}}) {
    valid_percent = valid;
    ready_percent = ready;
    for (int i = 0; i < 6; ++i) send_inference(i % 2 == 0);
    drain();
  }
  EXPECT_EQ(read(offset_of("inferences")), 24U);
  EXPECT_EQ(read(offset_of("errors")), 0U);
}

TEST_F(KernelA, CountsCycles) {
  write(offset_of("command"), 2);
  sink->stalled_cycles = 0;
  steps(5);
  ready_percent = 40;
  valid_percent = 60;
  for (int i = 0; i < 5; ++i) send_inference(true);
  drain();
  EXPECT_EQ(read_long(offset_of("stall")), sink->stalled_cycles);
  EXPECT_GT(sink->stalled_cycles, 20U);
  const std::uint64_t busy = read_long(offset_of("busy"));
  const std::uint64_t cycles = read_long(offset_of("cycles"));
  steps(100);
  EXPECT_EQ(read_long(offset_of("busy")), busy) << "idle cycles are not busy";
  EXPECT_GT(busy, 5U * 11U);
  EXPECT_LT(busy + 40, cycles);
  EXPECT_GE(read_long(offset_of("cycles")), cycles + 100);
  // starve goes up by one each of these idle cycles, as the port that shows it does.
  const std::uint64_t before = read(offset_of("starve"));
  const std::uint64_t seen = starved_cycles;
  steps(17);
  const std::uint64_t after = read(offset_of("starve"));
  EXPECT_EQ(after - before, starved_cycles - seen);
  write(offset_of("command"), 2);
  EXPECT_EQ(read(offset_of("inferences")), 0U);
  EXPECT_LT(read(offset_of("cycles")), 20U);
}

TEST_F(KernelA, TakesMarkersFromTheBus) {
  for (const unsigned ready : {100U, 30U}) {
    ready_percent = ready;
    for (std::size_t beats = 0; beats < 6; ++beats) {
      send_inference(beats % 2 == 0);
      source->send(cut(tensor(0, false), beats));
      source->send(cut(tensor(1, false), 2));
      source->send({axis_marker(4, beats)});
      expect_markers();
      if (beats == 3) {
        source->send({axis_marker(4, 0)});
        expect_markers();
      }
    }
    send_inference(true);
    drain();
  }
  EXPECT_EQ(read(offset_of("errors")), 0U);
  EXPECT_EQ(read(offset_of("status")), 0U);
  EXPECT_EQ(read(offset_of("inferences")), 14U);
}

TEST_F(KernelA, TakesOneMarkerAtATime) {
  ready_percent = 0;
  source->send(tensor(0));
  source->send({axis_marker(4, 0), axis_marker(4, 1)});
  expect_markers();
  expect_markers();
  const std::vector<AxisBeat> beats = tensor(0);
  source->send(beats);
  steps(50);
  EXPECT_EQ(source->left(), beats.size()) << "the second marker waits, and all behind it";
  EXPECT_EQ(read(offset_of("status")), 3U);
  ready_percent = 100;
  drain();
}

TEST_F(KernelA, HasRoomForATensorOfEachInput) {
  ready_percent = 0;
  source->send(tensor(0));
  source->send(tensor(0));
  source->send(tensor(1));
  steps(100);
  EXPECT_TRUE(source->empty());
  ready_percent = 100;
  drain();
}

TEST_F(KernelA, MakesMarkersOnCommand) {
  for (std::size_t beats = 0; beats < 5; ++beats) {
    send_inference(false);
    const std::vector<AxisBeat> x = tensor(0, false);
    source->send(cut(x, beats));
    send_all();
    write(offset_of("command"), 1);
    expect_markers();
    steps(5);
    if (beats > 0) source->send({x.begin() + static_cast<std::ptrdiff_t>(beats), x.end()});  // to be dropped
    send_inference(true);
    drain();
  }
  EXPECT_EQ(read(offset_of("errors")), 0U);
  EXPECT_EQ(read(offset_of("status")), 0U);
}

// The output is blocked, so that a beat stands at an input, when the command comes; beats follow without a pause.
TEST_F(KernelA, MakesMarkersUnderPressure) {
  ready_percent = 0;
  std::vector<AxisBeat> rest = tensor(0, false);
  send_inference(false);
  // What fits into the kernel went in; the command marks behind that. Tensors of which a part is in are cut.
  outputs.assign(3, {});
  steps(60);
  write(offset_of("command"), 1);
  steps(20);
  EXPECT_EQ(read(offset_of("status")) & 1U, 1U);
  ready_percent = 100;
  for (int i = 0; i < 400 && !::testing::Test::HasFatalFailure(); ++i) {
    // Whatever comes: markers end it.
    source->offer(random, 100);
    sink->accept(random, 100);
    lite->drive();
    top->eval();
    source->settle();
    static_cast<void>(sink->settle());
    top->clk = 1;
    top->eval();
    top->clk = 0;
    top->eval();
  }
  EXPECT_TRUE(source->empty());
  EXPECT_EQ(read(offset_of("status")), 0U);
  send_inference(true);
  drain();
}

TEST_F(KernelA, CountsAndDropsWhatDoesNotFit) {
  std::uint32_t errors = 0;
  const auto wrong = [&](std::vector<AxisBeat> beats) {
    source->send(beats);
    expect_markers();
    ++errors;
  };
  for (const unsigned ready : {100U, 40U}) {
    ready_percent = ready;
    send_inference(false);
    std::vector<AxisBeat> beats = cut(tensor(0, false), 4);  // too short
    beats.back().last = true;
    wrong(beats);
    send_inference(true);
    beats = tensor(0, false);  // too long
    beats.back().last = false;
    beats.push_back(beats.front());
    beats.push_back(beats.front());
    beats.back().last = true;
    wrong(beats);
    beats = tensor(1, false);  // a gap
    beats[1].keep = 0b1011;
    wrong(beats);
    send_inference(false);
    beats = tensor(1, false);  // bytes behind the end
    beats = tensor(0, false);
    beats.back().keep = 0xf;
    beats.back().bytes[3] = 1;
    wrong(beats);
    beats = to_axis(Elements(9), 8, 4, 2);  // for no input: no marker
    source->send(beats);
    ++errors;
    send_inference(true);
    drain();
  }
  EXPECT_EQ(read(offset_of("errors")), errors);
  ports->error.set(1);
  step();
  ports->error.set(0);
  EXPECT_EQ(read(offset_of("errors")), errors + 1);
  write(offset_of("command"), 2);
  EXPECT_EQ(read(offset_of("errors")), 0U);
}

TEST_F(KernelA, HoldsTheLastWordOfALoad) {
  ports->loader_ready.set(0, 2, 3);
  ports->load_data.set(0, 32, 0xdeadbeef);
  ports->load_dest.set(0, 8, 1);
  ports->load_last.set(0);
  ports->load_valid.set(1);
  write(offset_of("control"), 1);
  EXPECT_EQ(ports->loader_valid.get(0, 2), 2U);
  EXPECT_EQ(ports->load_ready.get(0, 1), 1U);
  EXPECT_EQ(top->a_w_data >> 32, 0xdeadbeefU);
  ports->load_last.set(1);
  step();
  EXPECT_EQ(ports->loader_valid.get(0, 2), 0U);
  EXPECT_EQ(ports->load_ready.get(0, 1), 0U);
  EXPECT_EQ(read(offset_of("status")), 4U);
  ports->loader_ready.set(0, 2, 0);
  write(offset_of("control"), 0);
  step();
  EXPECT_EQ(ports->loader_valid.get(0, 2), 2U);
  EXPECT_EQ(ports->loader_last.get(1, 1), 1U);
  write(offset_of("control"), 1);  // offered already: stays
  EXPECT_EQ(ports->loader_valid.get(0, 2), 2U);
  ports->loader_ready.set(0, 2, 2);
  step();
  ports->load_valid.set(0);
  step();
  ports->load_dest.set(0, 8, 2);  // no such loader
  ports->load_valid.set(1);
  step();
  EXPECT_EQ(ports->load_ready.get(0, 1), 1U);
  ports->load_valid.set(0);
  EXPECT_EQ(read(offset_of("errors")), 1U);
}

class KernelB : public KernelTest {};

TEST_F(KernelB, GivesATensorInAsManyCyclesAsItsRowsTake) {
  use(b(), 1);
  constexpr StreamShape shape{4, 5, 3, 8};
  for (int i = 0; i < 8; ++i) {
    const Elements elements = random_tensor(shape, random);
    source->send(to_axis(elements, 8, 8, 0));
    Expected expected;
    for (const AxisBeat& beat : to_axis(elements, 8, 8, 0)) expected.beats.push_back(beat.beat());
    outputs[0].expect(expected);
  }
  steps(4);  // the first beat has passed the register
  write(offset_of("command"), 2);
  const std::uint64_t inferences = 8;
  drain();
  EXPECT_GE(read(offset_of("inferences")), inferences - 1);
  EXPECT_LE(read_long(offset_of("busy")), inferences * shape.beats() + 4);
  EXPECT_EQ(read(offset_of("ports")), 0x00010101U);
}

}  // namespace
}  // namespace algean::rtl
