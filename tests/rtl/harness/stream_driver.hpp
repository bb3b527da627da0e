// Ends of streams (kernels/stream/README.md) for Verilated modules: who writes into a module's input, who reads its
// output and checks the handshake. Of any width; both stutter as asked.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace algean::rtl {

using Random = std::mt19937_64;

// A port of a Verilated module. Verilator keeps its bits little endian in an integer, or in an array of 32-bit words.
class Signal {
 public:
  template <class Port>
  explicit Signal(Port& port) : bytes_(reinterpret_cast<unsigned char*>(&port)), size_(sizeof port) {}

  // Bits [at, at + bits), bits 1..64, as an unsigned number.
  [[nodiscard]] std::uint64_t get(std::size_t at, std::size_t bits) const;
  void set(std::size_t at, std::size_t bits, std::uint64_t value);
  void set(std::uint64_t value) { set(0, 1, value); }
  [[nodiscard]] std::size_t size_bits() const { return size_ * 8; }

 private:
  unsigned char* bytes_;
  std::size_t size_;
};

// How a tensor travels: rows of elements, in beats of lanes elements of that many bits (1..64).
struct StreamShape {
  std::size_t rows = 1;
  std::size_t elements = 1;
  std::size_t lanes = 1;
  std::size_t bits = 8;
  bool operator==(const StreamShape&) const = default;
  [[nodiscard]] std::size_t size() const { return rows * elements; }
  [[nodiscard]] std::size_t beats_per_row() const { return (elements + lanes - 1) / lanes; }
  [[nodiscard]] std::size_t beats() const { return rows * beats_per_row(); }
};

using Elements = std::vector<std::int64_t>;  // of one tensor, row after row

struct Beat {
  Elements lanes;
  bool last = false;
  bool mark = false;
  bool operator==(const Beat&) const = default;
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::vector<Beat> to_beats(const StreamShape& shape, const Elements& tensor);
[[nodiscard]] Beat marker(const StreamShape& shape);

// One stream of a module; where a port is the concatenation of several, `index` is its place and `data_at` its first
// bit.
struct StreamPort {
  Signal data, last, mark, valid, ready;
  StreamShape shape;
  std::size_t index = 0;
  std::size_t data_at = 0;
};

// Writes beats into a module. While it has nothing to offer, data, last and mark are noise.
class Source {
 public:
  explicit Source(const StreamPort& port) : port_(port) {}
  void send(const std::vector<Beat>& beats) { waiting_.insert(waiting_.end(), beats.begin(), beats.end()); }
  // Before the clock: offers the next beat with that probability, holds one that was not taken.
  void offer(Random& random, unsigned percent);
  // Before the clock: nonsense instead of beats, for cycles before a reset.
  void babble(Random& random);
  // Before the rising edge, all signals settled. True where a beat goes over.
  bool settle();
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  void clear();

 private:
  StreamPort port_;
  std::deque<Beat> waiting_;
  bool offering_ = false;
};

// Reads beats from a module.
class Sink {
 public:
  explicit Sink(const StreamPort& port) : port_(port) {}
  // Before the clock: ready with that probability; `shy`: only for a beat that waited a cycle already.
  void accept(Random& random, unsigned percent, bool shy);
  // Ready low, for a look at what the module offers whatever the reader does.
  void refuse() { port_.ready.set(port_.index, 1, 0); }
  // Signals settled with ready low: notes what is offered; a message where the module broke the handshake.
  [[nodiscard]] std::optional<std::string> look();
  // Before the rising edge, signals settled with ready as accept() chose: the beat that goes over.
  [[nodiscard]] std::optional<Beat> settle();
  // Whether what is offered changed when ready rose.
  [[nodiscard]] bool wavered() const { return read() != offered_; }
  void clear();

 private:
  [[nodiscard]] std::optional<Beat> read() const;
  StreamPort port_;
  std::optional<Beat> offered_;  // in this cycle
  bool waits_ = false;           // it was offered before, and not taken
  bool ready_ = false;
};

}  // namespace algean::rtl
