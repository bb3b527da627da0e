// Small layers and tensors for the tests of the families.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "kernels/family/family.hpp"
#include "runtime/base/random.hpp"

namespace algean::kernels::testing {

inline TensorType real(Shape shape) { return {ElementType::float32(), std::move(shape)}; }
inline TensorType int8(Shape shape, double scale, std::int32_t zero) {
  return {ElementType::int8(Quantisation::per_tensor(scale, zero)), std::move(shape)};
}

template <class T>
Tensor tensor(TensorType type, const std::vector<T>& elements) {
  return Tensor(std::move(type), std::span<const T>(elements));
}
template <class T>
std::shared_ptr<const Tensor> constant(TensorType type, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(tensor(std::move(type), elements));
}
template <class T>
std::vector<T> elements(const Tensor& from) {
  const auto all = from.elements<T>();
  return {all.begin(), all.end()};
}

inline std::vector<float> random_reals(Random& random, std::size_t count, double low, double high) {
  std::vector<float> result(count);
  for (float& value : result) value = static_cast<float>(low + (high - low) * random.unit());
  return result;
}
inline Tensor random_int8(Random& random, const TensorType& type) {
  Tensor result(type);
  for (std::int8_t& value : result.elements<std::int8_t>()) value = static_cast<std::int8_t>(random.between(-128, 127));
  return result;
}

// A float dense layer.
inline LayerSpec dense(std::int64_t n_out, std::int64_t n_in, const std::vector<float>& weights,
                       const std::vector<float>& bias = {}) {
  LayerSpec layer{"layer", "dense", {}, {{"weight", constant(real({n_out, n_in}), weights)}}};
  if (!bias.empty()) layer.constants["bias"] = constant(real({n_out}), bias);
  return layer;
}

// One evaluation of a family's reference.
inline Tensor evaluate(const Family& family, const LayerSpec& layer, const Tensor& input, const TensorType& output) {
  Tensor result(output);
  const Tensor* const inputs[] = {&input};
  Tensor* const outputs[] = {&result};
  if (output.element.is_float()) {
    family.evaluate_float(layer, inputs, outputs);
  } else {
    family.evaluate_integer(layer, inputs, outputs);
  }
  return result;
}

// Bytes that a step may read and write up to the next multiple of 64; the padding is filled with `filler`.
class Buffer {
 public:
  explicit Buffer(std::size_t size, std::byte filler = std::byte{0x5a})
      : data_(static_cast<std::byte*>(::operator new((size + 63) / 64 * 64 + 64, std::align_val_t{64}))) {
    std::fill_n(data_.get(), (size + 63) / 64 * 64 + 64, filler);
  }
  [[nodiscard]] std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* data) const { ::operator delete(data, std::align_val_t{64}); }
  };
  std::unique_ptr<std::byte, Free> data_;
};

// One run of a compiled step. Checks that nothing is written behind the padding of the output.
inline Tensor run(const Step& step, const Tensor& input, const TensorType& output) {
  const Buffer in(input.bytes().size());
  const Buffer out(output.bytes());
  const Buffer scratch(step.scratch_bytes());
  std::copy(input.bytes().begin(), input.bytes().end(), in.data());
  const std::byte* const inputs[] = {in.data()};
  std::byte* const outputs[] = {out.data()};
  step.run(inputs, outputs, scratch.data());
  const std::size_t end = (output.bytes() + 63) / 64 * 64;
  for (std::size_t i = end; i < end + 64; ++i) ALGEAN_INVARIANT(out.data()[i] == std::byte{0x5a});
  Tensor result(output);
  std::copy_n(out.data(), output.bytes(), result.bytes().begin());
  return result;
}

}  // namespace algean::kernels::testing
