// A session's frames over one link, both ways: what links between nodes, a node's clients and the client library share.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/router/counters.hpp"
#include "runtime/router/flow.hpp"
#include "runtime/router/outbox.hpp"
#include "runtime/transport/transport.hpp"
#include "runtime/wire/datagram.hpp"
#include "runtime/wire/replay_window.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

struct ChannelOptions {
  std::size_t max_datagram_bytes = wire::max_datagram_bytes;  // upper bound beside the link's
  std::size_t max_outbox_bytes = std::size_t{64} << 20;       // that may wait for credit; one send() may always
  std::int64_t probe_ns = 1'000'000'000;                      // silence after which on_time() pings; 0: never
};

// Keeps sequence numbers, the replay window, acknowledgement, position and credit. A data frame that credit does not
// let go waits in an outbox, in order and as a copy; nothing ever blocks. Time comes in as an argument, and may be some
// milliseconds old. While credit is there, sending and accepting allocate nothing.
class Channel {
 public:
  static constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t retell_ns = 20'000'000;        // from a change of credit to a frame that tells it
  static constexpr std::int64_t blocked_ping_ns = 10'000'000;  // between pings while data waits for credit

  // The counters outlive the channel; channels of one thread may share them.
  Channel(std::unique_ptr<Transport> link, const ChannelOptions& options, ChannelCounters& counters);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // A new session: sequence 0, position 0, nothing queued, credit unknown. `identity` gives kernels and slot of frames
  // that are no data.
  void begin(std::uint64_t epoch, const wire::MessageHeader& identity, std::int64_t now_ns);
  void identify(const wire::MessageHeader& identity) { identity_ = identity; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] Transport& link() const { return *link_; }
  [[nodiscard]] std::size_t max_datagram_bytes() const;

  // What the link brought: datagrams for parse(), and then accept().
  Received receive(std::span<std::byte> into);
  // Takes a frame in, and does what flow control and pings ask for; data, errors, attach and the like are left to the
  // caller. Anything but Drop::none says why it must be dropped. attach and attach_reply have no sequence. Time that
  // goes into pongs and round trips: exact where frame.type() is ping or pong.
  wire::Drop accept(const wire::Datagram& frame, std::int64_t now_ns);

  // Cuts tensors into data frames and sends what credit lets go; the rest waits. `common` as for wire::Cutter. done:
  // sent or waiting. empty: nothing was taken, the outbox is full. refused: nobody is there; some may have gone.
  // failed, oversized: the system would not take all of it, which is counted.
  Transfer send(const wire::MessageHeader& common, std::span<const wire::Shipment> shipments, std::int64_t now_ns);
  // attach_reply frames: the description in pieces.
  Transfer describe(std::span<const std::byte> description);
  // `header` gives kernel, slot and inference. Waits when the system's buffers are full.
  Transfer error(wire::MessageHeader header, wire::ErrorCode code, std::string_view text);
  // attach, detach, credit: frames without payload.
  Transfer signal(wire::FrameType type);
  // `full`: of as many bytes as a datagram may have.
  Transfer ping(std::int64_t now_ns, bool full);

  // What time brings: credit that was not told, pings while blocked or after silence, frames that wait. When to come
  // back, or never_ns.
  std::int64_t on_time(std::int64_t now_ns);

  // A send or receive found nobody at the other end, since begin() or clear_refused().
  [[nodiscard]] bool refused() const { return refused_; }
  void clear_refused() { refused_ = false; }
  [[nodiscard]] std::size_t queued_bytes() const { return outbox_.bytes(); }
  // Forgets what waits.
  void drop_queued();
  // Since begin(): frames that never came, and when that number last grew.
  [[nodiscard]] std::uint64_t gaps() const { return window_.gaps(); }
  [[nodiscard]] std::int64_t gap_ns() const { return gap_ns_; }
  // About when a frame last came.
  [[nodiscard]] std::int64_t heard_ns() const { return heard_ns_; }
  // Whether nothing came for that long, though half as long ago a ping asked for it. (A process that was stopped finds
  // much time gone, but the answers may lie before it.)
  [[nodiscard]] bool is_silent(std::int64_t now_ns, std::int64_t timeout_ns) const {
    return now_ns - heard_ns_ >= timeout_ns && asked_ && now_ns - asked_ns_ >= timeout_ns / 2;
  }
  // The next ping after silence goes no sooner than probe_ns from now.
  void put_off_probe(std::int64_t now_ns) { probed_ns_ = now_ns; }

  // Of the latest ping that was answered; -1: none.
  [[nodiscard]] std::int64_t rtt_ns() const { return rtt_ns_; }
  // Whether a ping of full size came back whole, since begin() or doubt_path().
  [[nodiscard]] bool path_is_whole() const { return path_is_whole_; }
  void doubt_path() { path_is_whole_ = false; }
  // The other clock minus ours, from the shortest round trip; 0 when that cannot tell them apart.
  [[nodiscard]] std::int64_t clock_offset_ns() const { return clock_offset_ns_; }

 private:
  static constexpr std::size_t batch_bytes = wire::max_datagram_bytes;
  static constexpr std::size_t batch_datagrams = 64;
  static constexpr std::size_t max_waiting_errors = 256;

  wire::FrameHeader frame(wire::FrameType type);
  Transfer write(wire::FrameType type, const wire::MessageHeader& header, std::span<const std::byte> payload);
  Transfer sent(Transfer result, std::size_t frames, std::size_t bytes);

  // Writes the frame header of the data frame that goes next.
  void seal_data(std::span<std::byte> datagram, std::uint8_t messages, std::uint32_t charge);
  // Sends sealed data frames that lie side by side. `gone`: how many bytes of them went or are lost; the rest shall be
  // sealed again.
  Transfer flush(std::span<const std::byte> datagrams, std::size_t segment_bytes, std::size_t& gone);
  // The same, but the rest waits in the outbox.
  Transfer flush_or_queue(std::span<const std::byte> datagrams, std::size_t segment_bytes, std::int64_t now_ns);
  void queue_rest(wire::Cutter& cutter, std::int64_t now_ns);
  void push(std::span<const std::byte> datagram, std::uint8_t messages, std::uint32_t charge, std::int64_t now_ns);
  // Sends what waits, as far as it may go.
  void drain(std::int64_t now_ns);
  bool drain_batch();
  void drain_errors();
  void on_ping(const wire::Datagram& frame, std::int64_t now_ns);
  void on_pong(const wire::Datagram& frame, std::int64_t now_ns);

  std::unique_ptr<Transport> link_;
  ChannelOptions options_;
  ChannelCounters& counters_;
  std::vector<std::byte> storage_;
  std::uint32_t window_bytes_;

  std::uint64_t epoch_ = 0;
  wire::MessageHeader identity_;
  std::uint32_t next_sequence_ = 0;
  wire::ReplayWindow window_;
  flow::Sender sender_;
  flow::Receiver receiver_;
  Outbox outbox_;
  Outbox errors_;  // that the system's full buffers did not take
  bool refused_ = false;

  std::int64_t heard_ns_ = 0;
  std::int64_t gap_ns_ = 0;
  std::int64_t retell_at_ns_ = never_ns;
  std::int64_t blocked_since_ns_ = 0;
  std::int64_t probed_ns_ = 0;  // when it was last asked for a sign of life
  std::int64_t asked_ns_ = 0;   // the first time it was asked since a frame last came
  bool asked_ = false;
  std::int64_t rtt_ns_ = -1;
  std::int64_t least_rtt_ns_ = never_ns;
  std::int64_t clock_offset_ns_ = 0;
  bool path_is_whole_ = false;
};

}  // namespace algean
