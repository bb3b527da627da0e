#include "partitioner/import_keras/movement.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace algean::partitioner {

using Wire = Recipe::Wire;

Result<Wire> reshaped(Recipe& recipe, Wire x, std::vector<std::int64_t> target) {
  const Shape& input = recipe.shape(x);
  std::int64_t known = 1;
  const auto open = std::ranges::count(target, -1);
  for (const std::int64_t extent : target) {
    if (extent == -1) continue;
    if (extent < 1 || extent > Shape::max_elements / known)
      return bad_input("target_shape [{}] is none", fmt::join(target, ","));
    known *= extent;
  }
  if (open > 1) return bad_input("target_shape [{}] has more than one -1", fmt::join(target, ","));
  const bool fits = open == 1 ? input.elements() % known == 0 : input.elements() == known;
  if (!fits)
    return bad_input("target_shape [{}] does not hold the input's shape {}", fmt::join(target, ","), input.text());
  std::ranges::replace(target, -1, input.elements() / known);
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(target)));
  return recipe.reshape(x, std::move(shape));
}

Result<Wire> permuted(Recipe& recipe, Wire x, const std::vector<std::int64_t>& permutation) {
  auto sorted = permutation;
  std::ranges::sort(sorted);
  const auto rank = static_cast<std::int64_t>(recipe.shape(x).rank());
  bool good = static_cast<std::int64_t>(sorted.size()) == rank;
  for (std::int64_t i = 0; good && i < rank; ++i) good = sorted[static_cast<std::size_t>(i)] == i;
  if (!good) {
    std::vector<std::int64_t> counted;
    for (const std::int64_t axis : permutation) counted.push_back(axis + 1);
    return bad_input("axes [{}] are not those of the input's shape {} in another order", fmt::join(counted, ","),
                     recipe.shape(x).text());
  }
  return recipe.transpose(x, permutation);
}

Result<Wire> padded(Recipe& recipe, Wire x, const std::vector<std::int64_t>& before,
                    const std::vector<std::int64_t>& after) {
  auto extents = extents_of(recipe.shape(x));
  for (std::size_t i = 0; i < extents.size(); ++i) extents[i] += before[i] + after[i];
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  const Wire y =
      recipe.add("pad", {{"before", before}, {"after", after}, {"mode", std::string("constant")}, {"value", 0.0}}, {x},
                 std::move(shape));
  recipe.mark_main();
  return y;
}

Result<Wire> sliced(Recipe& recipe, Wire x, const std::vector<Range>& ranges) {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> extents;
  for (const Range& range : ranges) {
    begin.push_back(range.begin);
    end.push_back(range.end);
    strides.push_back(range.stride);
    const std::int64_t distance = range.stride > 0 ? range.end - range.begin : range.begin - range.end;
    const std::int64_t step = range.stride > 0 ? range.stride : -range.stride;
    extents.push_back((distance - 1) / step + 1);
  }
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  const Wire y = recipe.add("slice", {{"begin", begin}, {"end", end}, {"strides", strides}}, {x}, std::move(shape));
  recipe.mark_main();
  return y;
}

Result<Wire> reduced(Recipe& recipe, Wire x, const std::string& operation, const std::vector<std::size_t>& axes,
                     bool keep_axes) {
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> taken;
  for (std::size_t i = 0; i < recipe.shape(x).rank(); ++i) {
    const bool gone = std::ranges::find(axes, i) != axes.end();
    if (gone) taken.push_back(static_cast<std::int64_t>(i));
    if (!gone) extents.push_back(recipe.shape(x)[i]);
    if (gone && keep_axes) extents.push_back(1);
  }
  ALGEAN_ASSIGN(Shape shape, Shape::make(std::move(extents)));
  return recipe.add(operation, {{"axes", taken}, {"keep_axes", std::int64_t{keep_axes ? 1 : 0}}}, {x},
                    std::move(shape));
}

}  // namespace algean::partitioner
