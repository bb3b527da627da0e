// The calls of an agent that take their time: load, tap, taps.
#include <algorithm>

#include "cluster/agent/agent.hpp"
#include "cluster/agent/load.hpp"

namespace algean::cluster {
namespace {

constexpr std::uint32_t usual_deadline_ms = 60'000;  // of a request that says none
constexpr std::uint32_t longest_deadline_ms = 3'600'000;
constexpr std::size_t most_name_characters = 256;

}  // namespace

// Whether one more part of this deployment may be here.
Result<> Agent::check_room(const control::Load& request) const {
  const control::PartId& id = request.part();
  if (id.deployment().empty() || id.deployment().size() > most_name_characters || id.epoch() == 0 ||
      id.node() > 0xffff) {
    return bad_input("{}: a part has a deployment, an epoch and a node", to_text(id));
  }
  for (const auto& [other, part] : parts_) {
    const auto& [deployment, epoch, node] = other;
    if (deployment != id.deployment()) continue;
    if (epoch == id.epoch() && node == id.node()) return bad_input("{} is here already", to_text(id));
    if (epoch != id.epoch() && epoch != request.replaces()) {
      return bad_input("a deployment `{}` runs here already ({}); stop it or replace it", deployment,
                       to_text(part->id()));
    }
  }
  if (parts_.size() + ending_.size() >= options_.max_parts)
    return failed("{} parts run here, at most that many may", parts_.size());
  return {};
}

Result<Agent::Waiting> Agent::load(control::Load& request) {
  ALGEAN_TRY(check_room(request));
  const Key id = key(request.part());
  const std::string text = to_text(request.part());
  ALGEAN_ASSIGN(LoadedBundle loaded, read_load(request, options_.max_load_bytes));
  PartOptions options{options_.software, options_.loopback_only,
                      [this, text](std::string_view line) { note(fmt::format("{}: {}", text, line)); }, options_.wake};
  parts_.emplace(id, std::make_unique<Part>(request.part(), std::move(loaded), std::move(options), *clock_));
  const auto poll = [this](Part& part) -> Polled {
    const auto end = part.loaded();
    if (!end) return std::nullopt;
    if (!*end) return std::unexpected(end->error());
    control::Reply reply;
    *reply.mutable_load() = **end;
    reply.mutable_load()->set_lease_ms(static_cast<std::uint32_t>(options_.lease_ns / 1'000'000));
    return reply;
  };
  return Waiting{id, "load", poll, {}, 0, 0, true};
}

Result<Agent::Waiting> Agent::tap(const control::Tap& request) {
  ALGEAN_ASSIGN(Part * part, find(request.part()));
  if (request.slot() > 0xffff) return bad_input("there is no slot {}", request.slot());
  const auto slot = request.has_slot() ? std::optional(static_cast<std::uint16_t>(request.slot())) : std::nullopt;
  ALGEAN_TRY(part->tap(request.on(), slot));
  const auto poll = [on = request.on()](Part& tapped) -> Polled {
    const auto end = on ? tapped.tapped() : Result<>();
    if (!end) return std::nullopt;
    if (!*end) return std::unexpected(end->error());
    control::Reply reply;
    reply.mutable_tap();
    return reply;
  };
  return Waiting{key(request.part()), "tap", poll, {}, 0, 0, false};
}

Result<Agent::Waiting> Agent::taps(const control::Taps& request) {
  ALGEAN_TRY(find(request.part()));
  const auto poll = [request](Part& part) -> Polled {
    auto tensors = part.taps(request);
    if (!tensors) return std::unexpected(tensors.error());
    if (!*tensors) return std::nullopt;
    control::Reply reply;
    *reply.mutable_taps() = **std::move(tensors);
    return reply;
  };
  return Waiting{key(request.part()), "taps", poll, {}, 0, 0, false};
}

// Answers now if it can, else by a tick().
void Agent::wait(Result<Waiting> waiting, const control::Request& request, Answer answer) {
  if (!waiting) return answer(error_reply(waiting.error()));
  const std::uint32_t said_ms = request.deadline_ms();
  waiting->answer = std::move(answer);
  waiting->deadline_ms = said_ms == 0 ? usual_deadline_ms : std::min(said_ms, longest_deadline_ms);
  waiting->deadline_ns = clock_->now_ns() + std::int64_t{waiting->deadline_ms} * 1'000'000;
  if (settle(*waiting)) return;
  if (waiting_.size() < most_waiting) {
    waiting_.push_back(*std::move(waiting));
    return;
  }
  waiting->answer(error_reply({ErrorKind::failed, fmt::format("{} calls wait here already", most_waiting)}));
  if (waiting->drops) drop(waiting->part);
}

// True where it is answered: with what it waited for, because that cannot be any more, or because it is late.
bool Agent::settle(Waiting& waiting) {
  const auto found = parts_.find(waiting.part);
  Polled polled;
  if (found == parts_.end()) {
    polled = failed("the part was stopped during `{}`", waiting.call);
  } else if (clock_->now_ns() >= waiting.deadline_ns) {  // first: nobody waits for a result that is late
    polled = deadline_passed("`{}` was not done within {} ms", waiting.call, waiting.deadline_ms);
  } else {
    found->second->advance();
    polled = waiting.poll(*found->second);
  }
  if (!polled) return false;
  if (!*polled && waiting.drops) drop(waiting.part);
  waiting.answer(reply_of(*std::move(polled)));
  return true;
}

void Agent::settle_all() {
  auto all = std::move(waiting_);
  waiting_.clear();
  for (Waiting& waiting : all) {
    if (!settle(waiting)) waiting_.push_back(std::move(waiting));
  }
}

}  // namespace algean::cluster
