#include <algorithm>
#include <cmath>

#include "partitioner/import_keras/operation_forms.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

// Extents of numbers that go with a tensor, without the batch axis.
Result<Shape> operand_shape(const Numbers& numbers, const Shape& tensor) {
  auto extents = numbers.extents;
  if (extents.size() == tensor.rank() + 1 && extents.front() == 1) extents.erase(extents.begin());
  if (extents.size() > tensor.rank()) {
    return bad_input("numbers of shape [{}] and a tensor of shape {} do not go together",
                     fmt::join(numbers.extents, ","), tensor.text());
  }
  return Shape::make(std::move(extents));
}

// `reversed`: the numbers are on the left.
Result<Wire> with_numbers(Recipe& recipe, const std::string& operation, Wire x, const Numbers& numbers, bool reversed) {
  ALGEAN_ASSIGN(Shape shape, operand_shape(numbers, recipe.shape(x)));
  if (numbers.values.size() == 1) {
    const auto value = static_cast<double>(numbers.values[0]);
    if (operation == "add") return recipe.affine(x, 1, value);
    if (operation == "subtract") return reversed ? recipe.affine(x, -1, value) : recipe.affine(x, 1, -value);
    if (operation == "multiply") return recipe.affine(x, value, 0);
    shape = Shape{1};
  }
  ALGEAN_ASSIGN(Shape output, broadcast(recipe.shape(x), shape));
  kernels::Attributes attributes;
  if (reversed && operation == "subtract") attributes.set("reversed", std::int64_t{1});
  RecipeConstant operand{"operand", std::nullopt, {}, shape, nullptr, numbers.values};
  return recipe.add(operation, std::move(attributes), {x}, std::move(output), {std::move(operand)});
}

Result<Wire> binary(Recipe& recipe, const std::string& operation, const Operand& left, const Operand& right) {
  if (left.wire && right.wire) {
    const Shape& a = recipe.shape(*left.wire);
    const Shape& b = recipe.shape(*right.wire);
    if (a.rank() != b.rank()) {
      return bad_input("shapes {} and {} of another number of axes, of which one is the batch's, not supported",
                       a.text(), b.text());
    }
    return recipe.join(operation, *left.wire, *right.wire);
  }
  if (left.wire) return with_numbers(recipe, operation, *left.wire, right.numbers, false);
  if (right.wire) return with_numbers(recipe, operation, *right.wire, left.numbers, true);
  return bad_input("numbers alone not supported");
}

struct Pair {
  Operand left, right;
};

Result<Pair> operands(const Arguments& arguments) {
  Pair pair;
  ALGEAN_ASSIGN(pair.left, arguments.operand(0, {"x1", "x", "a"}));
  ALGEAN_ASSIGN(pair.right, arguments.operand(1, {"x2", "y", "b"}));
  return pair;
}

Result<Wire> divided(Recipe& recipe, Pair pair) {
  if (pair.right.wire) {
    const Wire y = *pair.right.wire;
    pair.right.wire = recipe.add("reciprocal", {}, {y}, recipe.shape(y));
    return binary(recipe, "multiply", pair.left, pair.right);
  }
  const auto& values = pair.right.numbers.values;
  const bool good = std::ranges::all_of(values, [](float value) { return std::isfinite(1 / value); });
  if (!good) return bad_input("a division by 0, or by less than a float's smallest number");
  if (values.size() == 1 && pair.left.wire) {
    return recipe.affine(*pair.left.wire, 1 / static_cast<double>(values[0]), 0);
  }
  for (float& value : pair.right.numbers.values) value = 1 / value;
  return binary(recipe, "multiply", pair.left, pair.right);
}

}  // namespace

OperationForm binary_form(std::string operation) {
  return [operation = std::move(operation)](Recipe& recipe, const Arguments& arguments) -> Result<> {
    ALGEAN_ASSIGN(const Pair pair, operands(arguments));
    ALGEAN_ASSIGN(const Wire output, binary(recipe, operation, pair.left, pair.right));
    recipe.set_outputs({output});
    return {};
  };
}

Result<> divide_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(Pair pair, operands(arguments));
  ALGEAN_ASSIGN(const Wire output, divided(recipe, std::move(pair)));
  recipe.set_outputs({output});
  return {};
}

Result<> power_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x1", "x"}));
  ALGEAN_ASSIGN(const double exponent, arguments.real(1, {"x2", "y"}));
  const Shape shape = recipe.shape(x);
  recipe.set_outputs({exponent == 2     ? recipe.add("square", {}, {x}, shape)
                      : exponent == 0.5 ? recipe.add("square_root", {}, {x}, shape)
                      : exponent == -1  ? recipe.add("reciprocal", {}, {x}, shape)
                                        : recipe.add("power", {{"exponent", exponent}}, {x}, shape)});
  return {};
}

Result<> clip_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "t"}));
  ALGEAN_ASSIGN(const double low, arguments.real(1, {"x_min", "clip_value_min"}));
  ALGEAN_ASSIGN(const double high, arguments.real(2, {"x_max", "clip_value_max"}));
  if (low > high) return bad_input("clipping to {} and {}: the first must not be above the second", low, high);
  recipe.set_outputs({recipe.add("clip", {{"low", low}, {"high", high}}, {x}, recipe.shape(x))});
  return {};
}

Result<> matmul_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire a, arguments.tensor(0, {"x1", "a"}));
  ALGEAN_ASSIGN(const Wire b, arguments.tensor(1, {"x2", "b"}));
  ALGEAN_ASSIGN(const bool transpose_a, arguments.flag(2, {"transpose_a"}, false));
  ALGEAN_ASSIGN(const bool transpose_b, arguments.flag(3, {"transpose_b"}, false));
  const Shape& left = recipe.shape(a);
  const Shape& right = recipe.shape(b);
  const std::size_t rank = left.rank();
  const auto refused = [&] {
    return bad_input("a product of matrices of shapes {} and {} not supported", left.text(), right.text());
  };
  if (rank < 2 || right.rank() != rank) return refused();
  auto extents = extents_of(left);
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    if (left[i] != right[i]) return refused();
  }
  if (left[rank - (transpose_a ? 2 : 1)] != right[rank - (transpose_b ? 1 : 2)]) return refused();
  extents[rank - 2] = left[rank - (transpose_a ? 1 : 2)];
  extents[rank - 1] = right[rank - (transpose_b ? 2 : 1)];
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  recipe.set_outputs({recipe.add(
      "matmul",
      {{"transpose_a", std::int64_t{transpose_a ? 1 : 0}}, {"transpose_b", std::int64_t{transpose_b ? 1 : 0}}}, {a, b},
      std::move(shape))});
  return {};
}

}  // namespace algean::partitioner
