#include "cluster/agent/agent.hpp"

#include <algorithm>
#include <exception>

#include "kernels/library/library.hpp"
#include "kernels/program/instruction_set.hpp"
#include "kernels/program/speed.hpp"
#include "runtime/transport/poll.hpp"

namespace algean::cluster {
namespace {

control::LogLines message_of(const std::vector<LogLine>& lines) {
  control::LogLines message;
  for (const LogLine& line : lines) {
    control::LogLine* to = message.add_lines();
    to->set_number(line.number);
    to->set_unix_time_ms(line.unix_time_ms);
    to->set_text(line.text);
  }
  return message;
}

}  // namespace

Agent::Agent(AgentOptions options, const Clock& clock) : options_(std::move(options)), clock_(&clock) {}

Agent::~Agent() {
  for (Waiting& waiting : waiting_) waiting.answer(error_reply({ErrorKind::failed, "the agent ends"}));
}

Agent::Key Agent::key(const control::PartId& id) { return {id.deployment(), id.epoch(), id.node()}; }

void Agent::note(std::string_view line) {
  log_.add(line);
  options_.log(line);
}

void Agent::handle(control::Request request, Answer answer) {
  try {
    switch (request.call_case()) {
      case control::Request::kLoad:
        return wait(load(*request.mutable_load()), request, answer);
      case control::Request::kTap:
        return wait(tap(request.tap()), request, answer);
      case control::Request::kTaps:
        return wait(taps(request.taps()), request, answer);
      default:
        return answer(reply_of(answer_at_once(request)));
    }
  } catch (const std::exception& exception) {  // no memory, no thread
    answer(error_reply({ErrorKind::failed, fmt::format("cannot do what is asked: {}", exception.what())}));
  }
}

// Calls whose result is there when they return.
Result<control::Reply> Agent::answer_at_once(const control::Request& request) {
  control::Reply reply;
  switch (request.call_case()) {
    case control::Request::kHello:
      return greet(request.hello());
    case control::Request::kConnect: {
      ALGEAN_ASSIGN(Part * part, find(request.connect().part()));
      ALGEAN_TRY(part->connect(request.connect()));
      reply.mutable_connect();
      return reply;
    }
    case control::Request::kStart: {
      ALGEAN_ASSIGN(Part * part, find(request.start().part()));
      ALGEAN_TRY(part->start());
      reply.mutable_start();
      return reply;
    }
    case control::Request::kCommit: {
      ALGEAN_ASSIGN(Part * part, find(request.commit().part()));
      ALGEAN_TRY(part->commit());
      reply.mutable_commit();
      return reply;
    }
    case control::Request::kStatus:
      return status(request.status());
    case control::Request::kStop:
      return stop(request.stop().part());
    case control::Request::kLog:
      return log(request.log());
    default:
      return bad_input("the request asks for nothing that this agent knows");
  }
}

// The part, whose lease is thereby renewed.
Result<Part*> Agent::find(const control::PartId& id) {
  const auto found = parts_.find(key(id));
  if (found == parts_.end()) return failed("{} is not here", to_text(id));
  found->second->advance();
  found->second->hear();
  return found->second.get();
}

control::Reply Agent::greet(const control::Hello& request) {
  if (request.measure_speed() && !speed_gmacs_)
    speed_gmacs_ = kernels::measure_speed_gmacs(kernels::library(), *clock_);
  control::Reply reply;
  control::Greeting& greeting = *reply.mutable_hello();
  greeting.set_agent(options_.name);
  greeting.set_pid(options_.pid);
  greeting.set_started_ticks(options_.started_ticks);
  greeting.set_cores(usable_cores());
  greeting.set_speed_gmacs(speed_gmacs_.value_or(0));
  greeting.set_instruction_set(std::string(kernels::to_text(kernels::best_instruction_set())));
  greeting.set_max_load_bytes(options_.max_load_bytes);
  greeting.set_lease_ms(static_cast<std::uint32_t>(options_.lease_ns / 1'000'000));
  for (const auto& [key, part] : parts_) *greeting.add_parts() = part->summary();
  return reply;
}

Result<control::Reply> Agent::status(const control::Status& request) {
  control::Reply reply;
  control::StatusReport& report = *reply.mutable_status();
  report.set_agent(options_.name);
  report.set_pid(options_.pid);
  report.set_started_ticks(options_.started_ticks);
  report.set_now_ns(clock_->now_ns());
  if (request.has_part()) {
    ALGEAN_ASSIGN(const Part* part, find(request.part()));
    *report.add_parts() = part->status();
    return reply;
  }
  for (const auto& [key, part] : parts_) {
    part->advance();
    *report.add_parts() = part->status();
  }
  return reply;
}

Result<control::Reply> Agent::log(const control::Log& request) {
  control::Reply reply;
  if (!request.has_part()) {
    *reply.mutable_log() = message_of(log_.last(request.lines(), request.after()));
    return reply;
  }
  ALGEAN_ASSIGN(const Part* part, find(request.part()));
  *reply.mutable_log() = message_of(part->log().last(request.lines(), request.after()));
  return reply;
}

// Asked twice, or for what never was: there is nothing to do.
control::Reply Agent::stop(const control::PartId& id) {
  control::Reply reply;
  reply.mutable_stop()->set_was_there(parts_.contains(key(id)));
  drop(key(id));
  return reply;
}

void Agent::end_leases() {
  std::vector<Key> over;
  for (const auto& [key, part] : parts_) {
    const bool leased = !part->committed() && part->state() != control::PART_LOADING;
    if (leased && clock_->now_ns() - part->heard_ns() >= options_.lease_ns) over.push_back(key);
  }
  for (const Key& key : over) {
    parts_.at(key)->note(fmt::format("dropped: no word of its controller within {} ms", options_.lease_ns / 1'000'000));
    drop(key);
  }
}

// Ends the part if it is there. One that compiles goes when that ends.
void Agent::drop(const Key& key) {
  const auto found = parts_.find(key);
  if (found == parts_.end()) return;
  std::unique_ptr<Part> part = std::move(found->second);
  parts_.erase(found);
  part->give_up();
  if (part->compiling()) ending_.push_back(std::move(part));
}

std::int64_t Agent::tick() {
  for (const auto& [key, part] : parts_) part->advance();
  settle_all();
  end_leases();
  std::erase_if(ending_, [](const auto& part) { return !part->compiling(); });
  std::int64_t next_ns = never_ns;
  for (const Waiting& waiting : waiting_) next_ns = std::min(next_ns, waiting.deadline_ns);
  for (const auto& [key, part] : parts_) {
    if (!part->committed() && part->state() != control::PART_LOADING) {
      next_ns = std::min(next_ns, part->heard_ns() + options_.lease_ns);
    }
  }
  return next_ns;
}

}  // namespace algean::cluster
