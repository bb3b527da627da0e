#include "partitioner/import_keras/recipe.hpp"

#include <algorithm>

namespace algean::partitioner {

using Wire = Recipe::Wire;

Wire Recipe::add(std::string operation, kernels::Attributes attributes, std::vector<Wire> inputs, Shape output,
                 std::vector<RecipeConstant> constants) {
  shapes_.push_back(std::move(output));
  const Wire wire = shapes_.size() - 1;
  steps_.push_back({std::move(operation), std::move(attributes), std::move(inputs), std::move(constants), {wire}});
  return wire;
}

std::vector<Wire> Recipe::add_several(std::string operation, kernels::Attributes attributes, std::vector<Wire> inputs,
                                      std::vector<Shape> outputs) {
  std::vector<Wire> wires;
  for (Shape& output : outputs) {
    wires.push_back(shapes_.size());
    shapes_.push_back(std::move(output));
  }
  steps_.push_back({std::move(operation), std::move(attributes), std::move(inputs), {}, wires});
  return wires;
}

Wire Recipe::transpose(Wire input, const std::vector<std::int64_t>& permutation) {
  if (std::ranges::is_sorted(permutation)) return input;
  std::vector<std::int64_t> extents;
  for (const std::int64_t axis : permutation) extents.push_back(shape(input)[static_cast<std::size_t>(axis)]);
  return add("transpose", {{"permutation", permutation}}, {input}, *Shape::make(std::move(extents)));
}

Wire Recipe::reshape(Wire input, Shape shape) {
  const auto extents = extents_of(shape);
  return add("reshape", {{"shape", extents}}, {input}, std::move(shape));
}

Result<Wire> Recipe::join(const std::string& operation, Wire left, Wire right) {
  ALGEAN_ASSIGN(Shape output, broadcast(shape(left), shape(right)));
  return add(operation, {}, {left, right}, std::move(output));
}

Wire Recipe::affine(Wire input, double scale, double offset) {
  return add("affine", {{"scale", scale}, {"offset", offset}}, {input}, shape(input));
}

Result<Shape> broadcast(const Shape& left, const Shape& right) {
  const std::size_t rank = std::max(left.rank(), right.rank());
  std::vector<std::int64_t> extents(rank, 1);
  for (const Shape* shape : {&left, &right}) {
    for (std::size_t i = 0; i < shape->rank(); ++i) {
      std::int64_t& extent = extents[rank - shape->rank() + i];
      const std::int64_t own = (*shape)[i];
      if (own == 1 || own == extent) continue;
      if (extent != 1) return bad_input("shapes {} and {} do not go together", left.text(), right.text());
      extent = own;
    }
  }
  return Shape::make(std::move(extents));
}

Plan unary(Applied applied) {
  return [applied = std::move(applied)](Recipe& recipe) -> Result<> {
    if (recipe.inputs() != 1) return bad_input("{} inputs, 1 wanted", recipe.inputs());
    ALGEAN_ASSIGN(const Wire output, applied(recipe, 0));
    recipe.set_outputs({output});
    return {};
  };
}

std::vector<std::int64_t> moved_axis(std::size_t rank, std::size_t from, std::size_t to) {
  std::vector<std::int64_t> permutation;
  for (std::size_t i = 0; i < rank; ++i) permutation.push_back(static_cast<std::int64_t>(i));
  const auto at = [&](std::size_t i) { return permutation.begin() + static_cast<std::ptrdiff_t>(i); };
  permutation.erase(at(from));
  permutation.insert(at(to), static_cast<std::int64_t>(from));
  return permutation;
}

Result<std::size_t> axis_index(std::int64_t axis, const Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  const bool fits = axis < 0 ? axis >= -rank : axis >= 1 && axis <= rank;
  if (!fits) return bad_input("axis {} is not one of the input's shape {}", axis, shape.text());
  return static_cast<std::size_t>(axis < 0 ? rank + axis : axis - 1);
}

std::vector<std::int64_t> extents_of(const Shape& shape) { return {shape.extents().begin(), shape.extents().end()}; }

}  // namespace algean::partitioner
