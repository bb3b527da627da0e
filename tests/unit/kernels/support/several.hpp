// Layers of several inputs or outputs.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels::testing {

inline std::vector<TensorType> types_of(const std::vector<Tensor>& tensors) {
  std::vector<TensorType> types;
  for (const Tensor& tensor : tensors) types.push_back(tensor.type());
  return types;
}

// One evaluation of a family's reference: of floats where the first output is of floats.
inline std::vector<Tensor> evaluate(const Family& family, const LayerSpec& layer, const std::vector<Tensor>& inputs,
                                    const std::vector<TensorType>& outputs) {
  std::vector<Tensor> results(outputs.begin(), outputs.end());
  std::vector<const Tensor*> from;
  std::vector<Tensor*> to;
  for (const Tensor& input : inputs) from.push_back(&input);
  for (Tensor& result : results) to.push_back(&result);
  if (outputs[0].element.is_float()) {
    family.evaluate_float(layer, from, to);
  } else {
    family.evaluate_integer(layer, from, to);
  }
  return results;
}

// One run of a compiled step. Checks that nothing is written behind the padding of an output.
inline std::vector<Tensor> run(const Step& step, const std::vector<Tensor>& inputs,
                               const std::vector<TensorType>& outputs) {
  std::vector<Buffer> in, out;
  std::vector<const std::byte*> from;
  std::vector<std::byte*> to;
  for (const Tensor& input : inputs) {
    from.push_back(in.emplace_back(input.bytes().size()).data());
    std::copy(input.bytes().begin(), input.bytes().end(), in.back().data());
  }
  for (const TensorType& output : outputs) to.push_back(out.emplace_back(output.bytes()).data());
  const Buffer scratch(step.scratch_bytes());
  step.run(from.data(), to.data(), scratch.data());
  std::vector<Tensor> results;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const std::size_t end = (outputs[k].bytes() + 63) / 64 * 64;
    for (std::size_t i = end; i < end + 64; ++i) ALGEAN_INVARIANT(to[k][i] == std::byte{0x5a});
    std::copy_n(to[k], outputs[k].bytes(), results.emplace_back(outputs[k]).bytes().begin());
  }
  return results;
}

// What verify() says: "accepted", or its message.
inline std::string verdict(const Family& family, const LayerSpec& layer, const std::vector<TensorType>& inputs,
                           const std::vector<TensorType>& outputs) {
  const auto result = family.verify(layer, inputs, outputs);
  return result ? "accepted" : result.error().message;
}

using Index = std::vector<std::int64_t>;

// Row-major number of an element.
inline std::size_t flat(const Shape& shape, const Index& index) {
  std::int64_t at = 0;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) at = at * shape[axis] + index[axis];
  return static_cast<std::size_t>(at);
}
inline Index index_of(const Shape& shape, std::size_t element) {
  Index index(shape.rank());
  auto rest = static_cast<std::int64_t>(element);
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    index[axis] = rest % shape[axis];
    rest /= shape[axis];
  }
  return index;
}

}  // namespace algean::kernels::testing
