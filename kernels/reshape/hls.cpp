#include "kernels/reshape/hls.hpp"

#include "kernels/reshape/reshape.hpp"

namespace algean::kernels {

Result<Folding> ReshapeHls::folding(const LayerSpec&, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs, std::int64_t interval_cycles) const {
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], 1));
  const std::int64_t elements = std::min(inputs[0].shape.channels(), outputs[0].shape.channels());
  return fewest_lanes(from.form.rows * from.form.elements / elements, elements, 1, interval_cycles);
}

Result<HlsLayer> ReshapeHls::stages(const LayerSpec&, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs, const Folding& folding) const {
  ALGEAN_TRY(check_hls_folding(folding, std::min(inputs[0].shape.channels(), outputs[0].shape.channels()), 1));
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  if (from.form == to.form) {  // the same rows: a copy
    result.outputs = {result.add_stream(to)};
    result.stages.push_back({.function = "clone",
                             .header = "kernels/stream/hls/clone.hpp",
                             .name = "copy",
                             .numbers = {{"lanes", to.form.lanes}, {"beats", to.form.beats()}},
                             .types = {{"in_type", from.type}},
                             .tables = {},
                             .inputs = result.inputs,
                             .outputs = result.outputs});
  } else {
    result.outputs = {result.repack(result.inputs[0], to.form)};
  }
  return result;
}

const HlsForm* Reshape::hls() const {
  static const ReshapeHls form;
  return &form;
}

}  // namespace algean::kernels
