// Shapes through a Keras model, and of its weights. Shapes are without the batch axis.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_keras/layers.hpp"
#include "partitioner/import_keras/model.hpp"
#include "runtime/tensor/shape.hpp"

namespace algean::partitioner {

struct LayerFacts {
  LayerPlan plan;
  std::string title;                   // "encoder/dense (Dense)"
  std::vector<Shape> variable_shapes;  // one for each of plan.variables, once a call of the layer was seen
};

// By the layer's address in its model, which must stay where it is.
using ModelFacts = std::map<const KerasLayer*, LayerFacts>;

// Shape of the layer's output. Errors say what is not supported, or which rule its input breaks.
Result<Shape> output_shape(const LayerPlan& plan, const Shape& input);
// Index of `axis`, which counts the batch axis where it is not negative, among the axes of `shape`.
Result<std::size_t> axis_index(std::int64_t axis, const Shape& shape);
// Extents of an InputLayer of the outermost model.
Result<Shape> input_shape(const LayerPlan& plan);

// Plans every layer, nested ones too, and passes shapes through. All that is not supported goes to `problems`.
Result<ModelFacts> examine(const KerasModel& model, Problems& problems);

}  // namespace algean::partitioner
