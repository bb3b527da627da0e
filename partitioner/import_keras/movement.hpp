// Steps that only move elements, with their rules checked; axes and extents count without the batch axis.
#pragma once

#include <cstdint>
#include <vector>

#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

// Elements begin, begin + stride, ... before `end`; with a negative stride downwards, `end` then -1 for past the first.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t stride = 1;
};

// At most one extent of -1 takes what is left.
Result<Recipe::Wire> reshaped(Recipe& recipe, Recipe::Wire x, std::vector<std::int64_t> target);
Result<Recipe::Wire> permuted(Recipe& recipe, Recipe::Wire x, const std::vector<std::int64_t>& permutation);
// Zeros around; each number from 0 to max_size.
Result<Recipe::Wire> padded(Recipe& recipe, Recipe::Wire x, const std::vector<std::int64_t>& before,
                            const std::vector<std::int64_t>& after);
// A range an axis, each within the input and not empty.
Result<Recipe::Wire> sliced(Recipe& recipe, Recipe::Wire x, const std::vector<Range>& ranges);
// sum, mean, max or min ("reduce_mean") over `axes`, each of which is there once.
Result<Recipe::Wire> reduced(Recipe& recipe, Recipe::Wire x, const std::string& operation,
                             const std::vector<std::size_t>& axes, bool keep_axes);

}  // namespace algean::partitioner
