#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "kernels/graph/interpreter.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/program/program.hpp"
#include "kernels/program/taps.hpp"

namespace algean::kernels {
namespace {

// Runs the reference. It allocates, and is as slow as a reference may be.
class ReferenceEngine final : public TappedEngine {
 public:
  ReferenceEngine(Graph graph, Families families, std::span<const ValueId> taps)
      : graph_(std::move(graph)),
        families_(families),
        inputs_(graph_.ports(graph_.inputs)),
        outputs_(graph_.ports(graph_.outputs)) {
    for (const ValueId id : taps) taps_.emplace(id, Tensor(graph_.values[id].type));
  }

  [[nodiscard]] std::span<const Port> inputs() const override { return inputs_; }
  [[nodiscard]] std::span<const Port> outputs() const override { return outputs_; }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept override {
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      tensors.emplace_back(inputs_[i].type);
      std::memcpy(tensors.back().bytes().data(), inputs[i], tensors.back().bytes().size());
    }
    const auto results = interpret(graph_, families_, tensors, [this](ValueId id, const Tensor& tensor) {
      if (const auto tap = taps_.find(id); tap != taps_.end()) tap->second = tensor;
    });
    ALGEAN_INVARIANT(results.has_value());  // the graph is verified, the inputs have its types
    for (std::size_t i = 0; i < results->size(); ++i) {
      std::ranges::copy((*results)[i].bytes(), outputs[i]);
    }
  }

  [[nodiscard]] Tensor tap(std::string_view name) const override {
    const auto found =
        std::ranges::find_if(taps_, [&](const auto& tap) { return graph_.values[tap.first].name == name; });
    ALGEAN_INVARIANT(found != taps_.end());
    return found->second;
  }

 private:
  Graph graph_;
  Families families_;
  std::vector<Port> inputs_, outputs_;
  std::map<ValueId, Tensor> taps_;
};

}  // namespace

Result<std::unique_ptr<TappedEngine>> make_engine(const Graph& graph, Families families,
                                                  const CompileOptions& options) {
  if (graph.is_integer()) {
    ALGEAN_ASSIGN(std::unique_ptr<TappedEngine> program, compile(graph, families, options));
    return program;
  }
  ALGEAN_TRY(verify(graph, families));
  ALGEAN_ASSIGN(const std::vector<ValueId> taps, find_taps(graph, options.taps));
  return std::make_unique<ReferenceEngine>(graph, families, taps);
}

Result<std::unique_ptr<TappedEngine>> load_engine(std::span<const std::byte> graph_file, std::string_view where,
                                                  Families families, const CompileOptions& options) {
  ALGEAN_ASSIGN(const Graph graph, parse(graph_file, where));
  auto engine = make_engine(graph, families, options);
  if (!engine) return std::unexpected(engine.error().within(where));
  return engine;
}

}  // namespace algean::kernels
