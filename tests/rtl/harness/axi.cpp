#include "tests/rtl/harness/axi.hpp"

namespace algean::rtl {

Beat AxisBeat::beat() const {
  Beat result{Elements(bytes.begin(), bytes.end()), last, user};
  for (const std::uint64_t value : {keep, dest, id}) result.lanes.push_back(static_cast<std::int64_t>(value));
  return result;
}

std::vector<AxisBeat> to_axis(const Elements& tensor, std::size_t bits, std::size_t beat_bytes, std::uint64_t dest,
                              std::uint64_t id) {
  std::vector<std::uint8_t> bytes;
  for (const std::int64_t element : tensor) {
    for (std::size_t at = 0; at < bits; at += 8) bytes.push_back(static_cast<std::uint8_t>(element >> at));
  }
  std::vector<AxisBeat> beats;
  for (std::size_t at = 0; at < bytes.size(); at += beat_bytes) {
    AxisBeat beat{std::vector<std::uint8_t>(beat_bytes), 0, dest, id};
    for (std::size_t i = 0; i < beat_bytes && at + i < bytes.size(); ++i) {
      beat.bytes[i] = bytes[at + i];
      beat.keep |= std::uint64_t{1} << i;
    }
    beats.push_back(beat);
  }
  beats.back().last = true;
  return beats;
}

AxisBeat axis_marker(std::size_t beat_bytes, std::uint64_t dest, std::uint64_t id) {
  return {std::vector<std::uint8_t>(beat_bytes), (std::uint64_t{1} << beat_bytes) - 1, dest, id, true, true};
}

void AxisSource::offer(Random& random, unsigned percent) {
  if (offering_) return;
  offering_ = !waiting_.empty() && random() % 100 < percent;
  AxisBeat beat{std::vector<std::uint8_t>(port_.bytes), random(), random(), 0, random() % 2 == 0, random() % 2 == 0};
  for (std::uint8_t& byte : beat.bytes) byte = static_cast<std::uint8_t>(random());
  if (offering_) beat = waiting_.front();
  for (std::size_t i = 0; i < port_.bytes; ++i) port_.data.set(8 * i, 8, beat.bytes[i]);
  port_.keep.set(0, port_.bytes, beat.keep);
  port_.dest.set(0, 8, beat.dest);
  port_.last.set(beat.last);
  port_.user.set(beat.user);
  port_.valid.set(offering_);
}

void AxisSource::settle() {
  if (!offering_ || port_.ready.get(0, 1) == 0) return;
  waiting_.pop_front();
  offering_ = false;
}

void AxisSink::accept(Random& random, unsigned percent) {
  ready_ = random() % 100 < percent;
  port_.ready.set(ready_);
}

std::optional<AxisBeat> AxisSink::settle() {
  std::optional<AxisBeat> beat;
  if (port_.valid.get(0, 1) != 0) {
    beat = AxisBeat{std::vector<std::uint8_t>(port_.bytes),
                    port_.keep.get(0, port_.bytes),
                    port_.dest.get(0, 8),
                    0,
                    port_.last.get(0, 1) != 0,
                    port_.user.get(0, 1) != 0};
    if (port_.id) beat->id = port_.id->get(0, 8);
    for (std::size_t i = 0; i < port_.bytes; ++i) beat->bytes[i] = static_cast<std::uint8_t>(port_.data.get(8 * i, 8));
  }
  broken = broken || (offered_ && offered_ != beat);
  if (beat && !ready_) ++stalled_cycles;
  offered_ = ready_ ? std::nullopt : beat;
  return ready_ ? beat : std::nullopt;
}

void LiteMaster::read(std::uint32_t address) {
  port_.araddr.set(0, 12, address);
  state_ = State::read_address;
}

void LiteMaster::write(std::uint32_t address, std::uint32_t data, std::uint32_t strobe) {
  port_.awaddr.set(0, 12, address);
  port_.wdata.set(0, 32, data);
  port_.wstrb.set(0, 4, strobe);
  address_sent_ = false;
  data_sent_ = false;
  state_ = State::write_both;
}

void LiteMaster::drive() {
  port_.arvalid.set(state_ == State::read_address);
  port_.rready.set(state_ == State::read_data);
  port_.awvalid.set(state_ == State::write_both && !address_sent_);
  port_.wvalid.set(state_ == State::write_both && !data_sent_);
  port_.bready.set(state_ == State::write_response);
}

void LiteMaster::settle() {
  const auto goes = [](const Signal& valid, const Signal& ready) {
    return valid.get(0, 1) != 0 && ready.get(0, 1) != 0;
  };
  if (goes(port_.arvalid, port_.arready)) state_ = State::read_data;
  address_sent_ = address_sent_ || goes(port_.awvalid, port_.awready);
  data_sent_ = data_sent_ || goes(port_.wvalid, port_.wready);
  if (state_ == State::write_both && address_sent_ && data_sent_) state_ = State::write_response;
  if (goes(port_.rvalid, port_.rready)) {
    value = static_cast<std::uint32_t>(port_.rdata.get(0, 32));
    response = static_cast<std::uint32_t>(port_.rresp.get(0, 2));
    state_ = State::idle;
  }
  if (goes(port_.bvalid, port_.bready)) {
    response = static_cast<std::uint32_t>(port_.bresp.get(0, 2));
    state_ = State::idle;
  }
}

}  // namespace algean::rtl
