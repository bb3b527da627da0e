#include <algorithm>

#include "partitioner/import_keras/movement.hpp"
#include "partitioner/import_keras/operation_forms.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

constexpr std::int64_t max_parts = 1024;  // of a split

// Those of an argument 'axis' as indices among the axes of `shape`, each once.
Result<std::vector<std::size_t>> axes_of(const Arguments& arguments, const Shape& shape) {
  if (arguments.find(1, {"axis"}) == nullptr) return bad_input("without 'axis' it takes in the batch, not supported");
  ALGEAN_ASSIGN(const auto given, arguments.integers(1, {"axis"}));
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : given) {
    ALGEAN_ASSIGN(const std::size_t index, axis_index(axis, shape));
    if (std::ranges::find(axes, index) != axes.end()) return bad_input("axis {} is named twice", axis);
    axes.push_back(index);
  }
  return axes;
}

Result<std::size_t> axis_of(const Arguments& arguments, std::size_t position, std::int64_t fallback,
                            const Shape& shape) {
  std::vector<std::int64_t> axis{fallback};
  if (arguments.find(position, {"axis"}) != nullptr) {
    ALGEAN_ASSIGN(axis, arguments.integers(position, {"axis"}));
  }
  if (axis.size() != 1) return bad_input("one 'axis' wanted");
  return axis_index(axis[0], shape);
}

}  // namespace

OperationForm reduce_form(std::string operation) {
  return [operation = std::move(operation)](Recipe& recipe, const Arguments& arguments) -> Result<> {
    ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "input_tensor"}));
    ALGEAN_ASSIGN(const auto axes, axes_of(arguments, recipe.shape(x)));
    constexpr std::size_t by_name_only = 1000;
    if (arguments.find(by_name_only, {"initial"}) != nullptr) return bad_input("argument 'initial' not supported");
    ALGEAN_ASSIGN(const bool keep_axes, arguments.flag(2, {"keepdims"}, false));
    ALGEAN_ASSIGN(const Wire y, reduced(recipe, x, operation, axes, keep_axes));
    recipe.set_outputs({y});
    return {};
  };
}

Result<> concatenate_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const auto inputs, arguments.tensors(0, {"xs", "values"}));
  const Shape first = recipe.shape(inputs[0]);
  ALGEAN_ASSIGN(const std::size_t axis, axis_of(arguments, 1, 0, first));
  auto extents = extents_of(first);
  extents[axis] = 0;
  for (const Wire input : inputs) {
    const Shape& own = recipe.shape(input);
    bool fits = own.rank() == first.rank();
    for (std::size_t i = 0; fits && i < own.rank(); ++i) fits = i == axis || own[i] == first[i];
    if (!fits) {
      return bad_input("shapes {} and {} do not go together along axis {}", first.text(), own.text(), axis + 1);
    }
    extents[axis] += own[axis];
  }
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  recipe.set_outputs({recipe.add("concat", {{"axis", static_cast<std::int64_t>(axis)}}, inputs, std::move(shape))});
  return {};
}

// Into equal parts; keras.ops: a list says where to cut, TensorFlow: how long each part is.
Result<> split_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "value"}));
  const Shape shape = recipe.shape(x);
  ALGEAN_ASSIGN(const std::size_t axis, axis_of(arguments, 2, 0, shape));
  const bool is_cuts =
      arguments.find(1, {"indices_or_sections"}) != nullptr && arguments.find(1, {"num_or_size_splits"}) == nullptr;
  const Json* argument = arguments.find(1, {"indices_or_sections", "num_or_size_splits"});
  ALGEAN_ASSIGN(auto sizes, arguments.integers(1, {"indices_or_sections", "num_or_size_splits"}));
  if (!argument->is_array()) {
    const std::int64_t parts = sizes[0];
    if (parts < 1 || parts > max_parts || shape[axis] % parts != 0)
      return bad_input("{} parts of {} not supported", parts, shape[axis]);
    sizes.assign(static_cast<std::size_t>(parts), shape[axis] / parts);
  } else if (is_cuts) {
    sizes.push_back(shape[axis]);
    std::int64_t before = 0;
    for (std::int64_t& size : sizes) size -= std::exchange(before, size);
  }
  if (std::ssize(sizes) > max_parts) return bad_input("{} parts of {} not supported", sizes.size(), shape[axis]);
  std::int64_t sum = 0;
  std::vector<Shape> shapes;
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > shape[axis] - sum) {
      return bad_input("parts [{}] do not make up {}", fmt::join(sizes, ","), shape[axis]);
    }
    sum += size;
    auto extents = extents_of(shape);
    extents[axis] = size;
    ALGEAN_ASSIGN(shapes.emplace_back(), Shape::make(std::move(extents)));
  }
  if (sum != shape[axis]) return bad_input("parts [{}] do not make up {}", fmt::join(sizes, ","), shape[axis]);
  recipe.set_outputs(recipe.add_several("split", {{"axis", static_cast<std::int64_t>(axis)}, {"sizes", sizes}}, {x},
                                        std::move(shapes)));
  return {};
}

