#include "kernels/resize/resize.hpp"

#include <array>

#include "kernels/movement/copy.hpp"
#include "kernels/resize/hardware.hpp"
#include "kernels/resize/rules.hpp"

namespace algean::kernels {
namespace {

using resize::Neighbours;

// The two axes that change and the elements that each pair of them has; [L,C] has one row.
struct Field {
  std::size_t in_width = 1;
  std::size_t channels = 1;
  std::vector<Neighbours> rows;
  std::vector<Neighbours> columns;
};

Field field_of(const resize::Rules& rules, const Shape& input, bool tflite) {
  const auto neighbours = [&](const resize::AxisRule& rule) {
    return tflite ? resize::linear_tflite(rule) : resize::linear(rule);
  };
  Field field;
  field.in_width = static_cast<std::size_t>(rules.axes.back().in);
  field.channels = static_cast<std::size_t>(input.channels());
  field.rows = rules.axes.size() == 2 ? neighbours(rules.axes[0]) : std::vector<Neighbours>(1);
  field.columns = neighbours(rules.axes.back());
  return field;
}

// Where the four neighbours of an output element begin.
template <class T>
struct Corners {
  Corners(const Field& field, const T* from, const Neighbours& row, const Neighbours& column) {
    const auto at = [&](std::int64_t y, std::int64_t x) {
      return from + (static_cast<std::size_t>(y) * field.in_width + static_cast<std::size_t>(x)) * field.channels;
    };
    upper_left = at(row.lower, column.lower);
    upper_right = at(row.lower, column.upper);
    lower_left = at(row.upper, column.lower);
    lower_right = at(row.upper, column.upper);
  }
  const T *upper_left, *upper_right, *lower_left, *lower_right;
};

void interpolate(const Field& field, const float* from, float* to) {
  for (const Neighbours& row : field.rows) {
    for (const Neighbours& column : field.columns) {
      const Corners<float> x(field, from, row, column);
      for (std::size_t c = 0; c < field.channels; ++c) {
        const double above = x.upper_left[c] * (1 - column.share) + x.upper_right[c] * column.share;
        const double below = x.lower_left[c] * (1 - column.share) + x.lower_right[c] * column.share;
        *to++ = static_cast<float>(above * (1 - row.share) + below * row.share);
      }
    }
  }
}

// Weights add up to 2^20 and codes need 8 bits, so that sums need 28.
template <bool half_up>
void interpolate(const Field& field, const std::int8_t* from, std::int8_t* to) noexcept {
  constexpr std::int32_t half = std::int32_t{1} << 19;
  for (const Neighbours& row : field.rows) {
    for (const Neighbours& column : field.columns) {
      const Corners<std::int8_t> x(field, from, row, column);
      const std::int32_t lower_right = row.share_1024 * column.share_1024;
      const std::int32_t lower_left = row.share_1024 * 1024 - lower_right;
      const std::int32_t upper_right = column.share_1024 * 1024 - lower_right;
      const std::int32_t upper_left = 1024 * 1024 - lower_left - upper_right - lower_right;
      for (std::size_t c = 0; c < field.channels; ++c) {
        const std::int32_t sum = x.upper_left[c] * upper_left + x.upper_right[c] * upper_right +
                                 x.lower_left[c] * lower_left + x.lower_right[c] * lower_right;
        to[c] = static_cast<std::int8_t>(half_up ? (sum + half) >> 20
                                                 : (sum + (sum > 0 ? half : -half)) / (std::int32_t{1} << 20));
      }
      to += field.channels;
    }
  }
}

class BilinearStep final : public Step {
 public:
  BilinearStep(Field field, bool half_up) : field_(std::move(field)), half_up_(half_up) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const auto* from = reinterpret_cast<const std::int8_t*>(inputs[0]);
    auto* to = reinterpret_cast<std::int8_t*>(outputs[0]);
    half_up_ ? interpolate<true>(field_, from, to) : interpolate<false>(field_, from, to);
  }

 private:
  Field field_;
  bool half_up_;
};

class NearestStep final : public Step {
 public:
  explicit NearestStep(Copy copy) : copy_(std::move(copy)) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    copy_.run(inputs[0], outputs[0]);
  }

 private:
  Copy copy_;
};

Copy nearest_copy(const resize::Rules& rules, const TensorType& input) {
  const auto strides = element_strides(input.shape);
  std::vector<AxisRuns> axes;
  for (std::size_t axis = 0; axis < rules.axes.size(); ++axis) {
    AxisRuns runs;
    for (const std::int64_t index : resize::nearest(rules.axes[axis], rules.rounding, rules.tflite)) {
      append(runs, {index * strides[axis], 0, 1});
    }
    axes.push_back(std::move(runs));
  }
  axes.push_back({{0, 1, input.shape.channels()}});
  return {std::move(axes), input.element.bytes()};
}

// Of a verified layer.
resize::Rules rules_of(const LayerSpec& layer, const Shape& input) {
  auto rules = resize::parse_rules(layer, input);
  ALGEAN_INVARIANT(rules.has_value());
  return *std::move(rules);
}

}  // namespace

std::span<const std::string_view> Resize::operations() const {
  static constexpr std::array<std::string_view, 1> names{"resize"};
  return names;
}

const Hardware* Resize::circuit() const {
  static const resize::ResizeHardware hardware;
  return &hardware;
}

void Resize::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                            std::span<Tensor* const> outputs) const {
  const resize::Rules rules = rules_of(layer, inputs[0]->shape());
  if (!rules.bilinear) {
    return nearest_copy(rules, inputs[0]->type()).run(inputs[0]->bytes().data(), outputs[0]->bytes().data());
  }
  const Field field = field_of(rules, inputs[0]->shape(), false);
  interpolate(field, inputs[0]->elements<float>().data(), outputs[0]->elements<float>().data());
}

void Resize::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                              std::span<Tensor* const> outputs) const {
  const resize::Rules rules = rules_of(layer, inputs[0]->shape());
  if (!rules.bilinear) return evaluate_float(layer, inputs, outputs);
  const BilinearStep step(field_of(rules, inputs[0]->shape(), rules.tflite), !rules.tflite);
  const std::byte* const from[] = {inputs[0]->bytes().data()};
  std::byte* const to[] = {outputs[0]->bytes().data()};
  step.run(from, to, nullptr);
}

std::optional<ElementType> Resize::fixed_output(const LayerSpec&, std::span<const TensorType> inputs) const {
  if (inputs.empty()) return std::nullopt;
  return inputs[0].element;
}

double Resize::work(const LayerSpec& layer, std::span<const TensorType>, std::span<const TensorType> outputs) const {
  const bool bilinear = layer.attributes.text_or("mode", "nearest") == "bilinear";
  return outputs.empty() ? 0 : static_cast<double>(outputs[0].shape.elements()) * (bilinear ? 4 : 1);
}

Result<LayerSpec> Resize::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs) const {
  ALGEAN_TRY(verify(layer, inputs, outputs));
  return layer;
}

Result<std::unique_ptr<Step>> Resize::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                              std::span<const TensorType>, InstructionSet) const {
  const resize::Rules rules = rules_of(layer, inputs[0].shape);
  if (!rules.bilinear) return std::make_unique<NearestStep>(nearest_copy(rules, inputs[0]));
  return std::make_unique<BilinearStep>(field_of(rules, inputs[0].shape, rules.tflite), !rules.tflite);
}

}  // namespace algean::kernels
