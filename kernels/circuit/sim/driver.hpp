// Drives and checks the streams of an algean_top that Verilator has made C++ of. Sources hold what they offer until it
// is taken; sinks demand the same of the design, and every rule of a stream (kernels/stream/README.md). C++17.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace algean_sim {

struct PortShape {
  const char* port;  // "in0"
  const char* name;  // in the network
  std::int64_t rows, elements, lanes, bits;
  [[nodiscard]] std::int64_t element_bytes() const { return bits <= 8 ? 1 : bits <= 16 ? 2 : 4; }
  [[nodiscard]] std::int64_t beats_per_row() const { return (elements + lanes - 1) / lanes; }
  [[nodiscard]] std::int64_t beats() const { return rows * beats_per_row(); }
  [[nodiscard]] std::size_t inference_bytes() const {
    return static_cast<std::size_t>(rows * elements * element_bytes());
  }
  [[nodiscard]] std::size_t beat_bytes() const { return static_cast<std::size_t>((lanes * bits + 7) / 8); }
};

// The signals of a stream in the Verilated model: bytes, least significant first.
struct Pins {
  unsigned char *data, *last, *mark, *valid, *ready;
};

// A generator of its own for each port, so that a pattern does not depend on the others.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 0xD1B54A32D192ED03U) { next(); }
  std::uint64_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }
  bool percent(unsigned chance) { return chance >= 100 || next() % 100 < chance; }

 private:
  std::uint64_t state_;
};

// A marker goes out instead of the rest of inference `inference`, of which `beats` were sent; that inference is then
// sent again, whole.
struct Mark {
  std::int64_t inference = 0;
  std::int64_t beats = 0;
};

class Source {
 public:
  // `file` holds whole inferences; inference i is that of index i modulo their number.
  Source(const PortShape& shape, const Pins& pins, std::vector<std::uint8_t> file, std::int64_t inferences,
         unsigned percent, std::uint64_t seed, std::optional<Mark> mark)
      : shape_(shape),
        pins_(pins),
        file_(std::move(file)),
        inferences_(inferences),
        percent_(percent),
        random_(seed),
        mark_(mark) {}

  // Before the clock's edge: chooses what is offered. Nothing new beyond `allowed` inferences.
  void drive(std::int64_t allowed) {
    if (!offered_ && inference_ < inferences_ && inference_ < allowed && random_.percent(percent_)) offer();
    *pins_.valid = offered_ ? 1 : 0;
  }
  // At the edge; whether a beat was taken.
  bool sample(std::int64_t cycle) {
    if (!offered_) return false;
    if (*pins_.ready == 0) {
      ++stalled_;
      return false;
    }
    offered_ = false;
    if (first_ < 0) first_ = cycle;
    advance();
    return true;
  }
  [[nodiscard]] bool done() const { return inference_ == inferences_; }
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::int64_t stalled() const { return stalled_; }
  [[nodiscard]] const PortShape& shape() const { return shape_; }
  [[nodiscard]] std::string state() const {
    if (done()) return std::string(shape_.port) + ": all given";
    return std::string(shape_.port) + " '" + shape_.name + "': " + (offered_ ? "offers" : "between") + " beat " +
           std::to_string(beat_) + " of " + std::to_string(shape_.beats()) + " of inference " +
           std::to_string(inference_) + (offered_ ? ", not taken" : "");
  }

 private:
  [[nodiscard]] bool at_mark() const { return mark_ && inference_ == mark_->inference && beat_ == mark_->beats; }

