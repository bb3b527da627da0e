#include "runtime/client/session.hpp"

#include <sched.h>

#include <algorithm>
#include <random>
#include <utility>

namespace algean {
namespace {

constexpr std::uint32_t polls_a_clock_reading = 64;
constexpr std::int64_t fresh_ns = 5'000;  // since await() looked at the links: no need to do so again

std::uint64_t system_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

double to_ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

Session::Session(std::unique_ptr<Dialler> dialler, std::string entry, const ClientOptions& options, const Clock& clock)
    : dialler_(std::move(dialler)),
      entry_(std::move(entry)),
      options_(options),
      clock_(clock),
      random_(options.seed != 0 ? options.seed : system_seed()),
      idle_(options.poll, options.polling_threads, usable_cores(), clock),
      buffer_(receive_buffer_bytes),
      in_flight_(static_cast<std::uint32_t>(random_.next())),
      traces_(options.trace) {}

Session::~Session() { leave(); }

std::size_t Session::max_in_flight() const {
  return std::min<std::size_t>(in_flight_.capacity(), description_.max_in_flight);
}

Result<std::uint32_t> Session::submit(std::span<const std::span<const std::byte>> inputs, std::int64_t timeout_ns) {
  now_ns_ = clock_.now_ns();
  if (now_ns_ - awaited_ns_ > fresh_ns) pump_some([] { return false; });  // was the session lost meanwhile?
  if (const std::size_t used = in_flight_.used(); used >= max_in_flight()) {
    return failed("deployment {}: {} inferences are in flight, the most: await one", description_.deployment, used);
  }
  const std::int64_t begin_ns = now_ns_;
  Error why;
  for (int attempt = 0; attempt < 2; ++attempt) {
    ALGEAN_TRY(ensure_session(begin_ns + timeout_ns));
    Inference& inference = in_flight_.begin(begin_ns, timeout_ns);
    NodeLink* node = nullptr;
    const Transfer result = send_inputs(inputs, inference, node);
    if (result == Transfer::done) return inference.id;
    const std::size_t queued = node->channel().queued_bytes();
    why = result != Transfer::empty
              ? node->error(ErrorKind::failed, fmt::format("inference {}: {}", inference.id, to_text(result)))
              : node->error(ErrorKind::deadline, fmt::format("inference {}: not sent within {} ms: {} bytes wait for "
                                                             "credit",
                                                             inference.id, to_ms(timeout_ns), queued));
    in_flight_.end(inference.id);
    if (result != Transfer::refused) break;
    lose(*node, "is gone: connection refused");
  }
  return std::unexpected(std::move(why));
}

Transfer Session::send_inputs(std::span<const std::span<const std::byte>> inputs, Inference& inference,
                              NodeLink*& node) {
  wire::MessageHeader common;
  common.source_kernel = wire::client_kernel;
  common.client_slot = slot_;
  common.inference_id = inference.id;
  if (traces_) {
    common.flags = wire::flag_trace;
    common.time_stamp = static_cast<std::uint64_t>(clock_.now_ns());
  }
  for (std::size_t i = 0; i < links_.size(); ++i) {
    Channel& channel = links_[i]->channel();
    inference.gaps[i] = channel.gaps();
    channel.put_off_probe(now_ns_);
    if (traces_ && channel.rtt_ns() < 0) channel.ping(clock_.now_ns(), false);  // tells its clock from ours
  }
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (legs_[i].empty()) continue;
    node = links_[i].get();
    shipments_.clear();
    for (const Leg& leg : legs_[i]) shipments_.push_back({leg.kernel, leg.port, leg.input, inputs[leg.input]});
    const Transfer result = send_to(*node, common, inference.deadline_ns());
    if (result != Transfer::done) return result;
  }
  return Transfer::done;
}

Transfer Session::send_to(NodeLink& node, const wire::MessageHeader& common, std::int64_t deadline_ns) {
  Transfer result = node.channel().send(common, shipments_, now_ns_);
  while (result == Transfer::empty && now_ns_ < deadline_ns) {  // much waits for credit already
    look_everywhere_ = true;
    if (pump(Which::all)) {
      now_ns_ = clock_.now_ns();
    } else if (rest(deadline_ns)) {
      return Transfer::empty;
    }
    if (state_ != State::attached) return Transfer::refused;
    result = node.channel().send(common, shipments_, now_ns_);
  }
  return result;
}

bool Session::ready(std::uint32_t id) {
  const Inference* inference = in_flight_.find_waiting(id);
  if (inference == nullptr) return true;
  pump_some([&] { return !inference->waits(); });
  if (inference->waits()) look_after_links();
  return !inference->waits() || now_ns_ >= inference->deadline_ns();
}

Result<const wire::Assembly*> Session::await(std::uint32_t id) {
  Inference* inference = in_flight_.find(id);
  if (inference == nullptr) return bad_input("ticket {} is not in flight", id);
  const std::int64_t deadline_ns = inference->deadline_ns();
  const bool looks = inference->waits();
  while (inference->waits()) {
    bool expired = false;
    if (pump(std::exchange(look_everywhere_, false) ? Which::all : Which::likely)) {
      idle_.work();
      empty_polls_ = 0;
      if (++busy_polls_ % polls_a_clock_reading == 0) {
        look_after_links();
        expired = now_ns_ >= deadline_ns;
      }
    } else {
      expired = rest(deadline_ns);
    }
    if (expired && inference->waits()) {
      Error why = too_late(*inference);
      release(id);
      return std::unexpected(std::move(why));
    }
  }
  if (inference->state == Inference::State::done) {
    if (looks) awaited_ns_ = clock_.now_ns();
    return &inference->outputs;
  }
  Error why = std::move(*inference->error);
  release(id);
  return std::unexpected(std::move(why));
}

Error Session::too_late(const Inference& inference) const {
  std::string text = fmt::format("inference {}: no answer within {} ms", inference.id, to_ms(inference.timeout_ns));
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const NodeLink& node = *links_[i];
    const auto lost = static_cast<std::int64_t>(node.channel().gaps() - inference.gaps[i]);
    if (lost > 0) text += fmt::format("; {} frame{} from {} never came", lost, lost == 1 ? "" : "s", node.where());
    const std::size_t queued = node.channel().queued_bytes();
    if (queued > 0) text += fmt::format("; {} bytes wait for credit of {}", queued, node.where());
  }
  const std::size_t port = inference.outputs.missing().port;
  return links_[description_.output_nodes[port]]->error(ErrorKind::deadline, text);
}

