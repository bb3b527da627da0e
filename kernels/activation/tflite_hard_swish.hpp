// TensorFlow Lite's int8 hard swish, in 16 bits: the input times its own hard sigmoid, whose halves lie on [-1, 1] in
// Q0.15.
#pragma once

#include <cstdint>

#include "runtime/base/result.hpp"

namespace algean::kernels::activation {

class TfliteHardSwish {
 public:
  // bad_input where the output's scale is below 1/128 of the input's, which the reference refuses, too.
  static Result<TfliteHardSwish> make(double scale_x, double scale_y);
  // From a code minus its zero point, to a code minus its zero point, not yet cut to 8 bits.
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const;

 private:
  struct Scale {
    std::int32_t multiplier = 0;  // Q0.15
    std::int32_t shift = 0;       // to the left
  };
  static Result<Scale> derive(float ratio);
  Scale reluish_, output_;
};

}  // namespace algean::kernels::activation
