// Compiled layers: both operands as 16-bit numbers without their zero points, b transposed, so that a result is a dot
// product of two rows, which the compiler vectorises.
#include "kernels/family/broadcast.hpp"
#include "kernels/matmul/extents.hpp"
#include "kernels/matmul/matmul.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

std::int32_t dot(const std::int16_t* a, const std::int16_t* b, std::size_t n) noexcept {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
  return sum;
}

// Rows of `inner` numbers: element k of row i lies at from[i * row + k * step].
void widen(const std::int8_t* from, std::size_t rows, std::size_t row, std::size_t inner, std::size_t step,
           std::int32_t zero, std::int16_t* to) noexcept {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < inner; ++k) *to++ = static_cast<std::int16_t>(from[i * row + k * step] - zero);
  }
}

class MatmulStep final : public Step {
 public:
  MatmulStep(const matmul::Extents& e, std::span<const TensorType> inputs, Requantiser requantiser)
      : runs_(e.batch, {e.batch_a, e.batch_b}),
        rows_(static_cast<std::size_t>(e.rows)),
        inner_(static_cast<std::size_t>(e.inner)),
        columns_(static_cast<std::size_t>(e.columns)),
        transpose_a_(e.transpose_a),
        transpose_b_(e.transpose_b),
        zero_a_(inputs[0].element.quantisation()->zero_point()),
        zero_b_(inputs[1].element.quantisation()->zero_point()),
        requantiser_(std::move(requantiser)) {}

  [[nodiscard]] std::size_t scratch_bytes() const override {
    return (rows_ + columns_) * inner_ * sizeof(std::int16_t);
  }

  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte* scratch) const noexcept override {
    const auto* a = reinterpret_cast<const std::int8_t*>(inputs[0]);
    const auto* b = reinterpret_cast<const std::int8_t*>(inputs[1]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    auto* left = reinterpret_cast<std::int16_t*>(scratch);
    std::int16_t* right = left + rows_ * inner_;
    runs_.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
      for (std::size_t n = 0; n < runs_.length(); ++n) {
        const std::int8_t* from_a = a + (at_a + n * runs_.step(0)) * rows_ * inner_;
        const std::int8_t* from_b = b + (at_b + n * runs_.step(1)) * inner_ * columns_;
        widen(from_a, rows_, transpose_a_ ? 1 : inner_, inner_, transpose_a_ ? rows_ : 1, zero_a_, left);
        widen(from_b, columns_, transpose_b_ ? inner_ : 1, inner_, transpose_b_ ? 1 : columns_, zero_b_, right);
        multiply(left, right, y + (first + n) * rows_ * columns_);
      }
    });
  }

 private:
  void multiply(const std::int16_t* left, const std::int16_t* right, std::int8_t* y) const noexcept {
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < columns_; ++j) {
        *y++ = requantiser_(dot(left + i * inner_, right + j * inner_, inner_), 0);
      }
    }
  }

  Runs runs_;
  std::size_t rows_, inner_, columns_;
  bool transpose_a_, transpose_b_;
  std::int32_t zero_a_, zero_b_;
  Requantiser requantiser_;
};

}  // namespace

Result<std::unique_ptr<Step>> Matmul::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                              std::span<const TensorType> outputs, InstructionSet) const {
  ALGEAN_ASSIGN(const matmul::Extents extents, matmul::make_extents(layer, inputs[0].shape, inputs[1].shape));
  return std::make_unique<MatmulStep>(extents, inputs, Requantiser(layer, outputs[0]));
}

}  // namespace algean::kernels
