#include "kernels/library/library.hpp"

#include <array>

#include "kernels/activation/activation.hpp"
#include "kernels/batch_norm/batch_norm.hpp"
#include "kernels/concat/concat.hpp"
#include "kernels/conv/conv.hpp"
#include "kernels/conv_transpose/conv_transpose.hpp"
#include "kernels/dense/dense.hpp"
#include "kernels/eltwise/eltwise.hpp"
#include "kernels/matmul/matmul.hpp"
#include "kernels/movement/movement.hpp"
#include "kernels/pool/pool.hpp"
#include "kernels/reduce/reduce.hpp"
#include "kernels/reshape/reshape.hpp"
#include "kernels/resize/resize.hpp"

namespace algean::kernels {

Families library() {
  static const Activation activation;
  static const BatchNorm batch_norm;
  static const Concat concat;
  static const Conv conv;
  static const ConvTranspose conv_transpose;
  static const Dense dense;
  static const Eltwise eltwise;
  static const Matmul matmul;
  static const Movement movement;
  static const Pool pool;
  static const Reduce reduce;
  static const Reshape reshape;
  static const Resize resize;
  static const auto families = std::to_array<const Family*>({
      &activation,
      &batch_norm,
      &concat,
      &conv,
      &conv_transpose,
      &dense,
      &eltwise,
      &matmul,
      &movement,
      &pool,
      &reduce,
      &reshape,
      &resize,
  });
  return families;
}

}  // namespace algean::kernels
