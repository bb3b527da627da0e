// Integer networks of any shape for tests of cuts: the library's layers, and two families that the library lacks yet,
// with two inputs and with two outputs.
#pragma once

#include <array>

#include "kernels/library/library.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::partitioner::testing {

using kernels::Families;
using kernels::Graph;
using kernels::LayerSpec;
using kernels::ValueId;

inline std::int8_t saturated(int value) { return static_cast<std::int8_t>(std::clamp(value, -128, 127)); }

// What the two families share: integers only, elementwise, one shape.
class ElementwiseFamily : public kernels::Family {
 public:
  ElementwiseFamily(std::string_view operation, std::size_t inputs, std::size_t outputs)
      : operations_{operation}, inputs_(inputs), outputs_(outputs) {}
  [[nodiscard]] std::string_view name() const override { return operations_[0]; }
  [[nodiscard]] std::span<const std::string_view> operations() const override { return operations_; }
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec&, std::span<const TensorType> inputs) const override {
    if (inputs.size() != inputs_ || inputs.front().shape != inputs.back().shape) return bad_input("wrong inputs");
    return std::vector<Shape>(outputs_, inputs[0].shape);
  }
  [[nodiscard]] Result<> verify(const LayerSpec&, std::span<const TensorType> inputs,
                                std::span<const TensorType>) const override {
    return inputs[0].element.is_integer() ? Result<>() : bad_input("of integers only");
  }
  void evaluate_float(const LayerSpec&, std::span<const Tensor* const>, std::span<Tensor* const>) const override {}
  void evaluate_integer(const LayerSpec&, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override {
    std::vector<const std::byte*> from;
    std::vector<std::byte*> to;
    for (const Tensor* input : inputs) from.push_back(input->bytes().data());
    for (Tensor* output : outputs) to.push_back(output->bytes().data());
    compute(from.data(), to.data(), inputs[0]->bytes().size());
  }
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType>,
                                           std::span<const TensorType>) const override {
    return layer;
  }
  [[nodiscard]] Result<std::unique_ptr<kernels::Step>> compile(const LayerSpec&, std::span<const TensorType> inputs,
                                                               std::span<const TensorType>,
                                                               kernels::InstructionSet) const override {
    return std::make_unique<ElementwiseStep>(*this, inputs[0].bytes());
  }

 protected:
  virtual void compute(const std::byte* const* inputs, std::byte* const* outputs, std::size_t count) const noexcept = 0;

 private:
  class ElementwiseStep final : public kernels::Step {
   public:
    ElementwiseStep(const ElementwiseFamily& family, std::size_t count) : family_(family), count_(count) {}
    void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
      family_.compute(inputs, outputs, count_);
    }

   private:
    const ElementwiseFamily& family_;
    std::size_t count_;
  };

  std::array<std::string_view, 1> operations_;
  std::size_t inputs_, outputs_;
};

// "join": z = saturate(x - 2 y), which tells its inputs apart.
class JoinFamily final : public ElementwiseFamily {
 public:
  JoinFamily() : ElementwiseFamily("join", 2, 1) {}

 private:
  void compute(const std::byte* const* inputs, std::byte* const* outputs, std::size_t count) const noexcept override {
    const auto* x = reinterpret_cast<const std::int8_t*>(inputs[0]);
    const auto* y = reinterpret_cast<const std::int8_t*>(inputs[1]);
    auto* z = reinterpret_cast<std::int8_t*>(outputs[0]);
    for (std::size_t i = 0; i < count; ++i) z[i] = saturated(x[i] - 2 * y[i]);
  }
};

// "fork": y = saturate(x + 1), z = saturate(-x).
class ForkFamily final : public ElementwiseFamily {
 public:
  ForkFamily() : ElementwiseFamily("fork", 1, 2) {}

