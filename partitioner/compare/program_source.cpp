#include "partitioner/compare/program_source.hpp"

#include <unordered_map>
#include <unordered_set>

#include "kernels/program/program.hpp"

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

class ProgramSource final : public TensorSource {
 public:
  ProgramSource(std::unique_ptr<kernels::Program> untapped, std::unique_ptr<kernels::Program> tapped,
                std::unordered_set<std::string> taps)
      : untapped_(std::move(untapped)), tapped_(std::move(tapped)), taps_(std::move(taps)) {
    for (const Port& port : tapped_->outputs()) outputs_.emplace_back(port.type);
  }

  [[nodiscard]] std::string_view name() const override { return "program"; }
  Result<> tap(bool on) override {
    on_ = on;
    return {};
  }
  Result<> run(std::span<const Tensor> inputs) override {
    std::vector<const std::byte*> from;
    std::vector<std::byte*> to;
    for (const Tensor& tensor : inputs) from.push_back(tensor.bytes().data());
    for (Tensor& tensor : outputs_) to.push_back(tensor.bytes().data());
    (on_ ? tapped_ : untapped_)->run(from, to);
    return {};
  }
  [[nodiscard]] const Tensor& output(std::size_t index) const override { return outputs_.at(index); }
  [[nodiscard]] std::optional<Tensor> tensor(std::string_view value) const override {
    if (!taps_.contains(std::string(value))) return std::nullopt;
    return tapped_->tap(value);
  }
  [[nodiscard]] std::string_view node(std::string_view) const override { return {}; }

 private:
  std::unique_ptr<kernels::Program> untapped_;
  std::unique_ptr<kernels::Program> tapped_;
  std::unordered_set<std::string> taps_;
  std::vector<Tensor> outputs_;
  bool on_ = false;
};

}  // namespace

Result<std::unique_ptr<TensorSource>> make_program_source(const Graph& integer_graph, const Graph& program_graph,
                                                          kernels::Families families,
                                                          kernels::InstructionSet instructions) {
  ALGEAN_TRY(check_graphs(integer_graph, program_graph));
  kernels::CompileOptions options{.instructions = instructions, .taps = {}};
  ALGEAN_ASSIGN(auto untapped, kernels::compile(program_graph, families, options));
  for (const kernels::Layer& layer : integer_graph.layers) {
    for (const ValueId id : layer.outputs) options.taps.push_back(integer_graph.values[id].name);
  }
  ALGEAN_ASSIGN(auto tapped, kernels::compile(program_graph, families, options));
  return std::make_unique<ProgramSource>(std::move(untapped), std::move(tapped),
                                         std::unordered_set(options.taps.begin(), options.taps.end()));
}

}  // namespace algean::partitioner
