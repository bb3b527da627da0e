#include "cluster/cli/random_inputs.hpp"

#include <cstring>

#include "runtime/tensor/quantise.hpp"

namespace algean::cluster {

Tensor random_tensor(const TensorType& type, Random& random) {
  Tensor tensor(type);
  const auto size = static_cast<std::size_t>(type.shape.elements());
  const std::size_t bytes = type.element.bytes();
  for (std::size_t i = 0; i < size; ++i) {
    if (type.element.is_float()) {
      tensor.elements<float>()[i] = static_cast<float>(2 * random.unit() - 1);
    } else {
      const std::int64_t value = random.between(type.element.lowest(), type.element.highest());
      std::memcpy(tensor.bytes().data() + i * bytes, &value, bytes);  // little endian: the low bytes come first
    }
  }
  return tensor;
}

std::vector<Tensor> random_wire(std::span<const Port> ports) {
  Random random(1);
  std::vector<Tensor> tensors;
  for (const Port& port : ports) tensors.push_back(random_tensor(port.type, random));
  return tensors;
}

std::vector<std::vector<Tensor>> random_inferences(std::span<const Port> ports, std::size_t count) {
  Random random(2);
  std::vector<std::vector<Tensor>> inferences(count);
  for (auto& tensors : inferences) {
    for (const Port& port : ports) {
      Tensor tensor = random_tensor(port.type, random);
      const bool real = port.form == ExternalForm::float32 && port.type.element.is_integer();
      tensors.push_back(real ? dequantise(tensor) : std::move(tensor));
    }
  }
  return inferences;
}

}  // namespace algean::cluster
