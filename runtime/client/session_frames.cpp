// What a session does with what nodes send.
#include "runtime/base/printable.hpp"
#include "runtime/client/session.hpp"

namespace algean {
namespace {

using wire::Drop;
using wire::ErrorCode;
using wire::FrameType;

constexpr std::uint32_t polls_a_look_everywhere = 8;

bool is_traced(const wire::Datagram& datagram) {
  return (datagram.messages().front().header.flags & wire::flag_trace) != 0;
}

}  // namespace

bool Session::pump(Which which) {
  const bool all = which == Which::all || ++polls_ % polls_a_look_everywhere == 0;
  bool any = false;
  for (std::size_t i = 0; i < links_.size() && state_ != State::lost; ++i) {
    if ((all || gives_output_[i] != 0) && take(*links_[i], i)) any = true;
  }
  return any;
}

bool Session::take(NodeLink& node, std::size_t index) {
  const Received got = node.channel().receive(buffer_);
  if (got.result == Transfer::done) {
    for (auto rest = std::span<const std::byte>(buffer_).first(got.bytes); !rest.empty();) {
      const auto datagram = next_datagram(rest, got.segment_bytes);
      if (parse(datagram, datagram_) == Drop::none) on_frame(node, index);
    }
  }
  if (node.channel().refused()) on_refused(node);
  return got.result != Transfer::empty && got.result != Transfer::failed;
}

void Session::on_refused(NodeLink& node) {
  if (state_ == State::attaching && !node.attached()) {
    node.on_nobody();
  } else {
    lose(node, "is gone: connection refused");
  }
}

void Session::on_frame(NodeLink& node, std::size_t index) {
  if (state_ == State::lost || datagram_.frame.epoch != node.channel().epoch()) return;
  const FrameType type = datagram_.type();
  // Before the session is there, a node numbers its errors by none: they must not count as received.
  const bool is_refusal = type == FrameType::error && !node.attached();
  const bool is_timed = type == FrameType::ping || type == FrameType::pong;
  if (is_timed || (type == FrameType::data && is_traced(datagram_))) now_ns_ = clock_.now_ns();
  const bool is_new = is_refusal || node.channel().accept(datagram_, now_ns_) == Drop::none;
  if (type == FrameType::attach_reply) {
    for (const wire::Message& message : datagram_.messages()) node.on_reply(message);
  } else if (type == FrameType::error) {
    for (const wire::Message& message : datagram_.messages()) on_error(node, message, is_new);
  } else if (type == FrameType::data && is_new) {
    if (is_traced(datagram_)) on_trace(index, datagram_.messages().front().header);
    for (const wire::Message& message : datagram_.messages()) on_output(node, index, message);
  } else if (type == FrameType::detach && is_new) {
    lose(node, "stopped");
  }
}

void Session::on_output(NodeLink& node, std::size_t index, const wire::Message& message) {
  const wire::MessageHeader& header = message.header;
  Inference* inference = in_flight_.find_waiting(header.inference_id);
  if (inference == nullptr || header.destination_kernel != wire::client_kernel || header.client_slot != slot_) return;
  const unsigned port = header.destination_port;
  if (port < description_.output_nodes.size() && description_.output_nodes[port] != index) {
    const auto what = fmt::format("inference {}: output port {} is another node's", inference->id, port);
    return inference->fail(node.error(ErrorKind::failed, what));
  }
  const wire::Piece piece = inference->outputs.add(header, message.payload);
  if (piece == wire::Piece::accepted) {
    if (inference->outputs.complete()) inference->state = Inference::State::done;
  } else if (piece != wire::Piece::duplicate) {
    const auto what = fmt::format("inference {}: output port {}, {} bytes at {}: {}", inference->id, port,
                                  message.payload.size(), header.tensor_offset, to_text(piece));
    inference->fail(node.error(ErrorKind::failed, what));
  }
}

void Session::on_trace(std::size_t index, const wire::MessageHeader& header) {
  const Inference* inference = in_flight_.find_waiting(header.inference_id);
  if (inference == nullptr) return;
  const auto sent_ns = static_cast<std::int64_t>(header.time_stamp) - links_[index]->channel().clock_offset_ns();
  const std::int64_t wire_ns = now_ns_ - sent_ns;
  if (sent_ns < inference->begun_ns || wire_ns < 0) return;  // another clock, or a lie
  ++trace_[index].frames;
  trace_[index].wire_ns += wire_ns;
}

void Session::on_error(NodeLink& node, const wire::Message& message, bool is_new) {
  if (message.payload.size() < sizeof(std::uint16_t)) return;
  const auto code = static_cast<ErrorCode>(wire::load<std::uint16_t>(message.payload.data()));
  const std::string text = printable(message.payload.subspan(sizeof(std::uint16_t)));
  const std::uint32_t id = message.header.inference_id;
  if (!node.attached()) {
    if (id == 0) node.on_refusal(code, text);
    return;
  }
  const std::string why = fmt::format("{}: {}", to_text(code), text);
  const auto with_id = [&](std::uint32_t which) {
    return node.error(ErrorKind::failed, fmt::format("inference {}: {}", which, why));
  };
  if (code == ErrorCode::no_session) return lose(node, why);  // also from a node whose frames have no sequence
  if (!is_new) return;
  if (id == 0) return in_flight_.fail_all(with_id);
  if (Inference* inference = in_flight_.find_waiting(id); inference != nullptr) inference->fail(with_id(id));
}

void Session::lose(NodeLink& node, std::string_view why) {
  if (state_ == State::lost) return;
  if (state_ == State::attaching) return node.fail(why);
  in_flight_.fail_all(
      [&](std::uint32_t id) { return node.error(ErrorKind::failed, fmt::format("inference {}: {}", id, why)); });
  leave();
}

}  // namespace algean
