#include "partitioner/import_keras/constants.hpp"

#include <algorithm>

namespace algean::partitioner {
namespace {

// Row-major elements of extents `from` with axis i of the result being axis permutation[i].
std::vector<float> permuted(std::span<const float> elements, std::span<const std::int64_t> from,
                            const std::vector<std::size_t>& permutation) {
  const std::size_t rank = from.size();
  std::vector<std::size_t> stride(rank, 1);
  for (std::size_t i = rank; i-- > 1;) stride[i - 1] = stride[i] * static_cast<std::size_t>(from[i]);
  std::vector<float> result(elements.size());
  std::vector<std::int64_t> index(rank, 0);  // in the result
  std::size_t at = 0;
  for (float& element : result) {
    element = elements[at];
    for (std::size_t axis = rank; axis-- > 0;) {
      at += stride[permutation[axis]];
      if (++index[axis] < from[permutation[axis]]) break;
      at -= stride[permutation[axis]] * static_cast<std::size_t>(from[permutation[axis]]);
      index[axis] = 0;
    }
  }
  return result;
}

}  // namespace

Result<Constant> KerasConstants::make(const KerasLayer& layer, const RecipeConstant& constant) {
  if (!constant.variable) return of_values(layer, constant);
  Constant& made = made_[{&layer, constant.role, *constant.variable}];
  if (made == nullptr) {
    ALGEAN_ASSIGN(made, of_variable(layer, constant));
  }
  return made;
}

Result<Constant> KerasConstants::of_variable(const KerasLayer& layer, const RecipeConstant& constant) const {
  const LayerFacts& facts = facts_.at(&layer);
  const KerasVariable& variable = facts.variables.at(*constant.variable);
  const WeightArray& array = *weights_.at(&layer).at(*constant.variable);
  const std::string what = fmt::format("{}: {}", facts.title, variable.name);
  ALGEAN_TRY(make_constant(what, variable.shape, array.elements));  // an error names the element as the file has it
  std::vector<float> elements = array.elements;
  if (!constant.permutation.empty()) elements = permuted(array.elements, array.extents, constant.permutation);
  if (constant.map != nullptr) std::ranges::transform(elements, elements.begin(), constant.map);
  return make_constant(what, constant.shape, elements);
}

Result<Constant> KerasConstants::of_values(const KerasLayer& layer, const RecipeConstant& constant) {
  const std::int64_t elements = constant.shape.elements();
  const std::string what = fmt::format("{}: {}", facts_.at(&layer).title, constant.role);
  filled_ += elements;
  if (filled_ > max_filled_elements) return bad_input("{}: more than {} constants", what, max_filled_elements);
  std::vector<float> values = constant.values;
  if (values.size() == 1) values.assign(static_cast<std::size_t>(elements), values[0]);
  return make_constant(what, constant.shape, values);
}

}  // namespace algean::partitioner
