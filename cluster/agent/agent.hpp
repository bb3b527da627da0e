// What `algean node` is, without its sockets: requests of controllers in, replies out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cluster/agent/log_ring.hpp"
#include "cluster/agent/part.hpp"
#include "cluster/control/message.hpp"
#include "runtime/base/clock.hpp"

namespace algean::cluster {

struct AgentOptions {
  std::string name = "agent";
  std::string software;                   // version of ours
  std::uint32_t pid = 0;                  // of this process, for who wants to look at it
  std::uint64_t started_ticks = 0;        // likewise
  std::int64_t lease_ns = 5'000'000'000;  // silence of a controller after which a part that is not committed is dropped
  std::size_t max_load_bytes = std::size_t{1} << 29;  // of a bundle and its files
  std::size_t max_parts = 64;
  bool loopback_only = false;  // refuse parts whose data address others than this host reach
  std::function<void(std::string_view)> log = [](std::string_view) {};  // lines of all parts, from any thread
  std::function<void()> wake = [] {};                                   // tick() has something to do; from any thread
};

// Runs any number of parts side by side. One thread uses it, and is held up by nothing but what ends a part.
//
// A part is known by deployment, epoch and node. One deployment's name is that of one epoch here, but for the time in
// which a request to load says which epoch it replaces: then both run, until the former is stopped. Every call that
// names a part renews its lease.
class Agent {
 public:
  using Answer = std::function<void(control::Reply)>;  // called once, within handle() or a later tick()
  static constexpr std::int64_t never_ns = INT64_MAX;
  static constexpr std::size_t most_waiting = 64;  // calls that wait at once; further ones are refused

  Agent(AgentOptions options, const Clock& clock);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent();  // ends every part; clients are told

  // Whatever the request says, the worst that comes of it is an error.
  void handle(control::Request request, Answer answer);
  // Takes up what threads have done, answers calls that waited for it or waited too long, drops parts whose lease is
  // over. When, by the clock, to come again (never_ns: when something happens).
  std::int64_t tick();

  [[nodiscard]] std::size_t parts() const { return parts_.size(); }

 private:
  using Key = std::tuple<std::string, std::uint64_t, std::uint32_t>;
  using Polled = std::optional<Result<control::Reply>>;
  struct Waiting {
    Key part;
    std::string_view call;
    std::function<Polled(Part&)> poll;  // the result, once it is there
    Answer answer;
    std::int64_t deadline_ns;
    std::uint32_t deadline_ms;
    bool drops;  // the part goes with an error
  };

  [[nodiscard]] static Key key(const control::PartId& id);
  Result<control::Reply> answer_at_once(const control::Request& request);
  Result<Part*> find(const control::PartId& id);
  [[nodiscard]] control::Reply greet(const control::Hello& request);
  Result<control::Reply> status(const control::Status& request);
  Result<control::Reply> log(const control::Log& request);
  control::Reply stop(const control::PartId& id);

  Result<Waiting> load(control::Load& request);
  Result<Waiting> tap(const control::Tap& request);
  Result<Waiting> taps(const control::Taps& request);
  [[nodiscard]] Result<> check_room(const control::Load& request) const;
  void wait(Result<Waiting> waiting, const control::Request& request, Answer answer);
  bool settle(Waiting& waiting);
  void settle_all();
  void end_leases();
  void drop(const Key& part);
  void note(std::string_view line);

  AgentOptions options_;
  const Clock* clock_;
  LogRing log_;
  std::optional<double> speed_gmacs_;
  std::map<Key, std::unique_ptr<Part>> parts_;
  std::vector<std::unique_ptr<Part>> ending_;  // that still compile
  std::vector<Waiting> waiting_;
};

}  // namespace algean::cluster