bool Session::rest(std::int64_t deadline_ns) {
  const Idle::Step step = idle_.next();
  if (step == Idle::Step::yield) ::sched_yield();
  if (step != Idle::Step::block && ++empty_polls_ % polls_a_clock_reading != 0) return false;
  const std::int64_t next_ns = std::min(look_after_links(), deadline_ns);
  if (now_ns_ >= deadline_ns) return true;
  if (step == Idle::Step::block && state_ == State::attached && next_ns > now_ns_) dialler_->wait(next_ns - now_ns_);
  return false;
}

std::int64_t Session::look_after_links() {
  now_ns_ = clock_.now_ns();
  // All links were pumped since: what came before that is here, also when this process was stopped in between.
  const std::int64_t before_ns = std::exchange(looked_ns_, now_ns_);
  look_everywhere_ = true;
  std::int64_t next_ns = Channel::never_ns;
  for (std::size_t i = 0; i < links_.size() && state_ == State::attached; ++i) {
    NodeLink& node = *links_[i];
    next_ns = std::min(next_ns, node.channel().on_time(now_ns_));
    if (node.channel().refused()) {
      on_refused(node);
    } else if (node.channel().is_silent(before_ns, options_.node_timeout_ns)) {
      lose(node, fmt::format("is gone: no sign of life for {} ms", to_ms(options_.node_timeout_ns)));
    }
  }
  return next_ns;
}

}  // namespace algean
