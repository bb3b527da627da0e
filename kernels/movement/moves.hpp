// What each operation of the family moves where.
#pragma once

#include <vector>

#include "kernels/family/layer.hpp"
#include "kernels/movement/copy.hpp"

namespace algean::kernels::movement {

struct Move {
  Shape output;
  std::vector<AxisRuns> axes;  // outermost first; an output axis may be described by two
};

// The move of a layer whose input has this shape. bad_input for wrong attributes or constants; never trusts the layer.
Result<Move> move_of(const LayerSpec& layer, const Shape& input);

}  // namespace algean::kernels::movement