 private:
  void compute(const std::byte* const* inputs, std::byte* const* outputs, std::size_t count) const noexcept override {
    const auto* x = reinterpret_cast<const std::int8_t*>(inputs[0]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    auto* z = reinterpret_cast<std::int8_t*>(outputs[1]);
    for (std::size_t i = 0; i < count; ++i) {
      y[i] = saturated(x[i] + 1);
      z[i] = saturated(-x[i]);
    }
  }
};

inline Families all_families() {
  static const JoinFamily join;
  static const ForkFamily fork;
  static const std::vector<const kernels::Family*> families = [] {
    std::vector<const kernels::Family*> list(kernels::library().begin(), kernels::library().end());
    list.push_back(&join);
    list.push_back(&fork);
    return list;
  }();
  return families;
}

inline ElementType activation() { return ElementType::int8(Quantisation::per_tensor(1.0 / 16, 3)); }

// Builds a network; every tensor is int8 of one scale.
class Dag {
 public:
  explicit Dag(std::uint64_t seed) : random(seed) { graph.name = "dag"; }

  ValueId input(const std::string& name, std::int64_t width) {
    const ValueId id = graph.add_value(name, {activation(), {width}});
    graph.inputs.push_back({name, id, ExternalForm::integer});
    return id;
  }
  void output(const std::string& name, ValueId id) { graph.outputs.push_back({name, id, ExternalForm::integer}); }
  ValueId dense(const std::string& name, ValueId from, std::int64_t width) {
    const std::int64_t n_in = graph.values[from].type.shape.channels();
    LayerSpec layer = kernels::testing::dense(
        width, n_in, kernels::testing::random_reals(random, static_cast<std::size_t>(width * n_in), -0.6, 0.6),
        kernels::testing::random_reals(random, static_cast<std::size_t>(width), -1, 1));
    layer.name = name;
    return kernels::testing::append(graph, all_families(), std::move(layer), from, activation());
  }
  ValueId squash(const std::string& name, ValueId from) {
    return kernels::testing::append(graph, all_families(), {name, "tanh", {}, {}}, from, activation());
  }
  // Two tensors of one width.
  ValueId join(const std::string& name, ValueId x, ValueId y) {
    const ValueId to = graph.add_value(name + "_out", graph.values[x].type);
    graph.layers.push_back({{name, "join", {}, {}}, {x, y}, {to}});
    return to;
  }
  std::pair<ValueId, ValueId> fork(const std::string& name, ValueId x) {
    const TensorType type = graph.values[x].type;
    const ValueId y = graph.add_value(name + "_y", type);
    const ValueId z = graph.add_value(name + "_z", type);
    graph.layers.push_back({{name, "fork", {}, {}}, {x}, {y, z}});
    return {y, z};
  }
  [[nodiscard]] std::int64_t width(ValueId id) const { return graph.values[id].type.shape.channels(); }

  Graph graph;
  Random random;
};

// 1 to 3 inputs, 0 to 14 layers that read anything before them, 1 to 4 outputs of any value, also of inputs and twice
// of one value. Some layers and inputs are of no use.
inline Graph random_dag(std::uint64_t seed) {
  Dag dag(seed);
  Random& random = dag.random;
  std::vector<ValueId> values;
  const std::uint64_t inputs = 1 + random.below(3);
  for (std::uint64_t i = 0; i < inputs; ++i) values.push_back(dag.input(fmt::format("x{}", i), random.between(1, 40)));
  const std::uint64_t layers = random.below(15);
  for (std::uint64_t i = 0; i < layers; ++i) {
    const std::string name = fmt::format("layer/{}", i);
    const ValueId from = values[random.below(values.size())];
    switch (random.below(4)) {
      case 0:
        values.push_back(dag.dense(name, from, random.between(1, 40)));
        break;
      case 1:
        values.push_back(dag.squash(name, from));
        break;
      case 2: {
        const auto [y, z] = dag.fork(name, from);
        values.insert(values.end(), {y, z});
        break;
      }
      default: {
        std::vector<ValueId> fitting;
        for (const ValueId id : values) {
          if (dag.width(id) == dag.width(from)) fitting.push_back(id);
        }
        values.push_back(dag.join(name, from, fitting[random.below(fitting.size())]));
      }
    }
  }
  const std::uint64_t outputs = 1 + random.below(4);
  for (std::uint64_t i = 0; i < outputs; ++i) {
    const bool late = random.below(4) != 0;
    const std::size_t first = late ? values.size() - std::min<std::size_t>(values.size(), 4) : 0;
    dag.output(fmt::format("y{}", i), values[first + random.below(values.size() - first)]);
  }
  return dag.graph;
}

}  // namespace algean::partitioner::testing
