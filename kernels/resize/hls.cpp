#include "kernels/resize/hls.hpp"

#include "kernels/movement/move_stage.hpp"
#include "kernels/resize/resize.hpp"
#include "kernels/resize/rules.hpp"

namespace algean::kernels {
namespace {

// Input rows and columns that the output's read.
struct Reads {
  std::vector<std::int64_t> rows{0}, columns;
};

Result<Reads> reads_of(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const resize::Rules rules, resize::parse_rules(layer, input));
  if (rules.bilinear)
    return bad_input("mode '{}': HLS resizes by the nearest element", layer.attributes.text_or("mode", ""));
  Reads reads;
  if (rules.axes.size() == 2) reads.rows = resize::nearest(rules.axes[0], rules.rounding, rules.tflite);
  reads.columns = resize::nearest(rules.axes.back(), rules.rounding, rules.tflite);
  return reads;
}

// How often each of `in` is read, where all are, equally often and in order; else 0.
std::int64_t repeats(const std::vector<std::int64_t>& reads, std::int64_t in) {
  const auto out = static_cast<std::int64_t>(reads.size());
  if (out % in != 0) return 0;
  for (std::int64_t i = 0; i < out; ++i) {
    if (reads[static_cast<std::size_t>(i)] != i / (out / in)) return 0;
  }
  return out / in;
}

struct Field {
  std::int64_t in_h = 1, in_w = 1, down = 0, across = 0;
  [[nodiscard]] bool is_repeat() const { return down > 0 && across > 0; }
};
Field field_of(const Reads& reads, const Shape& input) {
  Field field;
  field.in_h = input.rank() == 3 ? input[0] : 1;
  field.in_w = input[input.rank() - 2];
  field.down = repeats(reads.rows, field.in_h);
  field.across = repeats(reads.columns, field.in_w);
  return field;
}

Result<> check_moved(const TensorType& input, const TensorType& output) {
  if (std::max(input.shape.elements(), output.shape.elements()) <= movement::most_moved) return {};
  return bad_input("{} to {}: HLS moves at most {} elements", input.text(), output.text(), movement::most_moved);
}

}  // namespace

Result<Folding> ResizeHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs, std::int64_t interval_cycles) const {
  ALGEAN_ASSIGN(const Reads reads, reads_of(layer, inputs[0].shape));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], 1));
  if (field_of(reads, inputs[0].shape).is_repeat()) {
    return fewest_lanes(to.form.rows, to.form.elements, 1, interval_cycles);
  }
  ALGEAN_TRY(check_moved(inputs[0], outputs[0]));
  return Folding{};
}

Result<HlsLayer> ResizeHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs, const Folding& folding) const {
  const Shape& shape = inputs[0].shape;
  ALGEAN_ASSIGN(const Reads reads, reads_of(layer, shape));
  const Field field = field_of(reads, shape);
  ALGEAN_TRY(check_hls_folding(folding, field.is_repeat() ? shape.channels() : 1, 1));
  if (!field.is_repeat()) {
    ALGEAN_TRY(check_moved(inputs[0], outputs[0]));
    std::vector<std::int64_t> index;
    for (const std::int64_t row : reads.rows) {
      for (const std::int64_t column : reads.columns) {
        const std::int64_t first = (row * field.in_w + column) * shape.channels();
        for (std::int64_t c = 0; c < shape.channels(); ++c) index.push_back(first + c);
      }
    }
    return movement::move_stages(inputs[0], outputs[0], std::move(index), 0);
  }
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  result.outputs = {result.add_stream(to)};
  result.stages.push_back({.function = "repeat",
                           .header = "kernels/resize/hls/repeat.hpp",
                           .name = "repeat",
                           .numbers = {{"in_h", field.in_h},
                                       {"in_w", field.in_w},
                                       {"pixel_beats", from.form.beats_per_row()},
                                       {"lanes", folding.simd},
                                       {"down", field.down},
                                       {"across", field.across}},
                           .types = {{"in_type", from.type}},
                           .tables = {},
                           .inputs = result.inputs,
                           .outputs = result.outputs});
  return result;
}

const HlsForm* Resize::hls() const {
  static const ResizeHls form;
  return &form;
}

}  // namespace algean::kernels