  void offer() {
    offered_ = true;
    std::memset(pins_.data, 0, shape_.beat_bytes());
    *pins_.mark = at_mark() ? 1 : 0;
    *pins_.last = at_mark() || beat_ == shape_.beats() - 1 ? 1 : 0;
    if (at_mark()) return;
    const std::int64_t row = beat_ / shape_.beats_per_row();
    const std::int64_t at = (beat_ % shape_.beats_per_row()) * shape_.lanes;
    const std::int64_t count = std::min(shape_.lanes, shape_.elements - at);
    const std::size_t size = static_cast<std::size_t>(shape_.element_bytes());
    const std::uint8_t* from = file_.data() +
                               static_cast<std::size_t>(inference_) * shape_.inference_bytes() % file_.size() +
                               static_cast<std::size_t>(row * shape_.elements + at) * size;
    if (shape_.bits % 8 == 0) {
      std::memcpy(pins_.data, from, static_cast<std::size_t>(count) * size);
      return;
    }
    for (std::int64_t bit = 0; bit < count * shape_.bits; ++bit) {
      const std::int64_t inside = bit % shape_.bits;
      const std::uint8_t byte =
          from[static_cast<std::size_t>(bit / shape_.bits) * size + static_cast<std::size_t>(inside / 8)];
      pins_.data[bit / 8] |= static_cast<unsigned char>(((byte >> (inside % 8)) & 1U) << (bit % 8));
    }
  }

  void advance() {
    if (at_mark()) {
      mark_.reset();
      beat_ = 0;
    } else if (++beat_ == shape_.beats()) {
      beat_ = 0;
      ++inference_;
    }
  }

  PortShape shape_;
  Pins pins_;
  std::vector<std::uint8_t> file_;
  std::int64_t inferences_;
  unsigned percent_;
  Random random_;
  std::optional<Mark> mark_;
  std::int64_t inference_ = 0;
  std::int64_t beat_ = 0;
  bool offered_ = false;
  std::int64_t first_ = -1;
  std::int64_t stalled_ = 0;
};

class Sink {
 public:
  Sink(const PortShape& shape, const Pins& pins, std::int64_t inferences, unsigned percent, std::uint64_t seed,
       std::optional<std::int64_t> mark)
      : shape_(shape),
        pins_(pins),
        inferences_(inferences),
        percent_(percent),
        random_(seed),
        mark_(mark),
        held_(shape.beat_bytes()) {
    file_.resize(shape.inference_bytes() * static_cast<std::size_t>(inferences));
  }

  void drive() { *pins_.ready = random_.percent(percent_) ? 1 : 0; }
  // At the edge; whether a beat was taken. A broken rule is kept in fault().
  bool sample(std::int64_t cycle) {
    if (stalled_) check_held();
    stalled_ = *pins_.valid != 0 && *pins_.ready == 0;
    if (stalled_) {
      std::memcpy(held_.data(), pins_.data, held_.size());
      held_last_ = *pins_.last;
      held_mark_ = *pins_.mark;
    }
    if (*pins_.valid == 0 || *pins_.ready == 0) return false;
    if (done()) broken("a beat after the last inference");
    if (*pins_.mark != 0) {
      take_mark();
    } else if (!done()) {
      take_beat(cycle);
    }
    return true;
  }
  [[nodiscard]] bool done() const { return completed() == inferences_ && !mark_; }
  [[nodiscard]] std::int64_t completed() const { return static_cast<std::int64_t>(ends_.size()); }
  [[nodiscard]] const std::vector<std::int64_t>& ends() const { return ends_; }
  [[nodiscard]] const std::vector<std::uint8_t>& file() const { return file_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] const PortShape& shape() const { return shape_; }
  [[nodiscard]] std::string state() const {
    if (done()) return std::string(shape_.port) + ": all taken";
    return std::string(shape_.port) + " '" + shape_.name + "': waits for " +
           (completed() == inferences_ ? std::string("a marker")
                                       : "beat " + std::to_string(beat_) + " of " + std::to_string(shape_.beats()) +
                                             " of inference " + std::to_string(completed()));
  }

