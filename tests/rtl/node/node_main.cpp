// Drives a generated algean_node of one input and one output: each inference of vectors/in0.bin as AXI4-Stream beats
// with gaps, the answers taken with gaps, compared with vectors/out0.bin; then the registers say what has passed.
// Arguments: bytes of a beat, bytes of an input and of an output, the weights' hash. Exit status 0, or 1 with what is
// wrong.
#include <Valgean_node.h>
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void wrong(const char* what) {
  std::fprintf(stderr, "node: %s\n", what);
  std::_Exit(1);
}

Bytes read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) wrong(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Node {
 public:
  explicit Node(std::size_t width) : width_(width) {
    for (int i = 0; i < 4; ++i) {
      top_.rst = 1;
      edge();
    }
    top_.rst = 0;
  }

  // All inferences through the streams.
  Bytes run(const Bytes& inputs, std::size_t in_size, std::size_t out_bytes, std::size_t out_size) {
    Bytes outputs;
    std::size_t at = 0;
    bool offered = false;
    for (int idle = 0; outputs.size() < out_bytes; ++idle) {
      if (idle > 100000) wrong("nothing moves");
      const std::size_t count = std::min(width_, in_size - at % in_size);
      offered = offered || (at < inputs.size() && random_() % 3 != 0);
      top_.s_axis_tvalid = offered;
      if (offered) {
        std::memset(&top_.s_axis_tdata, 0, width_);
        std::memcpy(&top_.s_axis_tdata, &inputs[at], count);
        top_.s_axis_tkeep = (std::uint64_t{1} << count) - 1;
        top_.s_axis_tlast = at % in_size + count == in_size;
      }
      top_.m_axis_tready = random_() % 4 != 0;
      settle();
      const bool took = offered && top_.s_axis_tready != 0;
      if (top_.m_axis_tvalid != 0 && top_.m_axis_tready != 0) {
        idle = 0;
        const std::size_t there = outputs.size() % out_size;
        const std::size_t bytes = std::min(width_, out_size - there);
        if (top_.m_axis_tkeep != (std::uint64_t{1} << bytes) - 1) wrong("TKEEP");
        if ((top_.m_axis_tlast != 0) != (there + bytes == out_size)) wrong("TLAST");
        if (top_.m_axis_tdest != 0x1234 || top_.m_axis_tid != 0x0056) wrong("TDEST or TID");
        const auto* data = reinterpret_cast<const std::uint8_t*>(&top_.m_axis_tdata);
        outputs.insert(outputs.end(), data, data + bytes);
      }
      edge();
      if (took) {
        at += count;
        offered = false;
      }
    }
    return outputs;
  }

  void write(std::uint32_t address, std::uint32_t value) {
    top_.s_axil_awaddr = address;
    top_.s_axil_wdata = value;
    top_.s_axil_wstrb = 15;
    top_.s_axil_awvalid = top_.s_axil_wvalid = top_.s_axil_bready = 1;
    for (int i = 0; i < 100; ++i) {
      settle();
      const bool address_taken = top_.s_axil_awready != 0, data_taken = top_.s_axil_wready != 0;
      const bool answered = top_.s_axil_bvalid != 0;
      edge();
      if (address_taken) top_.s_axil_awvalid = 0;
      if (data_taken) top_.s_axil_wvalid = 0;
      if (answered) return;
    }
    wrong("a write without an answer");
  }
  std::uint32_t read(std::uint32_t address) {
    top_.s_axil_araddr = address;
    top_.s_axil_arvalid = top_.s_axil_rready = 1;
    for (int i = 0; i < 100; ++i) {
      settle();
      const bool taken = top_.s_axil_arready != 0, answered = top_.s_axil_rvalid != 0;
      const std::uint32_t value = top_.s_axil_rdata;
      edge();
      if (taken) top_.s_axil_arvalid = 0;
      if (answered) return value;
    }
    wrong("a read without an answer");
  }

 private:
  void settle() {
    top_.clk = 0;
    top_.eval();
  }
  void edge() {
    settle();
    top_.clk = 1;
    top_.eval();
  }

  Valgean_node top_;
  std::size_t width_;
  std::mt19937 random_{7};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) wrong("usage: WIDTH IN OUT HASH");
  const auto in_size = static_cast<std::size_t>(std::atol(argv[2]));
  const auto out_size = static_cast<std::size_t>(std::atol(argv[3]));
  const Bytes inputs = read("vectors/in0.bin");
  const Bytes expected = read("vectors/out0.bin");
  Node node(static_cast<std::size_t>(std::atol(argv[1])));
  node.write(0x080, 0x00561234);  // output_route 0
  if (node.run(inputs, in_size, expected.size(), out_size) != expected) wrong("outputs differ");
  if (node.read(0x000) != 0x4e474c41) wrong("register id");
  if (node.read(0x008) != 0x010101) wrong("register ports");  // a loader that is idle counts
  if (node.read(0x040) != expected.size() / out_size) wrong("register inferences");
  if (node.read(0x044) != 0) wrong("register errors");
  const std::uint64_t hash = node.read(0x018) | static_cast<std::uint64_t>(node.read(0x01c)) << 32U;
  if (hash != std::strtoull(argv[4], nullptr, 16)) wrong("register weights_hash");
  std::_Exit(0);
}
