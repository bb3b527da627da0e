#include "kernels/library/library.hpp"

#include <array>

#include "kernels/activation/activation.hpp"
#include "kernels/batch_norm/batch_norm.hpp"
#include "kernels/dense/dense.hpp"
#include "kernels/reshape/reshape.hpp"

namespace algean::kernels {

Families library() {
  static const Activation activation;
  static const BatchNorm batch_norm;
  static const Dense dense;
  static const Reshape reshape;
  static const std::array<const Family*, 4> families{&activation, &batch_norm, &dense, &reshape};
  return families;
}

}  // namespace algean::kernels
