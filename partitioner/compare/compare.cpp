#include "partitioner/compare/compare.hpp"

#include <unordered_map>

#include "kernels/graph/interpreter.hpp"
#include "kernels/program/program.hpp"
#include "partitioner/compare/fidelity.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::ValueId;

// Every tensor of the integer graph is in the program's graph, in the same type.
Result<> check_graphs(const Graph& integer_graph, const Graph& program_graph) {
  std::unordered_map<std::string_view, const TensorType*> types;
  for (const kernels::Value& value : program_graph.values) types[value.name] = &value.type;
  for (const kernels::Value& value : integer_graph.values) {
    if (value.type.element.is_float()) return bad_input("tensor '{}' is of float32: nothing to compare", value.name);
    const auto found = types.find(value.name);
    if (found == types.end()) return bad_input("the program has no tensor '{}'", value.name);
    if (*found->second != value.type) {
      return bad_input("tensor '{}' is {} in the program, {} in the integer reference, or quantised otherwise",
                       value.name, found->second->text(), value.type.text());
    }
  }
  const auto ports = [](const Graph& graph) {
    return std::pair(graph.ports(graph.inputs), graph.ports(graph.outputs));
  };
  if (ports(integer_graph) != ports(program_graph)) return bad_input("the program has other inputs or outputs");
  return {};
}

// The inputs as real numbers: integers of a port become what they stand for.
Result<std::vector<Tensor>> real_inputs(const Graph& integer_graph, std::span<const Tensor> inputs) {
  std::vector<Tensor> result(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < std::min(inputs.size(), integer_graph.inputs.size()); ++i) {
    const ElementType& element = integer_graph.values[integer_graph.inputs[i].value].type.element;
    const ElementType& given = inputs[i].type().element;
    if (given.is_integer() && given.with(std::nullopt) == element.with(std::nullopt) && element.quantisation()) {
      result[i].retype({element, inputs[i].shape()});
      result[i] = dequantise(result[i]);
    }
    if (auto finite = check_finite(result[i]); !finite) {
      return std::unexpected(finite.error().within(fmt::format("input '{}'", integer_graph.inputs[i].name)));
    }
  }
  return result;
}

// The compiled program and the storage of its external tensors.
class CompiledProgram {
 public:
  static Result<CompiledProgram> make(const Graph& graph, kernels::Families families,
                                      const kernels::CompileOptions& options) {
    ALGEAN_ASSIGN(auto program, kernels::compile(graph, families, options));
    return CompiledProgram(std::move(program));
  }

  void run(std::span<const Tensor> inputs) {
    std::vector<const std::byte*> from;
    std::vector<std::byte*> to;
    for (const Tensor& tensor : inputs) from.push_back(tensor.bytes().data());
    for (Tensor& tensor : outputs_) to.push_back(tensor.bytes().data());
    program_->run(from, to);
  }
  [[nodiscard]] Tensor tap(std::string_view name) const { return program_->tap(name); }
  [[nodiscard]] const Tensor& output(std::size_t index) const { return outputs_.at(index); }

 private:
  explicit CompiledProgram(std::unique_ptr<kernels::Program> program) : program_(std::move(program)) {
    for (const Port& port : program_->outputs()) outputs_.emplace_back(port.type);
  }

  std::unique_ptr<kernels::Program> program_;
  std::vector<Tensor> outputs_;
};

std::optional<Difference> first_difference(const Tensor& expected, const Tensor& got) {
  if (expected == got) return std::nullopt;
  const auto elements = static_cast<std::size_t>(expected.shape().elements());
  for (std::size_t i = 0; i < elements; ++i) {
    if (expected.integer_at(i) == got.integer_at(i)) continue;
    return Difference{.inference = 0,
                      .tensor = {},
                      .layer = {},
                      .element = i,
                      .expected = expected.integer_at(i),
                      .got = got.integer_at(i)};
  }
  return std::nullopt;
}

Difference named(Difference found, const Graph& graph, ValueId id) {
  const kernels::Layer* layer = graph.producer(id);
  found.tensor = graph.values[id].name;
  found.layer = layer != nullptr ? layer->spec.name : std::string();
  return found;
}

