#include "tests/rtl/harness/stream_driver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace algean::rtl {
namespace {

std::int64_t sign_extend(std::uint64_t value, std::size_t bits) {
  const std::uint64_t top = std::uint64_t{1} << (bits - 1);
  return static_cast<std::int64_t>((value ^ top) - top);
}

}  // namespace

std::uint64_t Signal::get(std::size_t at, std::size_t bits) const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bits;) {
    const std::size_t shift = (at + i) % 8;
    const std::size_t take = std::min(8 - shift, bits - i);
    const std::uint64_t part = (bytes_[(at + i) / 8] >> shift) & ((1U << take) - 1U);
    value |= part << i;
    i += take;
  }
  return value;
}

void Signal::set(std::size_t at, std::size_t bits, std::uint64_t value) {
  for (std::size_t i = 0; i < bits;) {
    const std::size_t shift = (at + i) % 8;
    const std::size_t take = std::min(8 - shift, bits - i);
    const unsigned mask = (1U << take) - 1U;
    unsigned char& byte = bytes_[(at + i) / 8];
    const unsigned part = static_cast<unsigned>(value >> i) & mask;
    byte = static_cast<unsigned char>((byte & ~(mask << shift)) | (part << shift));
    i += take;
  }
}

std::string Beat::text() const {
  return fmt::format("[{}]{}{}", fmt::join(lanes, " "), last ? " last" : "", mark ? " mark" : "");
}

std::vector<Beat> to_beats(const StreamShape& shape, const Elements& tensor) {
  std::vector<Beat> beats;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    for (std::size_t begin = 0; begin < shape.elements; begin += shape.lanes) {
      Beat beat{Elements(shape.lanes, 0)};
      const auto from = tensor.begin() + static_cast<std::ptrdiff_t>(row * shape.elements + begin);
      std::copy_n(from, std::min(shape.lanes, shape.elements - begin), beat.lanes.begin());
      beats.push_back(beat);
    }
  }
  beats.back().last = true;
  return beats;
}

Beat marker(const StreamShape& shape) { return {Elements(shape.lanes, 0), true, true}; }

void Source::offer(Random& random, unsigned percent) {
  if (offering_) return;
  babble(random);
  offering_ = !waiting_.empty() && random() % 100 < percent;
  port_.valid.set(port_.index, 1, offering_);
  if (!offering_) return;
  const Beat& beat = waiting_.front();
  for (std::size_t i = 0; i < port_.shape.lanes; ++i) {
    const std::size_t bits = port_.shape.bits;
    port_.data.set(port_.data_at + i * bits, bits, static_cast<std::uint64_t>(beat.lanes[i]));
  }
  port_.last.set(port_.index, 1, beat.last);
  port_.mark.set(port_.index, 1, beat.mark);
}

void Source::babble(Random& random) {
  for (std::size_t i = 0; i < port_.shape.lanes; ++i) {
    port_.data.set(port_.data_at + i * port_.shape.bits, port_.shape.bits, random());
  }
  port_.last.set(port_.index, 1, random() % 8 == 0);
  port_.mark.set(port_.index, 1, random() % 64 == 0);
  port_.valid.set(port_.index, 1, random() % 2);
}

bool Source::settle() {
  if (!offering_ || port_.ready.get(port_.index, 1) == 0) return false;
  waiting_.pop_front();
  offering_ = false;
  return true;
}

void Source::clear() {
  waiting_.clear();
  offering_ = false;
  port_.valid.set(port_.index, 1, 0);
}

std::optional<Beat> Sink::read() const {
  if (port_.valid.get(port_.index, 1) == 0) return std::nullopt;
  Beat beat{Elements(port_.shape.lanes), port_.last.get(port_.index, 1) != 0, port_.mark.get(port_.index, 1) != 0};
  const std::size_t bits = port_.shape.bits;
  for (std::size_t i = 0; i < port_.shape.lanes; ++i) {
    beat.lanes[i] = sign_extend(port_.data.get(port_.data_at + i * bits, bits), bits);
  }
  return beat;
}

void Sink::accept(Random& random, unsigned percent, bool shy) {
  ready_ = random() % 100 < percent && (!shy || waits_);
  port_.ready.set(port_.index, 1, ready_);
}

std::optional<std::string> Sink::look() {
  const std::optional<Beat> before = waits_ ? offered_ : std::nullopt;
  offered_ = read();
  if (!before || offered_ == before) return std::nullopt;
  return fmt::format("withdrew {} for {} before it was taken", before->text(), offered_ ? offered_->text() : "nothing");
}

std::optional<Beat> Sink::settle() {
  waits_ = offered_ && !ready_;
  return ready_ ? offered_ : std::nullopt;
}

void Sink::clear() {
  offered_.reset();
  waits_ = false;
  ready_ = false;
  refuse();
}

}  // namespace algean::rtl
