#include <array>

#include "kernels/cost/model.hpp"
#include "kernels/cost/models/flow.hpp"
#include "kernels/cost/models/matvec.hpp"
#include "kernels/cost/models/stream.hpp"
#include "kernels/cost/models/window.hpp"

namespace algean::kernels::cost {

std::span<const Model> models() {
  static const auto list = std::to_array<Model>({
      register_model(), fifo_model(),      clone_model(),
      repack_model(),   matvec_model(),    loadable_matvec_model(),
      window_model(),   depthwise_model(), loadable_depthwise_model(),
      join_model(),     table_model(),     reduce_model(),
      score_model(),    concat_model(),    split_model(),
      pad_model(),      repeat_model(),    softmax_model(),
      move_model(),
  });
  return list;
}

std::span<const Weights> weights() {
  static const auto list = std::to_array<Weights>({
#include "kernels/cost/weights.inc"
  });
  return list;
}

}  // namespace algean::kernels::cost
