// Compiled layers. Plain code for every instruction set: these layers are small beside the weighted ones.
#include "kernels/activation/activation.hpp"
#include "kernels/activation/log_softmax.hpp"
#include "kernels/activation/softmax.hpp"
#include "kernels/activation/tflite_softmax.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

template <class T>
std::vector<T> copy_of(std::span<const T> from) {
  return {from.begin(), from.end()};
}

// A table of one byte for each byte; `flip` is 0x80 where the input is int8, so that code -128 is entry 0.
class TableStep final : public Step {
 public:
  TableStep(std::span<const std::byte> table, bool is_signed, std::size_t elements)
      : table_(table.begin(), table.end()), flip_(is_signed ? 0x80U : 0U), elements_(elements) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const auto* x = reinterpret_cast<const std::uint8_t*>(inputs[0]);
    const std::byte* table = table_.data();
    const unsigned flip = flip_;
    std::byte* y = outputs[0];
    for (std::size_t i = 0; i < elements_; ++i) y[i] = table[x[i] ^ flip];
  }

 private:
  std::vector<std::byte> table_;
  unsigned flip_;
  std::size_t elements_;
};

class PreluStep final : public Step {
 public:
  PreluStep(const LayerSpec& layer, const Shape& shape)
      : tables_(copy_of(layer.required("table").elements<std::int8_t>())),
        index_(copy_of(layer.required("index").elements<std::uint16_t>())),
        runs_(shape, {layer.required("index").shape()}) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const auto* x = reinterpret_cast<const std::int8_t*>(inputs[0]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    const std::size_t step = runs_.step(0);
    runs_.for_each([&](std::size_t first, std::size_t at, std::size_t) {
      for (std::size_t i = 0; i < runs_.length(); ++i) {
        y[first + i] = tables_[std::size_t{256} * index_[at + i * step] + static_cast<std::size_t>(x[first + i] + 128)];
      }
    });
  }

 private:
  std::vector<std::int8_t> tables_;
  std::vector<std::uint16_t> index_;
  Runs runs_;
};

// Row by row over the last axis.
class RowStep : public Step {
 public:
  explicit RowStep(const Shape& shape)
      : channels_(static_cast<std::size_t>(shape.channels())),
        rows_(static_cast<std::size_t>(shape.elements()) / channels_) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept final {
    const auto* x = reinterpret_cast<const std::int8_t*>(inputs[0]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    for (std::size_t row = 0; row < rows_; ++row) {
      run_row({x + row * channels_, channels_}, {y + row * channels_, channels_});
    }
  }

 private:
  virtual void run_row(std::span<const std::int8_t> x, std::span<std::int8_t> y) const noexcept = 0;
  std::size_t channels_, rows_;
};

class SoftmaxStep final : public RowStep {
 public:
  SoftmaxStep(std::span<const std::uint32_t> exponentials, const Shape& shape)
      : RowStep(shape), exponentials_(copy_of(exponentials)) {}

 private:
  void run_row(std::span<const std::int8_t> x, std::span<std::int8_t> y) const noexcept override {
    activation::softmax_integer(x, exponentials_, y);
  }
  std::vector<std::uint32_t> exponentials_;
};

class TfliteSoftmaxStep final : public RowStep {
 public:
  TfliteSoftmaxStep(std::span<const std::int32_t> exponentials, const Shape& shape)
      : RowStep(shape), exponentials_(copy_of(exponentials)) {}

 private:
  void run_row(std::span<const std::int8_t> x, std::span<std::int8_t> y) const noexcept override {
    activation::softmax_tflite(x, exponentials_, y);
  }
  std::vector<std::int32_t> exponentials_;
};

class LogSoftmaxStep final : public RowStep {
 public:
  LogSoftmaxStep(LayerSpec layer, const TensorType& output)
      : RowStep(output.shape), layer_(std::move(layer)), compute_(layer_, *output.element.quantisation()) {}

 private:
  void run_row(std::span<const std::int8_t> x, std::span<std::int8_t> y) const noexcept override { compute_(x, y); }
  LayerSpec layer_;  // shares the constants that compute_ reads
  activation::LogSoftmax compute_;
};

}  // namespace

Result<std::unique_ptr<Step>> Activation::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                  std::span<const TensorType> outputs, InstructionSet) const {
  const Shape& shape = inputs[0].shape;
  if (layer.operation == "prelu") return std::make_unique<PreluStep>(layer, shape);
  if (layer.operation == "log_softmax") return std::make_unique<LogSoftmaxStep>(layer, outputs[0]);
  if (layer.operation != "softmax") {
    return std::make_unique<TableStep>(layer.required("table").bytes(), inputs[0].element.is_signed(),
                                       static_cast<std::size_t>(shape.elements()));
  }
  const Tensor& exponentials = layer.required("exponentials");
  if (arithmetic_of(layer).value() == Arithmetic::scaled) {
    return std::make_unique<SoftmaxStep>(exponentials.elements<std::uint32_t>(), shape);
  }
  return std::make_unique<TfliteSoftmaxStep>(exponentials.elements<std::int32_t>(), shape);
}

}  // namespace algean::kernels
