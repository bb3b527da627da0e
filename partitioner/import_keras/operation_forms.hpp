// How a call of an operation becomes steps: one function a form of arguments. The names of arguments are those of
// keras.ops and of TensorFlow.
#pragma once

#include <functional>
#include <string>

#include "partitioner/import_keras/arguments.hpp"
#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

using OperationForm = std::function<Result<>(Recipe&, const Arguments&)>;

// arithmetic: of two tensors of as many axes, or of a tensor and numbers
OperationForm binary_form(std::string operation);  // "add", "subtract", "multiply", "maximum", "minimum"
Result<> divide_form(Recipe& recipe, const Arguments& arguments);
Result<> power_form(Recipe& recipe, const Arguments& arguments);  // of a number as exponent
Result<> clip_form(Recipe& recipe, const Arguments& arguments);
Result<> matmul_form(Recipe& recipe, const Arguments& arguments);

// axes, all counted with the batch axis, which nothing may touch
OperationForm reduce_form(std::string operation);
Result<> concatenate_form(Recipe& recipe, const Arguments& arguments);
Result<> split_form(Recipe& recipe, const Arguments& arguments);
Result<> reshape_form(Recipe& recipe, const Arguments& arguments);
Result<> transpose_form(Recipe& recipe, const Arguments& arguments);
Result<> squeeze_form(Recipe& recipe, const Arguments& arguments);
Result<> expand_form(Recipe& recipe, const Arguments& arguments);
Result<> pad_form(Recipe& recipe, const Arguments& arguments);  // with zeros or another number
Result<> flip_form(Recipe& recipe, const Arguments& arguments);
Result<> index_form(Recipe& recipe, const Arguments& arguments);  // x[:, 1:3, ..., None, 2]

}  // namespace algean::partitioner
