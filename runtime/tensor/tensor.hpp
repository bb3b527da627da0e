#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include "runtime/tensor/element_type.hpp"
#include "runtime/tensor/shape.hpp"

namespace algean {

struct TensorType {
  ElementType element;
  Shape shape;

  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(shape.elements()) * element.bytes(); }
  // "int8[276]"
  [[nodiscard]] std::string text() const { return element.name() + shape.text(); }
  bool operator==(const TensorType&) const = default;
};

// C++ type that holds an element in memory.
template <class T>
[[nodiscard]] bool holds(const ElementType& type) {
  if constexpr (std::is_same_v<T, float>) {
    return type.is_float();
  } else {
    return type.is_integer() && sizeof(T) == type.bytes() && std::is_signed_v<T> == type.is_signed();
  }
}

// Owns its elements: dense, channel last, 64-byte aligned, zeroed at first.
class Tensor {
 public:
  static constexpr std::size_t alignment = 64;

  Tensor() = default;
  explicit Tensor(TensorType type);
  template <class T>
  Tensor(TensorType type, std::span<const T> elements) : Tensor(std::move(type)) {
    auto to = this->elements<T>();
    ALGEAN_INVARIANT(to.size() == elements.size());
    std::copy(elements.begin(), elements.end(), to.begin());
  }
  Tensor(const Tensor& other);
  Tensor& operator=(const Tensor& other);
  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(Tensor&&) noexcept = default;
  ~Tensor() = default;

  [[nodiscard]] const TensorType& type() const { return type_; }
  [[nodiscard]] const Shape& shape() const { return type_.shape; }
  // Replaces the type by one of the same size in bytes (another shape, another quantisation).
  void retype(TensorType type);

  [[nodiscard]] std::span<std::byte> bytes() { return {data_.get(), size_bytes_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_.get(), size_bytes_}; }
  template <class T>
  [[nodiscard]] std::span<T> elements() {
    ALGEAN_INVARIANT(holds<T>(type_.element));
    return {reinterpret_cast<T*>(data_.get()), size_bytes_ / sizeof(T)};
  }
  template <class T>
  [[nodiscard]] std::span<const T> elements() const {
    ALGEAN_INVARIANT(holds<T>(type_.element));
    return {reinterpret_cast<const T*>(data_.get()), size_bytes_ / sizeof(T)};
  }
  // Any integer element, sign-extended.
  [[nodiscard]] std::int64_t integer_at(std::size_t index) const;
  // Same type, same bytes.
  bool operator==(const Tensor& other) const;

 private:
  struct Free {
    void operator()(std::byte* data) const { ::operator delete(data, std::align_val_t{alignment}); }
  };
  TensorType type_;
  std::size_t size_bytes_ = 0;
  std::unique_ptr<std::byte, Free> data_;
};

}  // namespace algean
