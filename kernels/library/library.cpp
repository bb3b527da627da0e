#include "kernels/library/library.hpp"

#include <array>

#include "kernels/activation/activation.hpp"
#include "kernels/batch_norm/batch_norm.hpp"
#include "kernels/concat/concat.hpp"
#include "kernels/dense/dense.hpp"
#include "kernels/movement/movement.hpp"
#include "kernels/reshape/reshape.hpp"
#include "kernels/resize/resize.hpp"

namespace algean::kernels {

Families library() {
  static const Activation activation;
  static const BatchNorm batch_norm;
  static const Concat concat;
  static const Dense dense;
  static const Movement movement;
  static const Reshape reshape;
  static const Resize resize;
  static const auto families = std::to_array<const Family*>({
      &activation,
      &batch_norm,
      &concat,
      &dense,
      &movement,
      &reshape,
      &resize,
  });
  return families;
}

}  // namespace algean::kernels
