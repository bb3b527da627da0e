// Ends of a kernel's AXI ports (kernels/stream/rtl/algean_kernel.sv) for Verilated tops.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/rtl/harness/stream_driver.hpp"

namespace algean::rtl {

// A beat of AXI4-Stream; of a writer, `id` is not sent.
struct AxisBeat {
  std::vector<std::uint8_t> bytes;
  std::uint64_t keep = 0;
  std::uint64_t dest = 0;
  std::uint64_t id = 0;
  bool last = false;
  bool user = false;
  bool operator==(const AxisBeat&) const = default;
  // For Checker: bytes, keep, dest and id as elements, user as the marker.
  [[nodiscard]] Beat beat() const;
};

// Elements as bytes without gaps (each ceil(bits / 8), little endian, sign-extended), in beats of that many bytes.
[[nodiscard]] std::vector<AxisBeat> to_axis(const Elements& tensor, std::size_t bits, std::size_t beat_bytes,
                                            std::uint64_t dest, std::uint64_t id = 0);
[[nodiscard]] AxisBeat axis_marker(std::size_t beat_bytes, std::uint64_t dest, std::uint64_t id = 0);

struct AxisPort {
  Signal data, keep, last, dest, user, valid, ready;
  std::optional<Signal> id;
  std::size_t bytes = 0;  // of a beat
};

class AxisSource {
 public:
  explicit AxisSource(const AxisPort& port) : port_(port) {}
  void send(const std::vector<AxisBeat>& beats) { waiting_.insert(waiting_.end(), beats.begin(), beats.end()); }
  void offer(Random& random, unsigned percent);  // before the clock
  void settle();                                 // signals settled
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t left() const { return waiting_.size(); }

 private:
  AxisPort port_;
  std::deque<AxisBeat> waiting_;
  bool offering_ = false;
};

class AxisSink {
 public:
  explicit AxisSink(const AxisPort& port) : port_(port) {}
  void accept(Random& random, unsigned percent);
  // The beat that goes over; `broken` where the one offered before was withdrawn.
  [[nodiscard]] std::optional<AxisBeat> settle();
  bool broken = false;
  std::uint64_t stalled_cycles = 0;

 private:
  AxisPort port_;
  std::optional<AxisBeat> offered_;
  bool ready_ = false;
};

struct LitePort {
  Signal awaddr, awvalid, awready, wdata, wstrb, wvalid, wready, bresp, bvalid, bready;
  Signal araddr, arvalid, arready, rdata, rresp, rvalid, rready;
};

// One request after another. Begin one, then call settle() every cycle until done().
class LiteMaster {
 public:
  explicit LiteMaster(const LitePort& port) : port_(port) {}
  void read(std::uint32_t address);
  void write(std::uint32_t address, std::uint32_t data, std::uint32_t strobe = 0xf);
  void settle();  // signals settled, before the rising edge; takes effect behind it
  void drive();   // before the clock
  [[nodiscard]] bool done() const { return state_ == State::idle; }
  std::uint32_t value = 0;
  std::uint32_t response = 0;  // 0 OKAY, 2 SLVERR

 private:
  enum class State : std::uint8_t { idle, read_address, read_data, write_both, write_response };
  LitePort port_;
  State state_ = State::idle;
  bool address_sent_ = false;
  bool data_sent_ = false;
};

}  // namespace algean::rtl
