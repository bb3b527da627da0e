// Between an inference's tensors on the wire and an engine.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/engine/engine.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

class Compute {
 public:
  explicit Compute(Engine& engine);

  // From the next run on; its ports are the same.
  void use(Engine& engine) { engine_ = &engine; }
  [[nodiscard]] std::span<const std::size_t> input_bytes() const { return input_bytes_; }  // on the wire, by port
  // Runs the engine on complete inputs. An integer outside its type's range: what is wrong, and nothing ran.
  std::optional<std::string> run(const wire::Assembly& inputs);
  // Of the last run, in wire form.
  [[nodiscard]] std::span<const std::span<const std::byte>> outputs() const { return outputs_; }

 private:
  Engine* engine_;
  std::vector<std::size_t> input_bytes_;
  std::vector<bool> direct_;              // an input port's bytes on the wire are what the engine takes
  std::vector<Tensor> inputs_in_memory_;  // of the ports that are not direct
  std::vector<Tensor> outputs_in_memory_;
  std::vector<std::vector<std::byte>> packed_;  // of output ports whose elements are narrower on the wire
  std::vector<const std::byte*> engine_inputs_;
  std::vector<std::byte*> engine_outputs_;
  std::vector<std::span<const std::byte>> outputs_;
};

}  // namespace algean
