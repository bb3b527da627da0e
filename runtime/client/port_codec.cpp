#include "runtime/client/port_codec.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/tensor/quantise.hpp"
#include "runtime/wire/elements.hpp"

namespace algean {
namespace {

bool is_quantised_for_user(const Port& port) {
  return port.form == ExternalForm::float32 && port.type.element.is_integer();
}

// A user's float32 tensor; its storage is aligned for floats.
std::span<const float> floats(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}
std::span<float> floats(std::span<std::byte> bytes) {
  return {reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float)};
}

}  // namespace

std::size_t user_bytes(const Port& port) {
  return is_quantised_for_user(port) ? static_cast<std::size_t>(port.type.shape.elements()) * sizeof(float)
                                     : port.type.bytes();
}

InputEncoder::InputEncoder(const Port& port)
    : port_(port),
      user_bytes_(algean::user_bytes(port)),
      memory_(is_quantised_for_user(port) ? Tensor(port.type) : Tensor()),
      wire_(wire::same_in_memory(port.type.element) ? 0 : wire::wire_bytes(port.type)) {}

std::span<const std::byte> InputEncoder::pack(std::span<const std::byte> memory) {
  ALGEAN_INVARIANT(memory.size() == port_.type.bytes());
  if (wire_.empty()) return memory;
  wire::pack(port_.type.element, memory, wire_);
  return wire_;
}

Result<std::span<const std::byte>> InputEncoder::encode(std::span<const std::byte> user) {
  ALGEAN_INVARIANT(user.size() == user_bytes_);
  const ElementType& element = port_.type.element;
  if (element.is_float()) {
    const auto real = floats(user);
    const auto nan = std::ranges::find_if(real, [](float value) { return std::isnan(value); });
    if (nan != real.end()) return bad_input("input \"{}\": element {} is NaN", port_.name, nan - real.begin());
  }
  if (!is_quantised_for_user(port_)) return pack(user);
  const std::size_t nan = quantise_into(floats(user), element, memory_.bytes());
  if (nan < user.size() / sizeof(float)) return bad_input("input \"{}\": element {} is NaN", port_.name, nan);
  return pack(memory_.bytes());
}

Result<> unpack_output(const Port& port, std::span<const std::byte> wire, std::span<std::byte> memory) {
  const ElementType& element = port.type.element;
  ALGEAN_INVARIANT(memory.size() == port.type.bytes());
  if (const auto bad = wire::unpack(element, wire, memory)) {
    return failed("output \"{}\": element {} is outside {}", port.name, *bad, element.name());
  }
  return {};
}

Result<> decode_output(const Port& port, std::span<const std::byte> wire, std::span<std::byte> user) {
  if (!is_quantised_for_user(port)) return unpack_output(port, wire, user);
  Tensor memory(port.type);
  ALGEAN_TRY(unpack_output(port, wire, memory.bytes()));
  dequantise_into(memory.bytes(), port.type.element, floats(user));
  return {};
}

}  // namespace algean
