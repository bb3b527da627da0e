#include <algorithm>

#include "partitioner/import_keras/layers.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

Result<> at_least_two(const Recipe& recipe) {
  if (recipe.inputs() < 2) return bad_input("{} inputs, at least 2 wanted", recipe.inputs());
  return {};
}

// The first input with the second, that with the third, and so on.
Result<Wire> folded(Recipe& recipe, const std::string& operation) {
  ALGEAN_TRY(at_least_two(recipe));
  Wire result = 0;
  for (Wire input = 1; input < recipe.inputs(); ++input) {
    ALGEAN_ASSIGN(result, recipe.join(operation, result, input));
  }
  return result;
}

Plan fold_of(std::string operation) {
  return [operation = std::move(operation)](Recipe& recipe) -> Result<> {
    ALGEAN_ASSIGN(const Wire output, folded(recipe, operation));
    recipe.set_outputs({output});
    return {};
  };
}

Result<> average(Recipe& recipe) {
  if (recipe.inputs() == 2) return fold_of("average")(recipe);
  ALGEAN_ASSIGN(const Wire sum, folded(recipe, "add"));
  recipe.set_outputs({recipe.affine(sum, 1.0 / static_cast<double>(recipe.inputs()), 0)});
  return {};
}

Result<> concatenate(Recipe& recipe, std::int64_t axis) {
  ALGEAN_TRY(at_least_two(recipe));
  ALGEAN_ASSIGN(const std::size_t index, axis_index(axis, recipe.shape(0)));
  auto extents = extents_of(recipe.shape(0));
  std::vector<Wire> inputs{0};
  for (Wire input = 1; input < recipe.inputs(); ++input) {
    inputs.push_back(input);
    auto own = extents_of(recipe.shape(input));
    const std::int64_t extent = index < own.size() ? own[index] : 0;
    if (index < own.size()) own[index] = extents[index];
    if (own != extents) {
      return bad_input("shapes {} and {} do not go together along axis {}", recipe.shape(0).text(),
                       recipe.shape(input).text(), axis);
    }
    extents[index] += extent;
  }
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  recipe.set_outputs({recipe.add("concat", {{"axis", static_cast<std::int64_t>(index)}}, inputs, std::move(shape))});
  return {};
}

// Of vectors: the sum of the products, [1].
Result<Wire> dot_of_vectors(Recipe& recipe) {
  ALGEAN_ASSIGN(const Wire products, recipe.join("multiply", 0, 1));
  const std::vector<std::int64_t> axes{0};
  return recipe.add("reduce_sum", {{"axes", axes}, {"keep_axes", std::int64_t{1}}}, {products}, Shape{1});
}

// Of matrices: over axis `left` of one and axis `right` of the other.
Result<Wire> dot_of_matrices(Recipe& recipe, std::size_t left, std::size_t right) {
  const std::int64_t rows = recipe.shape(0)[1 - left];
  const std::int64_t columns = recipe.shape(1)[1 - right];
  ALGEAN_ASSIGN(Shape shape, Shape::make({rows, columns}));
  return recipe.add(
      "matmul", {{"transpose_a", std::int64_t{left == 0 ? 1 : 0}}, {"transpose_b", std::int64_t{right == 1 ? 1 : 0}}},
      {0, 1}, std::move(shape));
}

Result<> dot(Recipe& recipe, const std::vector<std::int64_t>& axes) {
  if (recipe.inputs() != 2) return bad_input("{} inputs, 2 wanted", recipe.inputs());
  ALGEAN_ASSIGN(const std::size_t left, axis_index(axes.front(), recipe.shape(0)));
  ALGEAN_ASSIGN(const std::size_t right, axis_index(axes.back(), recipe.shape(1)));
  const std::size_t rank = recipe.shape(0).rank();
  if (rank > 2 || recipe.shape(1).rank() != rank || recipe.shape(0)[left] != recipe.shape(1)[right]) {
    return bad_input("a dot product of shapes {} and {} over axes {} not supported", recipe.shape(0).text(),
                     recipe.shape(1).text(), fmt::join(axes, ", "));
  }
  ALGEAN_ASSIGN(const Wire output, rank == 1 ? dot_of_vectors(recipe) : dot_of_matrices(recipe, left, right));
  recipe.set_outputs({output});
  return {};
}

}  // namespace

Result<Plan> plan_add(const LayerConfig&) { return fold_of("add"); }
Result<Plan> plan_multiply(const LayerConfig&) { return fold_of("multiply"); }
Result<Plan> plan_maximum(const LayerConfig&) { return fold_of("maximum"); }
Result<Plan> plan_minimum(const LayerConfig&) { return fold_of("minimum"); }
Result<Plan> plan_average(const LayerConfig&) { return average; }

Result<Plan> plan_subtract(const LayerConfig&) {
  return [](Recipe& recipe) -> Result<> {
    if (recipe.inputs() != 2) return bad_input("{} inputs, 2 wanted", recipe.inputs());
    return fold_of("subtract")(recipe);
  };
}

Result<Plan> plan_concatenate(const LayerConfig& config) {
  ALGEAN_ASSIGN(const std::int64_t axis, single_axis(config.json));
  return [axis](Recipe& recipe) { return concatenate(recipe, axis); };
}

Result<Plan> plan_dot(const LayerConfig& config) {
  ALGEAN_TRY(refuse(config.json, {"normalize"}));
  const Json* found = given(config.json, "axes");
  if (found == nullptr) return bad_input("attribute 'axes' must be one or two integers");
  ALGEAN_ASSIGN(const auto axes, integers(*found, "axes"));
  if (axes.empty() || axes.size() > 2) return bad_input("attribute 'axes' must be one or two integers");
  return [axes](Recipe& recipe) { return dot(recipe, axes); };
}

}  // namespace algean::partitioner
