#include "runtime/tensor/tensor.hpp"

#include <algorithm>
#include <cstring>

namespace algean {

Tensor::Tensor(TensorType type) : type_(std::move(type)), size_bytes_(type_.bytes()) {
  data_.reset(static_cast<std::byte*>(::operator new(std::max(size_bytes_, alignment), std::align_val_t{alignment})));
  std::memset(data_.get(), 0, size_bytes_);
}

Tensor::Tensor(const Tensor& other) : Tensor(other.type_) {
  if (size_bytes_ != 0 && other.data_) std::memcpy(data_.get(), other.data_.get(), size_bytes_);
}

Tensor& Tensor::operator=(const Tensor& other) {
  if (this != &other) *this = Tensor(other);
  return *this;
}

void Tensor::retype(TensorType type) {
  ALGEAN_INVARIANT(type.bytes() == size_bytes_);
  type_ = std::move(type);
}

std::int64_t Tensor::integer_at(std::size_t index) const {
  const ElementType& element = type_.element;
  ALGEAN_INVARIANT(element.is_integer());
  switch (element.bytes()) {
    case 1:
      return element.is_signed() ? elements<std::int8_t>()[index] : elements<std::uint8_t>()[index];
    case 2:
      return element.is_signed() ? elements<std::int16_t>()[index] : elements<std::uint16_t>()[index];
    default:
      return element.is_signed() ? elements<std::int32_t>()[index]
                                 : static_cast<std::int64_t>(elements<std::uint32_t>()[index]);
  }
}

bool Tensor::operator==(const Tensor& other) const {
  return type_ == other.type_ && std::ranges::equal(bytes(), other.bytes());
}

}  // namespace algean
