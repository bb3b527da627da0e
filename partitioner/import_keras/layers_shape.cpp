#include <algorithm>

#include "partitioner/import_keras/layers.hpp"
#include "partitioner/import_keras/movement.hpp"
#include "partitioner/import_keras/windows.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

// Batch axis aside, with the channels brought last first if they come first.
Result<Wire> flatten(Recipe& recipe, Wire x, bool first) {
  const std::size_t rank = recipe.shape(x).rank();
  const Wire last = first && rank > 1 ? recipe.transpose(x, moved_axis(rank, 0, rank - 1)) : x;
  ALGEAN_ASSIGN(Shape shape, Shape::make({recipe.shape(x).elements()}));
  const Wire y = recipe.reshape(last, std::move(shape));
  recipe.mark_main();
  return y;
}

// dims[i], counted with the batch axis: which axis of the input becomes axis i + 1.
Result<Wire> permute(Recipe& recipe, Wire x, const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> permutation;
  for (const std::int64_t axis : dims) permutation.push_back(axis - 1);
  return permuted(recipe, x, permutation);
}

// [n] becomes [times, n].
Result<Wire> repeat_vector(Recipe& recipe, Wire x, std::int64_t times) {
  if (recipe.shape(x).rank() != 1) return bad_input("its input has shape {}, one axis wanted", recipe.shape(x).text());
  const std::int64_t size = recipe.shape(x)[0];
  ALGEAN_ASSIGN(Shape repeated, Shape::make({times, size}));
  const Wire row = recipe.reshape(x, Shape{1, size});
  const std::vector<std::int64_t> repeats{times, 1};
  const Wire y = recipe.add("tile", {{"repeats", repeats}}, {row}, std::move(repeated));
  recipe.mark_main();
  return y;
}

// `pairs` as before_and_after() reads them, for the first axes of the input.
Result<Wire> pad(Recipe& recipe, Wire x, const std::vector<std::int64_t>& pairs) {
  const std::size_t rank = recipe.shape(x).rank();
  std::vector<std::int64_t> before(rank, 0);
  std::vector<std::int64_t> after(rank, 0);
  for (std::size_t i = 0; 2 * i < pairs.size(); ++i) {
    before[i] = pairs[2 * i];
    after[i] = pairs[2 * i + 1];
  }
  return padded(recipe, x, before, after);
}

Result<Wire> crop(Recipe& recipe, Wire x, const std::vector<std::int64_t>& pairs) {
  const Shape& shape = recipe.shape(x);
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const bool cut = 2 * i < pairs.size();
    const std::int64_t begin = cut ? pairs[2 * i] : 0;
    const std::int64_t end = shape[i] - (cut ? pairs[2 * i + 1] : 0);
    if (begin >= end) return bad_input("nothing is left of axis {} of the input's shape {}", i + 1, shape.text());
    ranges.push_back({begin, end, 1});
  }
  return sliced(recipe, x, ranges);
}

}  // namespace

Result<Plan> plan_flatten(const LayerConfig& config) {
  ALGEAN_ASSIGN(const bool first, channels_first(config.json));
  return unary([first](Recipe& recipe, Wire x) { return flatten(recipe, x, first); });
}

Result<Plan> plan_reshape(const LayerConfig& config) {
  const Json* found = given(config.json, "target_shape");
  if (found == nullptr || !found->is_array()) return bad_input("attribute 'target_shape' must be a list of integers");
  auto target = integers(*found, "target_shape");
  if (!target) return bad_input("attribute 'target_shape' must be a list of integers");
  return unary([target = *std::move(target)](Recipe& recipe, Wire x) { return reshaped(recipe, x, target); });
}

Result<Plan> plan_permute(const LayerConfig& config) {
  const Json* found = given(config.json, "dims");
  if (found == nullptr) return bad_input("attribute 'dims' must be a list of integers");
  ALGEAN_ASSIGN(const auto dims, integers(*found, "dims"));
  return unary([dims](Recipe& recipe, Wire x) { return permute(recipe, x, dims); });
}

Result<Plan> plan_repeat_vector(const LayerConfig& config) {
  ALGEAN_ASSIGN(const std::int64_t times, integer(config.json, "n", 1));
  return unary([times](Recipe& recipe, Wire x) { return repeat_vector(recipe, x, times); });
}

template <std::size_t axes>
Result<Plan> plan_zero_padding(const LayerConfig& config) {
  ALGEAN_ASSIGN(const auto pairs, before_and_after(config.json, "padding", axes));
  ALGEAN_ASSIGN(const bool first, channels_first(config.json));
  return channel_last(axes, first, [pairs](Recipe& recipe, Wire x) { return pad(recipe, x, pairs); });
}

template <std::size_t axes>
Result<Plan> plan_cropping(const LayerConfig& config) {
  ALGEAN_ASSIGN(const auto pairs, before_and_after(config.json, "cropping", axes));
  ALGEAN_ASSIGN(const bool first, channels_first(config.json));
  return channel_last(axes, first, [pairs](Recipe& recipe, Wire x) { return crop(recipe, x, pairs); });
}

template Result<Plan> plan_zero_padding<1>(const LayerConfig&);
template Result<Plan> plan_zero_padding<2>(const LayerConfig&);
template Result<Plan> plan_cropping<1>(const LayerConfig&);
template Result<Plan> plan_cropping<2>(const LayerConfig&);

}  // namespace algean::partitioner
