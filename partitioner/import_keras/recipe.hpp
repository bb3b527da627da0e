// What one call of a Keras layer becomes: layers of our own, its variables, and all shapes, before any weight is read.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernels/family/attributes.hpp"
#include "partitioner/import_keras/keras_json.hpp"
#include "runtime/tensor/shape.hpp"

namespace algean::partitioner {

// A variable of a layer, in the order in which Keras stores them.
struct KerasVariable {
  std::string name;  // "kernel"
  Shape shape;
  bool trainable = true;
  bool used = true;  // false: stored, but not read (the count of Normalization)
};

// A constant of a step: a variable brought into the order of our own layers, or numbers of the config.
struct RecipeConstant {
  std::string role;  // "weight"
  std::optional<std::size_t> variable;
  std::vector<std::size_t> permutation;  // axis i of the result is axis permutation[i] of the variable; none: as it is
  Shape shape;                           // after the permutation; of as many elements
  float (*map)(float) = nullptr;         // applied to each element
  std::vector<float> values;             // where it is no variable: all elements, or one for all of them
};

class Recipe {
 public:
  using Wire = std::size_t;  // index of a tensor: the call's inputs first, then what the steps make

  struct Step {
    std::string operation;
    kernels::Attributes attributes;
    std::vector<Wire> inputs;
    std::vector<RecipeConstant> constants;
    std::vector<Wire> outputs;
  };

  // Shapes of the call's inputs; `arguments` as of KerasCall, which outlives the recipe.
  Recipe(std::vector<Shape> inputs, const Json& arguments)
      : shapes_(std::move(inputs)), inputs_(shapes_.size()), arguments_(&arguments) {}

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] const Json& arguments() const { return *arguments_; }
  [[nodiscard]] const Shape& shape(Wire wire) const { return shapes_.at(wire); }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<KerasVariable>& variables() const { return variables_; }
  [[nodiscard]] const std::vector<Wire>& outputs() const { return outputs_; }
  // The step that gets the Keras layer's own name; the others are called NAME/OPERATION.
  [[nodiscard]] std::size_t main() const { return main_.value_or(0); }

  std::size_t add_variable(KerasVariable variable) {
    variables_.push_back(std::move(variable));
    return variables_.size() - 1;
  }
  Wire add(std::string operation, kernels::Attributes attributes, std::vector<Wire> inputs, Shape output,
           std::vector<RecipeConstant> constants = {});
  std::vector<Wire> add_several(std::string operation, kernels::Attributes attributes, std::vector<Wire> inputs,
                                std::vector<Shape> outputs);
  // The step added last is the main one, if none is yet.
  void mark_main() { main_ = main_.value_or(steps_.size() - 1); }
  void set_outputs(std::vector<Wire> wires) { outputs_ = std::move(wires); }

  // permutation[i]: which axis of the input becomes axis i. Nothing is added where that changes nothing.
  Wire transpose(Wire input, const std::vector<std::int64_t>& permutation);
  // `shape` holds as many elements.
  Wire reshape(Wire input, Shape shape);
  // Elementwise over two tensors, broadcast as NumPy does (without the batch axis).
  Result<Wire> join(const std::string& operation, Wire left, Wire right);
  // scale * x + offset.
  Wire affine(Wire input, double scale, double offset);

 private:
  std::vector<Shape> shapes_;
  std::size_t inputs_;
  const Json* arguments_;
  std::vector<Step> steps_;
  std::vector<KerasVariable> variables_;
  std::vector<Wire> outputs_;
  std::optional<std::size_t> main_;
};

// Writes a layer's steps: what its config says is in it, the inputs and their shapes come with the recipe.
using Plan = std::function<Result<>(Recipe&)>;
// A chain of elementwise steps.
using Applied = std::function<Result<Recipe::Wire>(Recipe&, Recipe::Wire)>;

// Shapes broadcast as NumPy does. bad_input where they do not fit.
Result<Shape> broadcast(const Shape& left, const Shape& right);
// A plan for one input and one output.
Plan unary(Applied applied);
// 0, 1, ..., rank - 1 with axis `from` (counted before) brought to place `to`.
std::vector<std::int64_t> moved_axis(std::size_t rank, std::size_t from, std::size_t to);
// Index of `axis`, which counts the batch axis where it is not negative, among the axes of `shape`.
Result<std::size_t> axis_index(std::int64_t axis, const Shape& shape);
std::vector<std::int64_t> extents_of(const Shape& shape);

}  // namespace algean::partitioner
