// The constants of a recipe, made of the weights that the file holds.
#pragma once

#include <map>
#include <string>

#include "partitioner/import_common/builder.hpp"
#include "partitioner/import_keras/examine.hpp"
#include "partitioner/import_keras/weights.hpp"

namespace algean::partitioner {

class KerasConstants {
 public:
  KerasConstants(const ModelFacts& facts, const ModelWeights& weights) : facts_(facts), weights_(weights) {}

  // Made once for all uses of a layer. bad_input, naming layer, variable and element, for NaN and infinities.
  Result<Constant> make(const KerasLayer& layer, const RecipeConstant& constant);

 private:
  Result<Constant> of_variable(const KerasLayer& layer, const RecipeConstant& constant) const;
  Result<Constant> of_values(const KerasLayer& layer, const RecipeConstant& constant);

  // One number for all channels must not let a small file ask for any amount of memory.
  static constexpr std::int64_t max_filled_elements = std::int64_t{1} << 26;

  const ModelFacts& facts_;
  const ModelWeights& weights_;
  std::map<std::tuple<const KerasLayer*, std::string, std::size_t>, Constant> made_;  // by role and variable
  std::int64_t filled_ = 0;
};

}  // namespace algean::partitioner
