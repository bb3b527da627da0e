// Two families that are just large enough to test graphs with: the real ones stand above this room.
#pragma once

#include <array>

#include "kernels/graph/graph.hpp"
#include "runtime/base/random.hpp"

namespace algean::kernels::testing {

// "scale": y = factor * x (float) or y = saturate(x + offset) (integer); constant `factor` float32[1] or `offset`
// int8[1].
class ScaleFamily final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "scale"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override { return operations_; }
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec& layer,
                                                 std::span<const TensorType> inputs) const override {
    if (inputs.size() != 1) return bad_input("{} inputs, scale has 1", inputs.size());
    const char* role = inputs[0].element.is_float() ? "factor" : "offset";
    const Tensor* constant = layer.constant(role);
    if (constant == nullptr || constant->shape() != Shape{1}) return bad_input("constant '{}' must be [1]", role);
    return std::vector{inputs[0].shape};
  }
  [[nodiscard]] Result<> verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                                std::span<const TensorType> outputs) const override {
    if (layer.attributes.integer_or("forbidden", 0) != 0) return bad_input("attribute 'forbidden' is set");
    const bool is_float = inputs[0].element.is_float();
    if (layer.required(is_float ? "factor" : "offset").type().element.is_float() != is_float) {
      return bad_input("constant is of the wrong type");
    }
    if (is_float != outputs[0].element.is_float()) return bad_input("input and output differ");
    if (!is_float && inputs[0].element.name() != "int8") return bad_input("integers must be int8");
    return {};
  }
  void evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                      std::span<Tensor* const> outputs) const override {
    const float factor = layer.required("factor").elements<float>()[0];
    const auto from = inputs[0]->elements<float>();
    const auto to = outputs[0]->elements<float>();
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = factor * from[i];
  }
  void evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override {
    const int offset = layer.required("offset").elements<std::int8_t>()[0];
    const auto from = inputs[0]->elements<std::int8_t>();
    const auto to = outputs[0]->elements<std::int8_t>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = static_cast<std::int8_t>(std::min(127, std::max(-128, from[i] + offset)));
    }
  }
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec&, std::span<const TensorType>,
                                           std::span<const TensorType>) const override {
    return bad_input("not quantised here");
  }
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec&, std::span<const TensorType>,
                                                      std::span<const TensorType>, InstructionSet) const override {
    return bad_input("not compiled here");
  }

 private:
  static constexpr std::array<std::string_view, 1> operations_ = {"scale"};
};

// "add": z = x + y, floats of one shape.
class AddFamily final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "add"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override { return operations_; }
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec&, std::span<const TensorType> inputs) const override {
    if (inputs.size() != 2 || inputs[0].shape != inputs[1].shape)
      return bad_input("add takes two tensors of one shape");
    return std::vector{inputs[0].shape};
  }
  [[nodiscard]] Result<> verify(const LayerSpec&, std::span<const TensorType> inputs,
                                std::span<const TensorType>) const override {
    return inputs[0].element.is_float() ? Result<>() : bad_input("add is of float32");
  }
  void evaluate_float(const LayerSpec&, std::span<const Tensor* const> inputs,
                      std::span<Tensor* const> outputs) const override {
    const auto to = outputs[0]->elements<float>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = inputs[0]->elements<float>()[i] + inputs[1]->elements<float>()[i];
    }
  }
  void evaluate_integer(const LayerSpec&, std::span<const Tensor* const>, std::span<Tensor* const>) const override {}
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec&, std::span<const TensorType>,
                                           std::span<const TensorType>) const override {
    return bad_input("not quantised here");
  }
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec&, std::span<const TensorType>,
                                                      std::span<const TensorType>, InstructionSet) const override {
    return bad_input("not compiled here");
  }

 private:
  static constexpr std::array<std::string_view, 1> operations_ = {"add"};
};

inline const ScaleFamily scale_family;
inline const AddFamily add_family;
inline constexpr std::array<const Family*, 2> small_list = {&scale_family, &add_family};
inline constexpr Families small_families = small_list;

inline std::shared_ptr<const Tensor> factor(float value) {
  return std::make_shared<Tensor>(TensorType{ElementType::float32(), {1}}, std::span<const float>(&value, 1));
}

inline Layer scale_layer(std::string name, float value, ValueId from, ValueId to) {
  return {{std::move(name), "scale", {}, {{"factor", factor(value)}}}, {from}, {to}};
}

// x -> double -> h; (x, h) -> sum -> y: y = 3 x, of 4 floats.
inline Graph small_graph() {
  Graph graph;
  graph.name = "small";
  const TensorType type{ElementType::float32(), {4}};
  const ValueId x = graph.add_value("x", type);
  const ValueId h = graph.add_value("h", type);
  const ValueId y = graph.add_value("y", type);
  graph.inputs = {{"x", x, ExternalForm::float32}};
  graph.outputs = {{"y", y, ExternalForm::float32}};
  graph.layers = {scale_layer("double", 2, x, h), {{"sum", "add", {}, {}}, {x, h}, {y}}};
  return graph;
}

// x -> shift -> y: integers of 3 elements, y = saturate(x + 5).
inline Graph small_integer_graph() {
  Graph graph;
  graph.name = "small integers";
  const std::int8_t offset = 5;
  const ValueId x = graph.add_value("x", {ElementType::int8(Quantisation::per_tensor(0.25, -3)), {3}});
  const ValueId y = graph.add_value("y", {ElementType::int8(Quantisation::per_tensor(1.0 / 3, 7)), {3}});
  graph.inputs = {{"x", x, ExternalForm::float32}};
  graph.outputs = {{"y", y, ExternalForm::integer}};
  const TensorType type{ElementType::int8(Quantisation{{0.5}, {0}, 0}), {1}};
  graph.layers = {
      {{"shift", "scale", {}, {{"offset", std::make_shared<Tensor>(type, std::span<const std::int8_t>(&offset, 1))}}},
       {x},
       {y}}};
  return graph;
}

}  // namespace algean::kernels::testing
