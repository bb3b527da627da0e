// Sends images through difference_kernel in Verilator, with pauses on either side and an image that a marker cuts
// short, compares every pixel, and reads the registers.
#include <verilated.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <vector>

#include "Vdifference_kernel.h"

namespace {

constexpr std::size_t rows = 8;
constexpr std::size_t columns = 16;
constexpr std::size_t pixels = rows * columns;
constexpr std::size_t beats = pixels / 8;
using Image = std::vector<std::int8_t>;

struct Beat {
  std::uint64_t data = 0;
  bool last = false;
  bool user = false;
};

[[noreturn]] void fail(const char* what) {
  std::printf("FAILED: %s\n", what);
  std::exit(1);
}

Image difference(const Image& image) {
  Image result(image.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    const int left = i % columns == 0 ? 0 : image[i - 1];
    result[i] = static_cast<std::int8_t>(std::clamp(image[i] - left, -128, 127));
  }
  return result;
}

std::vector<Beat> to_beats(const Image& image) {
  std::vector<Beat> result(beats);
  for (std::size_t i = 0; i < image.size(); ++i) {
    result[i / 8].data |= std::uint64_t{static_cast<std::uint8_t>(image[i])} << (8 * (i % 8));
  }
  result.back().last = true;
  return result;
}

class Bench {
 public:
  Bench() {
    top_.clk = 0;
    top_.rst = 1;
    top_.m_axis_tready = 0;
    tick();
    top_.rst = 0;
  }
  void send(const std::vector<Beat>& what) { waiting_.insert(waiting_.end(), what.begin(), what.end()); }

  // One clock cycle; a writer that pauses and a reader that pauses.
  void step(unsigned percent) {
    if (!offering_ && !waiting_.empty() && random_() % 100 < percent) {
      offering_ = true;
      top_.s_axis_tdata = waiting_.front().data;
      top_.s_axis_tkeep = 0xff;
      top_.s_axis_tlast = waiting_.front().last;
      top_.s_axis_tuser = waiting_.front().user;
      top_.s_axis_tdest = 0;
    }
    top_.s_axis_tvalid = offering_;
    top_.m_axis_tready = random_() % 100 < percent;
    top_.eval();
    if (top_.s_axis_tvalid && top_.s_axis_tready) {
      waiting_.pop_front();
      offering_ = false;
    }
    if (top_.m_axis_tvalid && top_.m_axis_tready) {
      if (top_.m_axis_tdest != 3 || top_.m_axis_tid != 7) fail("an output without its TDEST and TID");
      received.push_back({top_.m_axis_tdata, top_.m_axis_tlast != 0, top_.m_axis_tuser != 0});
    }
    tick();
  }

  std::uint32_t read(std::uint32_t address) {
    top_.s_axil_araddr = address & 0xfff;
    top_.s_axil_arvalid = 1;
    top_.s_axil_rready = 1;
    step(0);
    top_.s_axil_arvalid = 0;
    if (!top_.s_axil_rvalid || top_.s_axil_rresp != 0) fail("a register did not answer");
    const std::uint32_t value = top_.s_axil_rdata;
    step(0);
    return value;
  }
  void write(std::uint32_t address, std::uint32_t value) {
    top_.s_axil_awaddr = address & 0xfff;
    top_.s_axil_wdata = value;
    top_.s_axil_wstrb = 0xf;
    top_.s_axil_awvalid = 1;
    top_.s_axil_wvalid = 1;
    top_.s_axil_bready = 1;
    step(0);
    top_.s_axil_awvalid = 0;
    top_.s_axil_wvalid = 0;
    if (!top_.s_axil_bvalid || top_.s_axil_bresp != 0) fail("a register did not take its value");
    step(0);
  }

  std::vector<Beat> received;

 private:
  void tick() {
    top_.clk = 1;
    top_.eval();
    top_.clk = 0;
    top_.eval();
  }

  VerilatedContext context_;
  Vdifference_kernel top_{&context_};
  std::mt19937 random_{1};
  std::deque<Beat> waiting_;
  bool offering_ = false;
};

Image random_image(std::mt19937& random) {
  Image image(pixels);
  for (std::int8_t& pixel : image) pixel = static_cast<std::int8_t>(random());
  return image;
}

bool same(const Beat& a, const Beat& b) { return a.data == b.data && a.last == b.last && a.user == b.user; }

}  // namespace

int main() {
  Bench bench;
  std::mt19937 random{2};
  if (bench.read(0x000) != 0x4e474c41) fail("register id");
  bench.write(0x080, 7U << 16 | 3U);  // output 0: TID 7, TDEST 3

  // Five images, then the beginning of one that a marker cuts short, then five more.
  std::vector<Image> images;
  for (int i = 0; i < 11; ++i) images.push_back(random_image(random));
  for (int i = 0; i < 11; ++i) {
    std::vector<Beat> sent = to_beats(images[static_cast<std::size_t>(i)]);
    if (i == 5) {
      sent.resize(6);
      sent.push_back({0, true, true});
    }
    bench.send(sent);
  }
  for (int cycle = 0; cycle < 3000; ++cycle) bench.step(60);

  std::size_t at = 0;
  const auto take = [&]() -> const Beat& {
    if (at == bench.received.size()) fail("too few beats");
    return bench.received[at++];
  };
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::vector<Beat> wanted = to_beats(difference(images[i]));
    std::size_t j = 0;
    for (; j < wanted.size(); ++j) {
      const Beat& beat = take();
      if (i == 5 && beat.user) break;  // the marker, behind what had left
      if (!same(beat, wanted[j])) fail("a pixel differs");
    }
    if ((j < wanted.size()) != (i == 5)) fail("the marker is not where it belongs");
  }
  if (at != bench.received.size()) fail("too many beats");
  std::printf("10 images of %zu pixels equal, one cut short by a marker\n", pixels);

  // Without pauses: the busy cycles of twenty images.
  bench.write(0x014, 2);  // counters begin at 0
  for (int i = 0; i < 20; ++i) bench.send(to_beats(images[0]));
  for (int cycle = 0; cycle < 1000; ++cycle) bench.step(100);
  const std::uint32_t inferences = bench.read(0x040);
  const std::uint32_t busy = bench.read(0x028);
  if (inferences != 20 || bench.read(0x044) != 0) fail("20 images without an error");
  std::printf("registers: %u inferences, %.1f busy cycles each (32 beats of 4 pixels), 0 errors\n", inferences,
              static_cast<double>(busy) / inferences);
  if (busy > 20 * 32 + 10) fail("more cycles than the beats");
}
