// What a node keeps of one client.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/transport/transport.hpp"
#include "runtime/wire/replay_window.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

// Inputs of one inference while they come in.
struct Partial {
  explicit Partial(std::span<const std::size_t> input_bytes) : assembly(input_bytes) {}

  wire::Assembly assembly;
  bool used = false;
  std::uint32_t inference_id = 0;
  std::int64_t since_ns = 0;
};

class ClientSlot {
 public:
  ClientSlot(std::uint16_t index, const Peer& peer, std::unique_ptr<Transport> link, std::uint64_t epoch,
             std::size_t max_in_flight, std::span<const std::size_t> input_bytes);

  // The partial of this inference; a fresh one if it is not begun; null when too many are.
  Partial* partial(std::uint32_t inference_id, std::int64_t now_ns);
  void forget(Partial& partial);
  // Further pieces of a failed inference are ignored, not taken for a new one's.
  void fail(std::uint32_t inference_id);
  [[nodiscard]] bool failed(std::uint32_t inference_id) const;
  [[nodiscard]] std::span<Partial> partials() { return partials_; }

  std::uint16_t index;
  Peer peer;
  std::unique_ptr<Transport> link;
  std::uint64_t epoch;
  wire::ReplayWindow window;
  std::uint32_t next_sequence = 0;
  std::int64_t heard_ns = 0;   // when a frame came last
  std::int64_t probed_ns = 0;  // when it was last asked for a sign of life
  std::uint64_t foreign_attach_epoch = 0;
  bool gone = false;  // to be freed

 private:
  static constexpr std::size_t remembered_failures = 16;

  std::vector<Partial> partials_;
  std::array<std::uint32_t, remembered_failures> failed_{};  // inference ids; 0: none
  std::size_t next_failed_ = 0;
};

}  // namespace algean
