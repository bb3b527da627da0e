#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/program/buffers.hpp"
#include "kernels/program/fuse.hpp"
#include "kernels/program/program.hpp"
#include "kernels/program/taps.hpp"

namespace algean::kernels {
namespace {

constexpr std::size_t line_bytes = 64;

std::size_t whole_lines(std::size_t bytes) { return (bytes + line_bytes - 1) / line_bytes * line_bytes; }

}  // namespace

Result<std::vector<ValueId>> find_taps(const Graph& graph, std::span<const std::string> names) {
  std::vector<ValueId> result;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(graph.values, name, &Value::name);
    if (found == graph.values.end()) return bad_input("tap '{}' is no value of the graph", name);
    result.push_back(static_cast<ValueId>(found - graph.values.begin()));
  }
  return result;
}

// Builds a Program, piece by piece, from a verified graph of integers.
class Compiler {
 public:
  Compiler(const Graph& graph, Families families, InstructionSet instructions, std::vector<ValueId> taps)
      : graph_(graph), families_(families), instructions_(instructions), taps_(std::move(taps)) {}

  Result<std::unique_ptr<Program>> build() {
    ALGEAN_ASSIGN(works_, make_steps(graph_, families_, instructions_, taps_));
    for (Work& work : works_) program_->steps_.push_back(std::move(work.step));
    lay_out();
    wire_steps();
    program_->inputs_ = graph_.ports(graph_.inputs);
    program_->outputs_ = graph_.ports(graph_.outputs);
    for (const GraphPort& port : graph_.inputs) program_->from_inputs_.push_back(transfer(port.value));
    for (const GraphPort& port : graph_.outputs) program_->to_outputs_.push_back(transfer(port.value));
    for (const ValueId id : taps_) {
      program_->taps_.push_back({graph_.values[id].name, graph_.values[id].type, buffer(id)});
    }
    describe();
    return std::move(program_);
  }

 private:
  // Weights in the order of execution, then buffers, then the scratch that all steps share.
  void lay_out() {
    std::size_t scratch_bytes = 0;
    for (const auto& step : program_->steps_) {
      program_->weight_bytes_ += whole_lines(step->constant_bytes());
      scratch_bytes = std::max(scratch_bytes, whole_lines(step->scratch_bytes()));
    }
    buffers_ = plan_buffers(wires_of(graph_, works_), taps_);
    program_->arena_ = Arena(program_->weight_bytes_ + buffers_.bytes + scratch_bytes);
    program_->scratch_ = program_->arena_.data() + program_->weight_bytes_ + buffers_.bytes;
    std::byte* to = program_->arena_.data();
    for (const auto& step : program_->steps_) {
      step->place_constants(to);
      to += whole_lines(step->constant_bytes());
    }
  }

  [[nodiscard]] std::byte* buffer(ValueId id) const {
    return program_->arena_.data() + program_->weight_bytes_ + buffers_.offsets_bytes[id];
  }
  [[nodiscard]] Program::Transfer transfer(ValueId id) const { return {buffer(id), graph_.values[id].type.bytes()}; }

  void wire_steps() {
    auto& pointers = program_->pointers_;
    for (const Work& work : works_) {
      for (const ValueId id : work.inputs) pointers.push_back(buffer(id));
      for (const ValueId id : work.outputs) pointers.push_back(buffer(id));
    }
    std::byte* const* next = pointers.data();
    for (std::size_t i = 0; i < works_.size(); ++i) {
      std::byte* const* outputs = next + works_[i].inputs.size();
      program_->plan_.push_back({program_->steps_[i].get(), next, outputs});
      next = outputs + works_[i].outputs.size();
    }
  }

  void describe() {
    std::string& text = program_->description_;
    text = fmt::format("program '{}': {} steps for {}, {} bytes of weights, {} bytes of buffers\n", graph_.name,
                       works_.size(), to_text(instructions_), program_->weight_bytes_, buffers_.bytes);
    for (std::size_t i = 0; i < works_.size(); ++i) {
      std::vector<std::string_view> names, operations;
      for (const Layer* layer : works_[i].layers) {
        names.push_back(layer->spec.name);
        operations.push_back(layer->spec.operation);
      }
      std::vector<std::string> from, to;
      for (const TensorType& type : graph_.types(works_[i].inputs)) from.push_back(type.text());
      for (const TensorType& type : graph_.types(works_[i].outputs)) to.push_back(type.text());
      text += fmt::format("  {} ({}): {} -> {}, {} bytes of weights\n", fmt::join(names, " + "),
                          fmt::join(operations, " + "), fmt::join(from, " "), fmt::join(to, " "),
                          program_->steps_[i]->constant_bytes());
    }
  }

  const Graph& graph_;
  Families families_;
  InstructionSet instructions_;
  std::vector<ValueId> taps_;
  std::vector<Work> works_;  // whose steps the program has
  BufferPlan buffers_;
  std::unique_ptr<Program> program_{new Program};
};

Result<std::unique_ptr<Program>> compile(const Graph& graph, Families families, const CompileOptions& options) {
  ALGEAN_TRY(verify(graph, families));
  if (!graph.is_integer()) {
    return bad_input("graph '{}' is not of integers throughout; only a quantised graph is compiled", graph.name);
  }
  if (const auto usable = usable_instruction_sets(); std::ranges::find(usable, options.instructions) == usable.end()) {
    return bad_input("this CPU cannot run {}", to_text(options.instructions));
  }
  ALGEAN_ASSIGN(std::vector<ValueId> taps, find_taps(graph, options.taps));
  return Compiler(graph, families, options.instructions, std::move(taps)).build();
}

}  // namespace algean::kernels