// The first extent is the batch's: -1, whatever the batch, as the others hold all elements.
Result<> reshape_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "tensor"}));
  ALGEAN_ASSIGN(auto target, arguments.integers(1, {"newshape", "shape"}));
  if (target.empty() || target[0] != -1 || std::ranges::count(target, -1) > 1) {
    return bad_input("a reshape to [{}] not supported (-1 first, for the batch, is)", fmt::join(target, ","));
  }
  target.erase(target.begin());
  ALGEAN_ASSIGN(const Wire y, reshaped(recipe, x, std::move(target)));
  recipe.set_outputs({y});
  return {};
}

Result<> transpose_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "a"}));
  ALGEAN_ASSIGN(auto axes, arguments.integers(1, {"axes", "perm"}));
  if (axes.empty() || axes[0] != 0) return bad_input("a transposition of the batch axis not supported");
  axes.erase(axes.begin());
  for (std::int64_t& axis : axes) --axis;
  ALGEAN_ASSIGN(const Wire y, permuted(recipe, x, axes));
  recipe.set_outputs({y});
  return {};
}

Result<> squeeze_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "input"}));
  const Shape shape = recipe.shape(x);
  ALGEAN_ASSIGN(const auto axes, axes_of(arguments, shape));
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const bool gone = std::ranges::find(axes, i) != axes.end();
    if (gone && shape[i] != 1) return bad_input("axis {} of shape {} is not 1 long", i + 1, shape.text());
    if (!gone) extents.push_back(shape[i]);
  }
  ALGEAN_ASSIGN(Shape left, Shape::make(std::move(extents)));
  recipe.set_outputs({recipe.reshape(x, std::move(left))});
  return {};
}

Result<> expand_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "input"}));
  ALGEAN_ASSIGN(const auto given, arguments.integers(1, {"axis"}));
  auto extents = extents_of(recipe.shape(x));
  for (std::int64_t axis : given) {
    const auto rank = static_cast<std::int64_t>(extents.size()) + 1;  // of what comes of it
    axis = axis < 0 ? rank + axis : axis - 1;
    if (axis < 0 || axis >= rank) return bad_input("a new axis at {} not supported", given.front());
    extents.insert(extents.begin() + axis, 1);
  }
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  recipe.set_outputs({recipe.reshape(x, std::move(shape))});
  return {};
}

Result<> pad_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "tensor"}));
  const Json* widths = arguments.find(1, {"pad_width", "paddings"});
  const Json* mode = arguments.find(2, {"mode"});
  if (mode != nullptr && *mode != "constant" && *mode != "CONSTANT") {
    return bad_input("a padding of mode {} not supported", mode->dump());
  }
  ALGEAN_ASSIGN(const double value, arguments.real(3, {"constant_values"}, 0));
  if (value != 0) return bad_input("a padding with {} not supported (0 is)", value);
  const std::size_t rank = recipe.shape(x).rank();
  if (widths == nullptr || !widths->is_array() || widths->size() != rank + 1) {
    return bad_input("a pair of widths wanted for each of {} axes", rank + 1);
  }
  const Json config{{"widths", *widths}};
  ALGEAN_ASSIGN(const auto pairs, before_and_after(config, "widths", rank + 1));
  if (pairs[0] != 0 || pairs[1] != 0) return bad_input("a padding of the batch axis not supported");
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> after;
  for (std::size_t i = 1; i <= rank; ++i) {
    before.push_back(pairs[2 * i]);
    after.push_back(pairs[2 * i + 1]);
  }
  ALGEAN_ASSIGN(const Wire y, padded(recipe, x, before, after));
  recipe.set_outputs({y});
  return {};
}

Result<> flip_form(Recipe& recipe, const Arguments& arguments) {
  ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "tensor"}));
  const Shape shape = recipe.shape(x);
  ALGEAN_ASSIGN(const auto axes, axes_of(arguments, shape));
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const bool turned = std::ranges::find(axes, i) != axes.end();
    ranges.push_back(turned ? Range{shape[i] - 1, -1, -1} : Range{0, shape[i], 1});
  }
  ALGEAN_ASSIGN(const Wire y, sliced(recipe, x, ranges));
  recipe.set_outputs({y});
  return {};
}

}  // namespace algean::partitioner