std::optional<Difference> find_tap_difference(const Graph& graph, std::span<const Tensor> expected,
                                              const CompiledProgram& program) {
  for (const kernels::Layer& layer : graph.layers) {
    for (const ValueId id : layer.outputs) {
      if (auto found = first_difference(expected[id], program.tap(graph.values[id].name))) {
        return named(*std::move(found), graph, id);
      }
    }
  }
  return std::nullopt;
}

// What leaves is what the last layer made.
std::optional<Difference> find_output_difference(const Graph& graph, std::span<const Tensor> expected,
                                                 const CompiledProgram& program) {
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const ValueId id = graph.outputs[i].value;
    if (auto found = first_difference(expected[id], program.output(i))) return named(*std::move(found), graph, id);
  }
  return std::nullopt;
}

// The program twice: with every tensor kept for a look, and as it is deployed, where tensors take turns in memory.
class Programs {
 public:
  static Result<Programs> make(const Graph& integer_graph, const Graph& program_graph, kernels::Families families,
                               kernels::InstructionSet instructions) {
    kernels::CompileOptions options{.instructions = instructions, .taps = {}};
    ALGEAN_ASSIGN(CompiledProgram untapped, CompiledProgram::make(program_graph, families, options));
    for (const kernels::Layer& layer : integer_graph.layers) {
      for (const ValueId id : layer.outputs) options.taps.push_back(integer_graph.values[id].name);
    }
    ALGEAN_ASSIGN(CompiledProgram tapped, CompiledProgram::make(program_graph, families, options));
    return Programs(std::move(tapped), std::move(untapped));
  }

  // Runs both. `expected`: every value of the integer reference.
  std::optional<Difference> run(const Graph& integer_graph, std::span<const Tensor> inputs,
                                std::span<const Tensor> expected) {
    tapped_.run(inputs);
    if (auto found = find_tap_difference(integer_graph, expected, tapped_)) return found;
    if (auto found = find_output_difference(integer_graph, expected, tapped_)) return found;
    untapped_.run(inputs);
    auto found = find_output_difference(integer_graph, expected, untapped_);
    if (found) found->tensor += " (program without taps)";
    return found;
  }

 private:
  Programs(CompiledProgram tapped, CompiledProgram untapped)
      : tapped_(std::move(tapped)), untapped_(std::move(untapped)) {}

  CompiledProgram tapped_;
  CompiledProgram untapped_;
};

}  // namespace

Result<CompareReport> compare(const Graph& float_graph, const Graph& integer_graph, const Graph& program_graph,
                              kernels::Families families, std::span<const Tensor> inputs,
                              const CompareProgress& progress, kernels::InstructionSet instructions) {
  ALGEAN_TRY(check_graphs(integer_graph, program_graph));
  ALGEAN_ASSIGN(const std::vector<Tensor> real, real_inputs(integer_graph, inputs));
  ALGEAN_ASSIGN(const std::size_t batch, batch_size(integer_graph, real, "input"));
  ALGEAN_ASSIGN(Programs programs, Programs::make(integer_graph, program_graph, families, instructions));
  Fidelity fidelity(float_graph, integer_graph);
  CompareReport report{.inferences = batch, .tensors = {}, .difference = std::nullopt};
  std::vector<Tensor> expected(integer_graph.values.size());
  for (std::size_t i = 0; i < batch; ++i) {
    const std::vector<Tensor> one = inference(integer_graph, real, i);
    const auto expect = [&](ValueId id, const Tensor& tensor) { fidelity.expect(id, tensor); };
    if (!float_graph.values.empty()) ALGEAN_TRY(kernels::interpret(float_graph, families, one, expect));
    std::vector<Tensor> integers;
    for (std::size_t k = 0; k < one.size(); ++k) {
      ALGEAN_ASSIGN(Tensor tensor,
                    algean::quantise(one[k], integer_graph.values[integer_graph.inputs[k].value].type.element));
      integers.push_back(std::move(tensor));
    }
    const auto add = [&](ValueId id, const Tensor& tensor) {
      fidelity.add(id, tensor);
      expected[id] = tensor;
    };
    ALGEAN_TRY(kernels::interpret(integer_graph, families, integers, add));
    if (!report.difference) {
      report.difference = programs.run(integer_graph, integers, expected);
      if (report.difference) report.difference->inference = i;
    }
    if (progress) progress(i + 1, batch);
  }
  report.tensors = fidelity.reports();
  return report;
}

}  // namespace algean::partitioner
