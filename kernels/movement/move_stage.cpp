#include "kernels/movement/move_stage.hpp"

namespace algean::kernels::movement {

Result<HlsLayer> move_stages(const TensorType& input, const TensorType& output, std::vector<std::int64_t> index,
                             std::int64_t fill) {
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(input, 1));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(output, 1));
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  result.outputs = {result.add_stream(to)};
  const std::int64_t size = output.shape.elements();
  result.stages.push_back({.function = "move",
                           .header = "kernels/movement/hls/move.hpp",
                           .name = "move",
                           .numbers = {{"in_elements", input.shape.elements()}, {"out_elements", size}, {"fill", fill}},
                           .types = {{"in_type", from.type}},
                           .tables = {{"index", "std::int32_t", {size}, std::move(index)}},
                           .inputs = result.inputs,
                           .outputs = result.outputs});
  return result;
}

}  // namespace algean::kernels::movement
