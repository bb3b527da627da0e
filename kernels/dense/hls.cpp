#include "kernels/dense/hls.hpp"

#include "kernels/dense/dense.hpp"
#include "kernels/weighted/hls.hpp"

namespace algean::kernels {

Result<Folding> DenseHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                  std::span<const TensorType>, std::int64_t interval_cycles) const {
  ALGEAN_ASSIGN(const HlsStream stream, hls_stream_of(inputs[0], 1));
  const Shape& weight = layer.required("weight").shape();
  return cheapest_folding(stream.form.rows, hls_choices(weight[1]), hls_choices(weight[0]), interval_cycles);
}

Result<HlsLayer> DenseHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                  std::span<const TensorType> outputs, const Folding& folding) const {
  const Shape& weight = layer.required("weight").shape();
  const std::int64_t n_in = weight[1];
  ALGEAN_TRY(check_hls_folding(folding, n_in, weight[0]));
  ALGEAN_ASSIGN(HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(HlsStream to, hls_stream_of(outputs[0], folding.pe));
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  result.outputs = {result.add_stream(to)};
  const std::int64_t simd = folding.simd;
  HlsStage stage = matvec_stage(layer, inputs[0], outputs[0],
                                {.vectors = from.form.rows,
                                 .groups = 1,
                                 .folds = from.form.beats_per_row(),
                                 .simd = simd,
                                 .n_out = weight[0],
                                 .pe = folding.pe,
                                 .weight = [=](std::int64_t out, std::int64_t fold, std::int64_t lane) {
                                   const std::int64_t i = fold * simd + lane;
                                   return i < n_in ? out * n_in + i : -1;
                                 }});
  stage.inputs = result.inputs;
  stage.outputs = result.outputs;
  result.stages.push_back(std::move(stage));
  return result;
}

const HlsForm* Dense::hls() const {
  static const DenseHls form;
  return &form;
}

}  // namespace algean::kernels
