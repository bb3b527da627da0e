#include "partitioner/compare/compare.hpp"

#include <deque>

#include "kernels/graph/interpreter.hpp"
#include "partitioner/compare/fidelity.hpp"
#include "partitioner/compare/walk.hpp"
#include "partitioner/passes/batch.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::ValueId;

Result<> check_integers(const Graph& graph) {
  for (const kernels::Value& value : graph.values) {
    if (value.type.element.is_float()) return bad_input("tensor '{}' is of float32: nothing to compare", value.name);
  }
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

Result<std::vector<Tensor>> integers_of(const Graph& graph, std::span<const Tensor> real) {
  std::vector<Tensor> integers;
  for (std::size_t i = 0; i < real.size(); ++i) {
    ALGEAN_ASSIGN(Tensor tensor, algean::quantise(real[i], graph.values[graph.inputs[i].value].type.element));
    integers.push_back(std::move(tensor));
  }
  return integers;
}

// Sources that are tapped, until this goes.
class Tapped {
 public:
  Tapped() = default;
  Tapped(const Tapped&) = delete;
  Tapped& operator=(const Tapped&) = delete;
  ~Tapped() { std::ignore = end(); }
  Result<> begin(Walk& walk) {
    walks_.push_back(&walk);
    return walk.tap(true);
  }
  // All of them, also behind one that fails; the first error.
  Result<> end() {
    Result<> ended;
    for (Walk* walk : std::exchange(walks_, {})) {
      if (auto off = walk->tap(false); !off && ended) ended = off;
    }
    return ended;
  }

 private:
  std::vector<Walk*> walks_;
};

class Comparison {
 public:
  Comparison(const Graph& float_graph, const Graph& integer_graph, kernels::Families families,
             std::span<TensorSource* const> sources, const CompareProgress& progress)
      : float_(float_graph),
        integer_(integer_graph),
        families_(families),
        progress_(progress),
        fidelity_(float_graph, integer_graph) {
    for (TensorSource* source : sources) walks_.emplace_back(integer_graph, *source);
  }

  Result<CompareReport> run(std::span<const Tensor> inputs) {
    ALGEAN_TRY(check_integers(integer_));
    ALGEAN_ASSIGN(const std::vector<Tensor> real, real_inputs(integer_, inputs));
    ALGEAN_ASSIGN(const std::size_t batch, batch_size(integer_, real, "input"));
    for (std::size_t i = 0; i < batch; ++i) {
      ALGEAN_ASSIGN(const auto integers, integers_of(integer_, inference(integer_, real, i)));
      for (Walk& walk : walks_) ALGEAN_TRY(walk.ask(integers));
      if (progress_) progress_("asking", i + 1, batch);
    }
    Tapped tapped;
    for (Walk& walk : walks_) ALGEAN_TRY(tapped.begin(walk));
    std::vector<Tensor> expected(integer_.values.size());
    for (std::size_t i = 0; i < batch; ++i) {
      const std::vector<Tensor> one = inference(integer_, real, i);
      ALGEAN_ASSIGN(const auto integers, integers_of(integer_, one));
      ALGEAN_TRY(compute_references(one, integers, expected));
      for (Walk& walk : walks_) ALGEAN_TRY(walk.look(i, integers, expected));
      if (progress_) progress_("comparing", i + 1, batch);
    }
    ALGEAN_TRY(tapped.end());
    return report(batch);
  }

 private:
  Result<> compute_references(std::span<const Tensor> real, std::span<const Tensor> integers,
                              std::span<Tensor> expected) {
    const auto expect = [&](ValueId id, const Tensor& tensor) { fidelity_.expect(id, tensor); };
    if (!float_.values.empty()) ALGEAN_TRY(kernels::interpret(float_, families_, real, expect));
    const auto add = [&](ValueId id, const Tensor& tensor) {
      fidelity_.add(id, tensor);
      expected[id] = tensor;
    };
    ALGEAN_TRY(kernels::interpret(integer_, families_, integers, add));
    return {};
  }

  [[nodiscard]] CompareReport report(std::size_t batch) const {
    CompareReport report{.inferences = batch, .tensors = {}, .sources = {}};
    for (ValueId id = 0; id < integer_.values.size(); ++id) {
      const kernels::Layer* layer = integer_.producer(id);
      TensorReport& tensor = report.tensors.emplace_back();
      tensor.tensor = integer_.values[id].name;
      if (layer != nullptr) tensor.layer = layer->spec.name;
      tensor.error = fidelity_.error(id);
      for (const Walk& walk : walks_) {
        tensor.sources.push_back(walk.agreement(id));
        if (layer != nullptr && tensor.node.empty()) tensor.node = walk.node(layer->spec.name);
      }
    }
    for (const Walk& walk : walks_) report.sources.push_back(walk.report());
    return report;
  }

  const Graph& float_;
  const Graph& integer_;
  kernels::Families families_;
  const CompareProgress& progress_;
  Fidelity fidelity_;
  std::deque<Walk> walks_;
};

}  // namespace

const Difference* CompareReport::difference() const {
  for (const SourceReport& source : sources) {
    if (source.difference) return &*source.difference;
  }
  return nullptr;
}

Result<CompareReport> compare(const Graph& float_graph, const Graph& integer_graph, kernels::Families families,
                              std::span<TensorSource* const> sources, std::span<const Tensor> inputs,
                              const CompareProgress& progress) {
  return Comparison(float_graph, integer_graph, families, sources, progress).run(inputs);
}

}  // namespace algean::partitioner
