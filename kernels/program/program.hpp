// A graph compiled for this CPU: one plan of steps, run as an Engine.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "kernels/program/arena.hpp"
#include "kernels/program/instruction_set.hpp"
#include "runtime/engine/engine.hpp"

namespace algean::kernels {

struct CompileOptions {
  InstructionSet instructions = best_instruction_set();
  std::vector<std::string> taps;  // names of values to keep after run(), for tap()
};

// An engine that keeps values of its graph.
class TappedEngine : public Engine {
 public:
  // A tapped value (it must be one of CompileOptions::taps) as the last run() left it.
  [[nodiscard]] virtual Tensor tap(std::string_view name) const = 0;
};

class Program;
// Verifies the graph, which must be of integers, and compiles it. bad_input names what cannot be compiled.
Result<std::unique_ptr<Program>> compile(const Graph& graph, Families families, const CompileOptions& options = {});
// Whatever computes the graph in this process: a Program for a graph of integers, the float reference (which ignores
// the instruction set) for any other.
Result<std::unique_ptr<TappedEngine>> make_engine(const Graph& graph, Families families,
                                                  const CompileOptions& options = {});

// The same of the bytes of a graph file; `where` is for messages.
Result<std::unique_ptr<TappedEngine>> load_engine(std::span<const std::byte> graph_file, std::string_view where,
                                                  Families families, const CompileOptions& options = {});

// Everything is planned and allocated when it is compiled: run() neither allocates nor calls the system.
class Program final : public TappedEngine {
 public:
  [[nodiscard]] std::span<const Port> inputs() const override { return inputs_; }
  [[nodiscard]] std::span<const Port> outputs() const override { return outputs_; }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept override;

  [[nodiscard]] Tensor tap(std::string_view name) const override;
  // The packed constants that a run streams through, all layers' side by side, 64-byte aligned.
  [[nodiscard]] std::span<const std::byte> weights() const { return {arena_.data(), weight_bytes_}; }
  [[nodiscard]] std::size_t weight_bytes() const { return weight_bytes_; }
  // The plan for people: a line for the whole, then one a step.
  [[nodiscard]] std::string describe() const { return description_; }

 private:
  friend class Compiler;
  Program() = default;

  struct PlannedStep {
    const Step* step;
    const std::byte* const* inputs;
    std::byte* const* outputs;
  };
  struct Transfer {  // between an external tensor and its buffer
    std::byte* buffer;
    std::size_t bytes;
  };
  struct Tap {
    std::string name;
    TensorType type;
    const std::byte* buffer;
  };

  std::vector<Port> inputs_, outputs_;
  std::vector<Transfer> from_inputs_, to_outputs_;
  std::vector<PlannedStep> plan_;
  std::byte* scratch_ = nullptr;
  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<std::byte*> pointers_;  // the inputs and outputs of all planned steps
  Arena arena_;                       // weights, buffers, scratch
  std::size_t weight_bytes_ = 0;
  std::vector<Tap> taps_;
  std::string description_;
};

}  // namespace algean::kernels
