#include "kernels/family/broadcast.hpp"

#include <algorithm>
#include <vector>

namespace algean::kernels {
namespace {

// Extent of the axis that lies `from_last` axes before the last; 1 where there is none.
std::int64_t extent(const Shape& shape, std::size_t from_last) {
  return from_last < shape.rank() ? shape[shape.rank() - 1 - from_last] : 1;
}

}  // namespace

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  std::vector<std::int64_t> extents(std::max(a.rank(), b.rank()));
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::int64_t left = extent(a, i);
    const std::int64_t right = extent(b, i);
    if (left != right && left != 1 && right != 1) {
      return bad_input("{} and {} do not broadcast: extents {} and {} must be equal, or one of them 1", a.text(),
                       b.text(), left, right);
    }
    extents[extents.size() - 1 - i] = std::max(left, right);
  }
  return Shape::make(std::move(extents));
}

Runs::Runs(const Shape& whole, std::initializer_list<Shape> operands) {
  ALGEAN_INVARIANT(operands.size() <= step_.size());
  std::array<std::size_t, 2> size{1, 1};  // elements of each operand inside the axis at hand
  for (std::size_t i = 0; i < whole.rank(); ++i) {
    Axis axis{static_cast<std::size_t>(extent(whole, i)), {}};
    if (axis.extent == 1) continue;
    std::size_t operand = 0;
    for (const Shape& shape : operands) {
      const auto own = static_cast<std::size_t>(extent(shape, i));
      ALGEAN_INVARIANT(own == axis.extent || own == 1);
      axis.stride[operand] = own == 1 ? 0 : size[operand];
      size[operand++] *= own;
    }
    Axis* inner = axes_ == 0 ? nullptr : &axis_[axes_ - 1];
    const auto goes_on = [&](std::size_t k) { return axis.stride[k] == inner->stride[k] * inner->extent; };
    if (inner != nullptr && goes_on(0) && goes_on(1)) {
      inner->extent *= axis.extent;
    } else {
      axis_[axes_++] = axis;
    }
  }
  if (axes_ == 0) return;
  length_ = axis_[0].extent;
  step_ = axis_[0].stride;
  std::copy(axis_.begin() + 1, axis_.end(), axis_.begin());
  --axes_;
}

}  // namespace algean::kernels
