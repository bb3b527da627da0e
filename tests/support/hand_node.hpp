// A node by hand: it attaches clients with whatever description a test gives it, and sends whatever the test writes.
#pragma once

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/transport/loopback.hpp"
#include "runtime/wire/datagram.hpp"

namespace algean::testing_support {

class HandNode {
 public:
  using Bytes = std::vector<std::byte>;

  HandNode(LoopbackNetwork& network, const std::string& name) : listener_(network.listen(name)) {}

  Bytes description;               // empty: attaches are not answered
  std::uint64_t epoch_change = 0;  // of replies
  std::uint16_t slot_given = 0;    // in replies
  int refusals = 0;                // so many attaches are answered by error `refusal` first
  wire::ErrorCode refusal = wire::ErrorCode::slot_taken;
  bool pongs = true;                 // whether pings are answered
  std::uint32_t credit = 1U << 30U;  // in every frame
  std::size_t data_frames = 0;       // that came
  std::uint32_t sequence = 0;        // of the next frame

  [[nodiscard]] std::string address() const { return listener_->address(); }
  void wake() { listener_->wake(); }
  // Takes what has come.
  void step() {
    for (Peer from; true;) {
      const Received got = listener_->receive(buffer_, from);
      if (got.result != Transfer::done) return;
      if (parse(std::span(buffer_).first(got.bytes), *datagram_) != wire::Drop::none) continue;
      if (datagram_->type() == wire::FrameType::attach) on_attach(from);
      if (datagram_->type() == wire::FrameType::data) ++data_frames;
      if (datagram_->type() == wire::FrameType::ping && pongs) {
        const auto payload = datagram_->messages().front().payload;
        send(wire::FrameType::pong, header_for(0), Bytes(payload.begin(), payload.end()));
      }
    }
  }
  static wire::MessageHeader header_for(std::uint32_t id, std::uint8_t port = 0) {
    wire::MessageHeader header;
    header.source_kernel = wire::node_kernel;
    header.destination_port = port;
    header.flags = wire::flag_first | wire::flag_last;
    header.inference_id = id;
    return header;
  }
  Bytes frame(wire::FrameType type, wire::MessageHeader header, const Bytes& payload) {
    Bytes storage(wire::max_datagram_bytes);
    wire::DatagramWriter writer(storage);
    header.payload_length = static_cast<std::uint16_t>(payload.size());
    std::byte* to = writer.add(header);
    if (!payload.empty()) std::memcpy(to, payload.data(), payload.size());
    wire::FrameHeader frame;
    frame.type = static_cast<std::uint8_t>(type);
    frame.epoch = epoch_;
    frame.sequence = type == wire::FrameType::attach_reply ? 0 : sequence++;
    const auto bytes = writer.finish(frame, credit);
    return {bytes.begin(), bytes.end()};
  }
  void send(const Bytes& datagram) { listener_->send(peer_, datagram); }
  void send(wire::FrameType type, const wire::MessageHeader& header, const Bytes& payload) {
    send(frame(type, header, payload));
  }
  void send_error(std::uint32_t id, wire::ErrorCode code, std::string_view text) {
    Bytes payload(sizeof(std::uint16_t) + text.size());
    wire::store(payload.data(), static_cast<std::uint16_t>(code));
    std::memcpy(payload.data() + sizeof(std::uint16_t), text.data(), text.size());
    send(wire::FrameType::error, header_for(id), payload);
  }

 private:
  void on_attach(const Peer& from) {
    peer_ = from;
    epoch_ = datagram_->frame.epoch ^ epoch_change;
    if (refusals > 0) {
      --refusals;
      sequence = 0;  // as a node that keeps nothing of who it refuses
      send_error(0, refusal, "no");
      sequence = 0;
    } else if (!description.empty()) {
      wire::MessageHeader header = header_for(static_cast<std::uint32_t>(description.size()));
      header.client_slot = slot_given;
      send(wire::FrameType::attach_reply, header, description);
    }
  }

  std::unique_ptr<Listener> listener_;
  Peer peer_;
  std::uint64_t epoch_ = 0;
  std::unique_ptr<wire::Datagram> datagram_ = std::make_unique<wire::Datagram>();
  Bytes buffer_ = Bytes(receive_buffer_bytes);
};

}  // namespace algean::testing_support
