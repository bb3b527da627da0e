#include "kernels/matmul/matmul.hpp"

#include <array>

#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/matmul/extents.hpp"

namespace algean::kernels {
namespace {

// acc += row of a times b: acc [columns], over b in memory order where it is not transposed.
void add_row(const matmul::Extents& e, const float* a, const float* b, std::size_t row, std::vector<double>& acc) {
  const auto rows = static_cast<std::size_t>(e.rows);
  const auto inner = static_cast<std::size_t>(e.inner);
  const auto columns = static_cast<std::size_t>(e.columns);
  for (std::size_t k = 0; k < inner; ++k) {
    const auto left = static_cast<double>(e.transpose_a ? a[k * rows + row] : a[row * inner + k]);
    const std::size_t step = e.transpose_b ? inner : 1;
    const float* right = e.transpose_b ? b + k : b + k * columns;
    for (std::size_t j = 0; j < columns; ++j) acc[j] += left * static_cast<double>(right[j * step]);
  }
}

}  // namespace

std::span<const std::string_view> Matmul::operations() const {
  static constexpr std::array<std::string_view, 1> names{"matmul"};
  return names;
}

Result<std::vector<Shape>> Matmul::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 2));
  ALGEAN_ASSIGN(matmul::Extents extents, matmul::make_extents(layer, inputs[0].shape, inputs[1].shape));
  return std::vector<Shape>{std::move(extents.output)};
}

double Matmul::work(const LayerSpec& layer, std::span<const TensorType> inputs,
                    std::span<const TensorType> outputs) const {
  const auto extents = matmul::make_extents(layer, inputs[0].shape, inputs[1].shape);
  return static_cast<double>(outputs[0].shape.elements()) * static_cast<double>(extents ? extents->inner : 1);
}

void Matmul::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                            std::span<Tensor* const> outputs) const {
  const matmul::Extents e = matmul::make_extents(layer, inputs[0]->shape(), inputs[1]->shape()).value();
  const float* a = inputs[0]->elements<float>().data();
  const float* b = inputs[1]->elements<float>().data();
  float* y = outputs[0]->elements<float>().data();
  const auto rows = static_cast<std::size_t>(e.rows);
  const auto inner = static_cast<std::size_t>(e.inner);
  const auto columns = static_cast<std::size_t>(e.columns);
  std::vector<double> acc(columns);
  const Runs runs(e.batch, {e.batch_a, e.batch_b});
  runs.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
    for (std::size_t i = 0; i < runs.length(); ++i) {
      const float* left = a + (at_a + i * runs.step(0)) * rows * inner;
      const float* right = b + (at_b + i * runs.step(1)) * inner * columns;
      for (std::size_t row = 0; row < rows; ++row) {
        std::ranges::fill(acc, 0.0);
        add_row(e, left, right, row, acc);
        float* to = y + ((first + i) * rows + row) * columns;
        for (std::size_t j = 0; j < columns; ++j) to[j] = static_cast<float>(acc[j]);
      }
    }
  });
}

}  // namespace algean::kernels
