#include "runtime/client/node_link.hpp"

#include <algorithm>

namespace algean {
namespace {

constexpr std::int64_t first_retry_ns = 20'000'000;
constexpr std::int64_t longest_retry_ns = 1'000'000'000;
constexpr std::int64_t taken_retry_ns = 100'000'000;
constexpr int tolerated_refusals = 1;  // the node may begin to listen just now

}  // namespace

NodeLink::NodeLink(std::string name, std::unique_ptr<Transport> link, const ChannelOptions& options)
    : name_(std::move(name)), address_(link->peer()), channel_(std::move(link), options, counters_) {}

std::string NodeLink::where() const {
  return name_.empty() ? fmt::format("node {}", address_) : fmt::format("node {} at {}", name_, address_);
}

Error NodeLink::error(ErrorKind kind, std::string_view what) const {
  return {kind, fmt::format("{}: {}", where(), what)};
}

wire::MessageHeader NodeLink::identity(std::uint16_t slot) const {
  wire::MessageHeader header;
  header.destination_kernel = wire::node_kernel;
  header.source_kernel = wire::client_kernel;
  header.client_slot = slot;
  return header;
}

void NodeLink::begin_attach(std::uint64_t epoch, std::uint16_t slot, std::int64_t now_ns) {
  channel_.begin(epoch, identity(slot), now_ns);
  attached_ = false;
  wanted_slot_ = slot;
  next_ask_ns_ = now_ns;
  retry_ns_ = first_retry_ns;
  refusals_ = answered_refusals_ = 0;
  taken_.clear();
  attach_error_.reset();
  description_.reset();
}

void NodeLink::ask(std::int64_t now_ns) {
  if (attached_ || (now_ns < next_ask_ns_ && refusals_ == answered_refusals_)) return;
  if (refusals_ > tolerated_refusals) return fail("nobody answers there: connection refused");
  answered_refusals_ = refusals_;
  if (channel_.signal(wire::FrameType::attach) == Transfer::refused) on_nobody();
  next_ask_ns_ = refusals_ == answered_refusals_ ? now_ns + retry_ns_ : now_ns;
  retry_ns_ = std::min(2 * retry_ns_, taken_.empty() ? longest_retry_ns : taken_retry_ns);
}

void NodeLink::on_reply(const wire::Message& message) {
  const std::size_t bytes = message.header.inference_id;
  if (attached_ || bytes == 0 || bytes > max_description_bytes) return;
  if (wanted_slot_ != wire::any_slot && message.header.client_slot != wanted_slot_) return;
  if (!description_ || description_bytes_[0] != bytes) {
    description_bytes_[0] = bytes;
    description_.emplace(description_bytes_);
  }
  slot_ = message.header.client_slot;
  description_->add(message.header, message.payload);
  if (!description_->complete()) return;
  attached_ = true;
  channel_.identify(identity(slot_));
}

void NodeLink::on_refusal(wire::ErrorCode code, std::string_view text) {
  if (attached_) return;
  std::string why = fmt::format("{}: {}", to_text(code), text);
  if (code != wire::ErrorCode::slot_taken) return fail(why);
  taken_ = std::move(why);
  retry_ns_ = std::min(retry_ns_, taken_retry_ns);
}

Error NodeLink::no_answer(std::int64_t waited_ns) const {
  const double ms = static_cast<double>(waited_ns) / 1e6;
  if (!taken_.empty()) return error(ErrorKind::deadline, fmt::format("not free within {:.0f} ms: {}", ms, taken_));
  return error(ErrorKind::deadline, fmt::format("no answer to an attach within {:.0f} ms", ms));
}

Result<Description> NodeLink::take_description() {
  auto description = decode_description(description_->bytes(0));
  description_.reset();
  if (!description) return std::unexpected(error(ErrorKind::failed, description.error().message));
  return description;
}

void NodeLink::detach() {
  if (attached_) channel_.signal(wire::FrameType::detach);
  attached_ = false;
}

}  // namespace algean
