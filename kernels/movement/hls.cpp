#include "kernels/movement/hls.hpp"

#include <numeric>

#include "kernels/movement/move_stage.hpp"
#include "kernels/movement/movement.hpp"

namespace algean::kernels {
namespace {

struct Border {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
};

// What a constant padding adds around an image; nothing for another layer, or one that pads channels.
std::optional<Border> border_of(const LayerSpec& layer, const Shape& input) {
  if (layer.operation != "pad" || layer.attributes.text_or("mode", "constant") != "constant") return std::nullopt;
  if (input.rank() < 2 || input.rank() > 3) return std::nullopt;
  const auto before = layer.attributes.integers("before").value();
  const auto after = layer.attributes.integers("after").value();
  if (before.back() != 0 || after.back() != 0) return std::nullopt;
  const std::size_t w = input.rank() - 2;
  return Border{w == 1 ? before[0] : 0, w == 1 ? after[0] : 0, before[w], after[w]};
}

Result<> check_moved(const TensorType& input, const TensorType& output) {
  for (const TensorType* type : {&input, &output}) {
    if (type->shape.elements() > movement::most_moved) {
      return bad_input("{}: HLS moves at most {} elements", type->text(), movement::most_moved);
    }
  }
  return {};
}

// The layer itself says what it reads: it moves the numbers of its input's elements.
std::vector<std::int64_t> index_of(const LayerSpec& layer, const Shape& input, const Shape& output) {
  Tensor numbers(TensorType{ElementType::int32(), input});
  const auto places = numbers.elements<std::int32_t>();
  std::iota(places.begin(), places.end(), 0);
  Tensor moved(TensorType{ElementType::int32(), output});
  LayerSpec numbered = layer;
  if (layer.attributes.has("code")) numbered.attributes.set("code", std::int64_t{-1});
  const Tensor* from = &numbers;
  Tensor* to = &moved;
  Movement().evaluate_integer(numbered, {&from, 1}, {&to, 1});
  const auto elements = moved.elements<std::int32_t>();
  return {elements.begin(), elements.end()};
}

}  // namespace

Result<Folding> MovementHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                     std::span<const TensorType> outputs, std::int64_t interval_cycles) const {
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], 1));
  if (border_of(layer, inputs[0].shape)) return fewest_lanes(to.form.rows, to.form.elements, 1, interval_cycles);
  ALGEAN_TRY(check_moved(inputs[0], outputs[0]));
  return Folding{};
}

Result<HlsLayer> MovementHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                     std::span<const TensorType> outputs, const Folding& folding) const {
  const auto border = border_of(layer, inputs[0].shape);
  ALGEAN_TRY(check_hls_folding(folding, border ? inputs[0].shape.channels() : 1, 1));
  const std::int64_t fill = layer.attributes.integer_or("code", 0);
  if (!border) {
    ALGEAN_TRY(check_moved(inputs[0], outputs[0]));
    return movement::move_stages(inputs[0], outputs[0], index_of(layer, inputs[0].shape, outputs[0].shape), fill);
  }
  ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], folding.simd));
  ALGEAN_ASSIGN(const HlsStream to, hls_stream_of(outputs[0], folding.simd));
  HlsLayer result;
  result.inputs = {result.add_stream(from)};
  result.outputs = {result.add_stream(to)};
  const Shape& shape = inputs[0].shape;
  result.stages.push_back({.function = "pad",
                           .header = "kernels/movement/hls/pad.hpp",
                           .name = "pad",
                           .numbers = {{"in_h", shape.rank() == 3 ? shape[0] : 1},
                                       {"in_w", shape[shape.rank() - 2]},
                                       {"channels", shape.channels()},
                                       {"lanes", folding.simd},
                                       {"top", border->top},
                                       {"bottom", border->bottom},
                                       {"left", border->left},
                                       {"right", border->right},
                                       {"fill", fill}},
                           .types = {{"in_type", from.type}},
                           .tables = {},
                           .inputs = result.inputs,
                           .outputs = result.outputs});
  return result;
}

const HlsForm* Movement::hls() const {
  static const MovementHls form;
  return &form;
}

}  // namespace algean::kernels
