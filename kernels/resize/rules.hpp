// A resize layer's attributes, read and checked.
#pragma once

#include <vector>

#include "kernels/family/layer.hpp"
#include "kernels/resize/positions.hpp"

namespace algean::kernels::resize {

struct Rules {
  bool bilinear = false;
  bool tflite = false;  // arithmetic `tflite`; of the integer form
  Rounding rounding = Rounding::floor;
  std::vector<AxisRule> axes;  // height and width, or length
};

// bad_input for wrong attributes or a wrong input; never trusts the layer.
Result<Rules> parse_rules(const LayerSpec& layer, const Shape& input);

}  // namespace algean::kernels::resize
