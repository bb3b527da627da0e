// What an agent runs for one node of one deployment, from the bundle's arrival to its end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/agent/compilation.hpp"
#include "cluster/agent/log_ring.hpp"
#include "cluster/agent/part_node.hpp"
#include "cluster/control/message.hpp"
#include "runtime/base/clock.hpp"

namespace algean::cluster {

struct PartOptions {
  std::string software;
  bool loopback_only = false;                 // refuse data addresses that others than this host reach
  std::function<void(std::string_view)> log;  // lines of this part, from any thread
  std::function<void()> wake;                 // advance() has something to do; from any thread
};

// One thread uses it. Loading and tapping go on in threads of their own; advance() takes up what they have done.
class Part {
 public:
  Part(control::PartId id, LoadedBundle loaded, PartOptions options, const Clock& clock);
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part();  // ends it, tells its clients, and waits for its threads

  [[nodiscard]] const control::PartId& id() const { return id_; }
  [[nodiscard]] control::PartState state() const { return state_; }
  [[nodiscard]] bool committed() const { return committed_; }
  // When its controller was last heard: when it was made, loaded, or hear() was called.
  [[nodiscard]] std::int64_t heard_ns() const { return heard_ns_; }
  void hear() { heard_ns_ = clock_->now_ns(); }
  // Whether a thread of its own compiles.
  [[nodiscard]] bool compiling() const { return compilation_ != nullptr && !compilation_->done(); }
  // Compiling ends after the current kernel.
  void give_up();

  void advance();

  // Where it listens and what compiling took; none while it is loading; what went wrong.
  [[nodiscard]] std::optional<Result<control::Loaded>> loaded() const { return loaded_; }
  Result<> connect(const control::Connect& request);
  Result<> start();
  Result<> commit();
  // Tapping, for a client or for all; on, it takes effect by an advance(). Off, others' taps stay.
  Result<> tap(bool on, std::optional<std::uint16_t> slot);
  // Whether tap(true) has taken effect, or what went wrong; none while it has not.
  [[nodiscard]] std::optional<Result<>> tapped() const;
  // The tensors of an inference, once every kernel that is tapped has run it; bad_input where nothing is tapped.
  [[nodiscard]] Result<std::optional<control::TappedTensors>> taps(const control::Taps& request) const;

  [[nodiscard]] control::PartSummary summary() const;
  [[nodiscard]] control::PartStatus status() const;
  [[nodiscard]] const LogRing& log() const { return log_; }
  void note(std::string_view line);

 private:
  [[nodiscard]] Result<> expect(control::PartState state, std::string_view call) const;
  Result<control::Loaded> finish_loading(Result<Prepared> prepared);
  void finish_tapping(Result<Prepared> prepared);

  control::PartId id_;
  std::shared_ptr<const LoadedBundle> bundle_;
  PartOptions options_;
  const Clock* clock_;
  LogRing log_;
  control::PartState state_ = control::PART_LOADING;
  bool committed_ = false;
  std::int64_t begun_ns_ = 0;    // loading
  std::int64_t started_ns_ = 0;  // running
  std::int64_t heard_ns_ = 0;
  std::string address_;
  std::string error_;
  std::optional<Result<control::Loaded>> loaded_;
  Engines engines_;
  Engines tapped_engines_;
  std::unique_ptr<Listener> listener_;  // until connect()
  std::unique_ptr<PartNode> node_;
  bool tap_wanted_ = false;  // what was asked for last
  bool tapping_ = false;     // what is so
  std::optional<Error> tap_error_;
  std::unique_ptr<Compilation> compilation_;
};

}  // namespace algean::cluster
