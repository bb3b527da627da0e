// An agent that compiles and computes nothing: it remembers what it was asked, and answers as a test wants.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cluster/control/server.hpp"

namespace algean::cluster::testing_support {

class FakeAgent {
 public:
  struct Twisted {
    std::optional<control::Reply> reply;  // none: it stays silent
  };
  // What to answer in place of the honest answer; none: nothing is wrong.
  using Twist = std::function<std::optional<Twisted>(const control::Request&)>;

  // `data`: where its parts say that they listen.
  explicit FakeAgent(std::string data = "127.0.0.1:9", Twist twist = {}, std::uint32_t lease_ms = 5000)
      : data_(std::move(data)),
        twist_(std::move(twist)),
        lease_ms_(lease_ms),
        server_(ControlServer::listen("tcp://127.0.0.1:*", {"0.1.0"}).value()),
        thread_([this] { serve(); }) {}
  FakeAgent(const FakeAgent&) = delete;
  FakeAgent& operator=(const FakeAgent&) = delete;
  ~FakeAgent() {
    ended_ = true;
    server_->wake();
  }

  [[nodiscard]] const std::string& address() const { return server_->address(); }
  // Names of the calls so far, without Status.
  [[nodiscard]] std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  // Waits until that call came so often, at most ten seconds: whether it did.
  [[nodiscard]] bool await_calls(const std::string& name, std::ptrdiff_t times) const {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(10), [&] { return std::ranges::count(calls_, name) >= times; });
  }
  [[nodiscard]] int statuses() const { return statuses_; }
  // Parts that it has now, by epoch, and whether each is committed.
  [[nodiscard]] std::map<std::uint64_t, bool> parts() const {
    const std::lock_guard lock(mutex_);
    std::map<std::uint64_t, bool> parts;
    for (const auto& [id, part] : parts_) parts[part.part().epoch()] = part.committed();
    return parts;
  }
  // The last request to load.
  [[nodiscard]] control::Load load() const {
    const std::lock_guard lock(mutex_);
    return load_;
  }
  [[nodiscard]] control::Connect connect() const {
    const std::lock_guard lock(mutex_);
    return connect_;
  }
  // Links that its parts report from now on.
  void set_links(std::vector<control::LinkStatus> links) {
    const std::lock_guard lock(mutex_);
    links_ = std::move(links);
  }
  // A part that is there already.
  void hold(const control::PartId& id, control::PartState state = control::PART_RUNNING) {
    const std::lock_guard lock(mutex_);
    add(id, state).set_committed(true);
  }
  void add_log(std::int64_t unix_time_ms, const std::string& text) {
    const std::lock_guard lock(mutex_);
    control::LogLine line;
    line.set_number(log_.size() + 1);
    line.set_unix_time_ms(unix_time_ms);
    line.set_text(text);
    log_.push_back(line);
  }

 private:
  void serve() {
    while (!ended_) {
      server_->wait(-1, {});
      while (auto incoming = server_->receive()) {
        note(incoming->request);
        auto twisted = twist_ ? twist_(incoming->request) : std::nullopt;
        if (twisted && !twisted->reply) continue;
        server_->reply(incoming->caller, twisted ? *std::move(twisted->reply) : answer(incoming->request));
      }
    }
  }

  void note(const control::Request& request) {
    const std::lock_guard lock(mutex_);
    if (request.has_status()) {
      ++statuses_;
    } else {
      calls_.emplace_back(call_name(request));
      came_.notify_all();
    }
  }

  control::PartStatus& add(const control::PartId& id, control::PartState state) {
    control::PartStatus& part = parts_[to_text(id)];
    *part.mutable_part() = id;
    part.set_state(state);
    part.set_address(data_);
    return part;
  }

  control::Reply answer(const control::Request& request) {
    const std::lock_guard lock(mutex_);
    control::Reply reply;
    switch (request.call_case()) {
      case control::Request::kHello:
        reply.mutable_hello()->set_pid(100);
        reply.mutable_hello()->set_lease_ms(lease_ms_);
        reply.mutable_hello()->set_max_load_bytes(1U << 20U);
        return reply;
      case control::Request::kLoad:
        load_ = request.load();
        add(load_.part(), control::PART_RUNNING);
        reply.mutable_load()->set_address(data_);
        return reply;
      case control::Request::kConnect:
        connect_ = request.connect();
        reply.mutable_connect();
        return reply;
      case control::Request::kStart:
        reply.mutable_start();
        return reply;
      case control::Request::kStatus:
        return status(request.status());
      case control::Request::kCommit:
        parts_[to_text(request.commit().part())].set_committed(true);
        reply.mutable_commit();
        return reply;
      case control::Request::kStop:
        reply.mutable_stop()->set_was_there(parts_.erase(to_text(request.stop().part())) > 0);
        return reply;
      case control::Request::kLog:
        for (const control::LogLine& line : log_) {
          if (line.number() > request.log().after()) *reply.mutable_log()->add_lines() = line;
        }
        reply.mutable_log();
        return reply;
      default:
        return error_reply({ErrorKind::bad_input, "what?"});
    }
  }

  control::Reply status(const control::Status& request) {
    control::Reply reply;
    control::StatusReport& report = *reply.mutable_status();
    report.set_pid(100);
    report.set_now_ns(++now_s_ * 1'000'000'000);
    for (const auto& [id, part] : parts_) {
      if (request.has_part() && id != to_text(request.part())) continue;
      control::PartStatus& told = *report.add_parts();
      told = part;
      for (const control::LinkStatus& link : links_) *told.add_links() = link;
    }
    if (request.has_part() && report.parts_size() == 0) return error_reply({ErrorKind::failed, "it is not here"});
    return reply;
  }

  std::string data_;
  Twist twist_;
  std::uint32_t lease_ms_;
  mutable std::mutex mutex_;
  mutable std::condition_variable came_;  // another call
  std::vector<std::string> calls_;
  std::atomic<int> statuses_ = 0;
  std::map<std::string, control::PartStatus> parts_;
  std::vector<control::LinkStatus> links_;
  std::vector<control::LogLine> log_;
  std::int64_t now_s_ = 0;
  control::Load load_;
  control::Connect connect_;
  std::unique_ptr<ControlServer> server_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

inline control::LinkStatus link_status(const std::string& peer, control::LinkState state, std::int64_t rtt_ns = 1000) {
  control::LinkStatus link;
  link.set_peer(peer);
  link.set_state(state);
  link.set_rtt_ns(rtt_ns);
  return link;
}

}  // namespace algean::cluster::testing_support
