#include "runtime/tensor/shape.hpp"

#include <fmt/ranges.h>

namespace algean {

Shape::Shape(std::initializer_list<std::int64_t> extents) {
  auto shape = make(extents);
  ALGEAN_INVARIANT(shape.has_value());
  *this = std::move(*shape);
}

Result<Shape> Shape::make(std::vector<std::int64_t> extents) {
  if (extents.size() > max_rank) return bad_input("{} axes, at most {} are accepted", extents.size(), max_rank);
  std::int64_t elements = 1;
  for (const std::int64_t extent : extents) {
    if (extent < 1) return bad_input("shape [{}]: every extent must be at least 1", fmt::join(extents, ","));
    if (extent > max_elements / elements) {
      return bad_input("shape [{}]: more than {} elements", fmt::join(extents, ","), max_elements);
    }
    elements *= extent;
  }
  Shape shape;
  shape.extents_ = std::move(extents);
  return shape;
}

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents_) product *= extent;
  return product;
}

std::string Shape::text() const { return fmt::format("[{}]", fmt::join(extents_, ",")); }

}  // namespace algean