 private:
  void broken(const std::string& what) {
    if (fault_.empty()) fault_ = state() + ": " + what;
  }
  void check_held() {
    if (*pins_.valid == 0) broken("valid was withdrawn before ready");
    if (*pins_.last != held_last_ || *pins_.mark != held_mark_ ||
        std::memcmp(held_.data(), pins_.data, held_.size()) != 0) {
      broken("a beat changed while it waited for ready");
    }
  }
  void take_mark() {
    if (*pins_.last == 0) broken("a marker without last");
    for (std::size_t i = 0; i < shape_.beat_bytes(); ++i) {
      if (pins_.data[i] != 0) return broken("a marker with data");
    }
    if (!mark_) return broken("a marker that nobody sent");
    if (completed() != *mark_) return broken("a marker before inference " + std::to_string(*mark_));
    mark_.reset();
    beat_ = 0;
  }
  void take_beat(std::int64_t cycle) {
    const bool last = beat_ == shape_.beats() - 1;
    if ((*pins_.last != 0) != last) broken(last ? "last is missing" : "last came early");
    const std::int64_t row = beat_ / shape_.beats_per_row();
    const std::int64_t at = (beat_ % shape_.beats_per_row()) * shape_.lanes;
    const std::int64_t count = std::min(shape_.lanes, shape_.elements - at);
    const std::size_t offset = ends_.size() * shape_.inference_bytes() +
                               static_cast<std::size_t>((row * shape_.elements + at) * shape_.element_bytes());
    for (std::int64_t i = 0; i < shape_.lanes; ++i) take_element(i, i < count ? &file_[offset] : nullptr);
    if (last) ends_.push_back(cycle);
    beat_ = last ? 0 : beat_ + 1;
  }
  // Element `index` of the beat, sign-extended, to its place behind `to`; without one it must be 0.
  void take_element(std::int64_t index, std::uint8_t* to) {
    std::uint32_t value = 0;
    if (shape_.bits % 8 == 0) {
      std::memcpy(&value, pins_.data + index * shape_.bits / 8, static_cast<std::size_t>(shape_.bits / 8));
    } else {
      for (std::int64_t bit = 0; bit < shape_.bits; ++bit) {
        const std::int64_t from = index * shape_.bits + bit;
        value |= static_cast<std::uint32_t>((pins_.data[from / 8] >> (from % 8)) & 1U) << bit;
      }
      if ((value >> (shape_.bits - 1) & 1U) != 0) value |= ~std::uint32_t{0} << shape_.bits;
    }
    if (to == nullptr) {
      if (value != 0) broken("an unused lane is not 0");
      return;
    }
    const auto size = static_cast<std::size_t>(shape_.element_bytes());
    std::memcpy(to + static_cast<std::size_t>(index) * size, &value, size);
  }

  PortShape shape_;
  Pins pins_;
  std::int64_t inferences_;
  unsigned percent_;
  Random random_;
  std::optional<std::int64_t> mark_;  // complete inferences before the marker, until it came
  std::vector<std::uint8_t> file_;
  std::vector<std::int64_t> ends_;
  std::int64_t beat_ = 0;
  bool stalled_ = false;
  std::vector<unsigned char> held_;
  unsigned char held_last_ = 0, held_mark_ = 0;
  std::string fault_;
};

// 32-bit words for a load port, the last with `last`.
class Loader {
 public:
  Loader(const char* port, unsigned char* data, unsigned char* last, unsigned char* valid, unsigned char* ready,
         std::vector<std::uint8_t> file)
      : port_(port), data_(data), last_(last), valid_(valid), ready_(ready), file_(std::move(file)) {}
  void drive(bool allowed) {
    *valid_ = allowed && !done() ? 1 : 0;
    if (*valid_ == 0) return;
    std::memcpy(data_, &file_[at_], 4);
    *last_ = at_ + 4 == file_.size() ? 1 : 0;
  }
  bool sample() {
    if (*valid_ == 0 || *ready_ == 0) return false;
    at_ += 4;
    return true;
  }
  [[nodiscard]] bool done() const { return at_ == file_.size(); }
  [[nodiscard]] std::string state() const {
    return std::string(port_) + ": " + std::to_string(at_ / 4) + " of " + std::to_string(file_.size() / 4) + " words";
  }

 private:
  const char* port_;
  unsigned char *data_, *last_, *valid_, *ready_;
  std::vector<std::uint8_t> file_;
  std::size_t at_ = 0;
};

}  // namespace algean_sim
