#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/graph/interpreter.hpp"
#include "kernels/program/program.hpp"

namespace algean::kernels {
namespace {

// Runs the reference. It allocates, and is as slow as a reference may be.
class ReferenceEngine final : public Engine {
 public:
  ReferenceEngine(Graph graph, Families families)
      : graph_(std::move(graph)),
        families_(families),
        inputs_(graph_.ports(graph_.inputs)),
        outputs_(graph_.ports(graph_.outputs)) {}

  [[nodiscard]] std::span<const Port> inputs() const override { return inputs_; }
  [[nodiscard]] std::span<const Port> outputs() const override { return outputs_; }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept override {
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      tensors.emplace_back(inputs_[i].type);
      std::memcpy(tensors.back().bytes().data(), inputs[i], tensors.back().bytes().size());
    }
    const auto results = interpret(graph_, families_, tensors);
    ALGEAN_INVARIANT(results.has_value());  // the graph is verified, the inputs have its types
    for (std::size_t i = 0; i < results->size(); ++i) {
      std::ranges::copy((*results)[i].bytes(), outputs[i]);
    }
  }

 private:
  Graph graph_;
  Families families_;
  std::vector<Port> inputs_, outputs_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_engine(const Graph& graph, Families families, const CompileOptions& options) {
  if (graph.is_integer()) {
    ALGEAN_ASSIGN(std::unique_ptr<Engine> program, compile(graph, families, options));
    return program;
  }
  ALGEAN_TRY(verify(graph, families));
  return std::make_unique<ReferenceEngine>(graph, families);
}

}  // namespace algean::kernels
