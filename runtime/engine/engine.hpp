// What computes a node's part in process: a compiled program on this CPU, HLS kernels run as threads, a simulator.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/tensor/tensor.hpp"

namespace algean {

// How a user hands over an external tensor: as real numbers that the client quantises, or as the integers of the wire.
enum class ExternalForm : std::uint8_t { float32, integer };

// A named external tensor. `type` is what travels on the wire, one inference at a time, without a batch axis.
struct Port {
  std::string name;
  TensorType type;
  ExternalForm form = ExternalForm::float32;
  bool operator==(const Port&) const = default;
};

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::span<const Port> inputs() const = 0;
  [[nodiscard]] virtual std::span<const Port> outputs() const = 0;
  // One inference. inputs[i] holds inputs()[i].type.bytes() bytes, outputs[i] receives as many as outputs()[i] says;
  // all 64-byte aligned and owned by the caller. Not reentrant: one thread at a time uses an engine.
  virtual void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept = 0;
};

}  // namespace algean
