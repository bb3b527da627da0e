#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean {

// Extents of a tensor without its batch axis, outermost first. Each is at least 1; a scalar has none. Channel last.
class Shape {
 public:
  static constexpr std::int64_t max_elements = std::int64_t{1} << 32;
  static constexpr std::size_t max_rank = 8;

  Shape() = default;
  // For extents that are known to be good; make() checks a user's.
  Shape(std::initializer_list<std::int64_t> extents);
  // bad_input for an extent below 1, more than max_rank axes, or more than max_elements elements.
  static Result<Shape> make(std::vector<std::int64_t> extents);

  [[nodiscard]] std::size_t rank() const { return extents_.size(); }
  [[nodiscard]] std::int64_t operator[](std::size_t axis) const { return extents_.at(axis); }
  [[nodiscard]] std::span<const std::int64_t> extents() const { return extents_; }
  [[nodiscard]] std::int64_t elements() const;
  // Extent of the last axis; 1 for a scalar.
  [[nodiscard]] std::int64_t channels() const { return extents_.empty() ? 1 : extents_.back(); }
  // "[12,23]"; "[]" for a scalar.
  [[nodiscard]] std::string text() const;

  bool operator==(const Shape&) const = default;

 private:
  std::vector<std::int64_t> extents_;
};

}  // namespace algean
