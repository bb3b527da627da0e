#include "runtime/node/compute.hpp"

#include "runtime/wire/elements.hpp"

namespace algean {

Compute::Compute(Engine& engine) : engine_(&engine) {
  for (const Port& port : engine.inputs()) {
    const ElementType& element = port.type.element;
    const bool every_value_is_good =
        element.is_float() || static_cast<std::size_t>(element.bits()) == 8 * wire::wire_bytes(element);
    const bool direct = wire::same_in_memory(element) && every_value_is_good;
    input_bytes_.push_back(wire::wire_bytes(port.type));
    direct_.push_back(direct);
    inputs_in_memory_.push_back(direct ? Tensor() : Tensor(port.type));
    engine_inputs_.push_back(inputs_in_memory_.back().bytes().data());
  }
  for (const Port& port : engine.outputs()) {
    Tensor& tensor = outputs_in_memory_.emplace_back(port.type);
    engine_outputs_.push_back(tensor.bytes().data());
    const bool same = wire::same_in_memory(port.type.element);
    const auto& packed = packed_.emplace_back(same ? 0 : wire::wire_bytes(port.type));
    outputs_.emplace_back(same ? std::span<const std::byte>(tensor.bytes()) : std::span<const std::byte>(packed));
  }
}

std::optional<std::string> Compute::run(const wire::Assembly& inputs) {
  for (std::size_t port = 0; port < direct_.size(); ++port) {
    if (direct_[port]) {
      engine_inputs_[port] = inputs.bytes(port).data();
      continue;
    }
    const Port& which = engine_->inputs()[port];
    if (const auto bad = wire::unpack(which.type.element, inputs.bytes(port), inputs_in_memory_[port].bytes())) {
      return fmt::format("input \"{}\": element {} is outside {}", which.name, *bad, which.type.element.name());
    }
  }
  engine_->run(engine_inputs_, engine_outputs_);
  for (std::size_t port = 0; port < packed_.size(); ++port) {
    if (packed_[port].empty()) continue;
    wire::pack(engine_->outputs()[port].type.element, outputs_in_memory_[port].bytes(), packed_[port]);
  }
  return std::nullopt;
}

}  // namespace algean
