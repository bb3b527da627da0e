#include "kernels/eltwise/eltwise.hpp"

#include <array>

#include "kernels/eltwise/hardware.hpp"
#include "kernels/eltwise/operands.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

// y = function(a, b) over all elements.
template <class Function>
void join(const eltwise::RealOperands& operands, const Shape& shape, const RealRange& clamp, std::span<float> y,
          const Function& function) {
  const Runs runs(shape, {operands.a_shape, operands.b_shape});
  const std::size_t step_a = runs.step(0);
  const std::size_t step_b = runs.step(1);
  runs.for_each([&](std::size_t first, std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < runs.length(); ++i) {
      const double value =
          function(static_cast<double>(operands.a[a + i * step_a]), static_cast<double>(operands.b[b + i * step_b]));
      y[first + i] = static_cast<float>(value < clamp.low ? clamp.low : value > clamp.high ? clamp.high : value);
    }
  });
}

}  // namespace

std::span<const std::string_view> Eltwise::operations() const {
  static constexpr std::array<std::string_view, 6> names{"add",     "subtract", "multiply",
                                                         "average", "maximum",  "minimum"};
  return names;
}

const Hardware* Eltwise::circuit() const {
  static const eltwise::EltwiseHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Eltwise::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  if (layer.constant("table") != nullptr) {  // in integers, of a constant with one element
    ALGEAN_TRY(check_inputs(inputs, 1));
    return std::vector<Shape>{inputs[0].shape};
  }
  const Tensor* operand = layer.constant("operand");
  ALGEAN_TRY(check_inputs(inputs, operand == nullptr ? 2 : 1));
  ALGEAN_ASSIGN(Shape output, broadcast(inputs[0].shape, operand == nullptr ? inputs[1].shape : operand->shape()));
  return std::vector<Shape>{std::move(output)};
}

void Eltwise::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                             std::span<Tensor* const> outputs) const {
  const eltwise::RealOperands operands(layer, inputs);
  const RealRange clamp = activation_range(layer);
  const Shape& shape = outputs[0]->shape();
  const auto y = outputs[0]->elements<float>();
  const std::string& operation = layer.operation;
  if (operation == "add") return join(operands, shape, clamp, y, [](double a, double b) { return a + b; });
  if (operation == "subtract") return join(operands, shape, clamp, y, [](double a, double b) { return a - b; });
  if (operation == "multiply") return join(operands, shape, clamp, y, [](double a, double b) { return a * b; });
  if (operation == "average") return join(operands, shape, clamp, y, [](double a, double b) { return (a + b) / 2; });
  if (operation == "maximum") return join(operands, shape, clamp, y, [](double a, double b) { return a < b ? b : a; });
  ALGEAN_INVARIANT(operation == "minimum");
  join(operands, shape, clamp, y, [](double a, double b) { return b < a ? b : a; });
}

}  // namespace algean::kernels
