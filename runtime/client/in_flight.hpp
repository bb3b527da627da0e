// A client's inferences in flight: their outputs while pieces come in, and how they ended. Knows no nodes but by index.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

struct Inference {
  enum class State : std::uint8_t { unused, waiting, done, failed };

  explicit Inference(std::span<const std::size_t> output_bytes) : outputs(output_bytes) {}

  wire::Assembly outputs;
  State state = State::unused;
  std::uint32_t id = 0;
  std::int64_t begun_ns = 0;
  std::int64_t timeout_ns = 0;
  std::vector<std::uint64_t> gaps;  // by node: frames that had not come when it began
  std::optional<Error> error;       // where failed

  [[nodiscard]] std::int64_t deadline_ns() const { return begun_ns + timeout_ns; }
  [[nodiscard]] bool waits() const { return state == State::waiting; }
  void fail(Error why) {
    state = State::failed;
    error = std::move(why);
  }
};

// A table of fixed size; begin() and end() allocate nothing.
class InFlight {
 public:
  // Ids count from behind `last_id`.
  explicit InFlight(std::uint32_t last_id) : last_id_(last_id) {}

  void allocate(std::span<const std::size_t> output_bytes, std::size_t count);
  // For so many nodes; forgets what was noted.
  void allocate_gaps(std::size_t nodes);
  [[nodiscard]] std::size_t capacity() const { return table_.size(); }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] bool any_waits() const;

  // A new inference that waits; used() is below capacity().
  Inference& begin(std::int64_t now_ns, std::int64_t timeout_ns);
  // Null when there is none of that id.
  Inference* find(std::uint32_t id);
  // The same, if it waits.
  Inference* find_waiting(std::uint32_t id);
  void end(std::uint32_t id);
  // Fails every one that waits with what `why` makes of its id.
  template <class Why>
  void fail_all(Why why) {
    for (Inference& each : table_) {
      if (each.waits()) each.fail(why(each.id));
    }
  }

 private:
  std::vector<Inference> table_;
  std::size_t used_ = 0;
  std::uint32_t last_id_;
};

}  // namespace algean
