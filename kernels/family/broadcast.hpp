// NumPy's broadcasting: shapes are aligned at their last axes; an extent of 1, or an axis that is not there, repeats.
#pragma once

#include <array>
#include <span>

#include "runtime/base/result.hpp"
#include "runtime/tensor/shape.hpp"

namespace algean::kernels {

// The shape that both broadcast to; bad_input when two extents differ and neither is 1, or the result is too large.
Result<Shape> broadcast(const Shape& a, const Shape& b);

// Walks the elements of a shape in order, in runs along which each of up to two operands that broadcast to it either
// repeats one element or goes on by one. Axes are merged where that is possible, so that runs are long.
class Runs {
 public:
  // Every operand must broadcast to `whole` itself.
  Runs(const Shape& whole, std::initializer_list<Shape> operands);

  // Elements of each run.
  [[nodiscard]] std::size_t length() const { return length_; }
  // 0 or 1: how far an operand goes on from an element of a run to the next.
  [[nodiscard]] std::size_t step(std::size_t operand) const { return step_.at(operand); }

  // visit(first, a, b): the run's first element in the whole, and in each operand (0 for one that is not there).
  template <class Visit>
  void for_each(const Visit& visit) const {
    std::array<std::size_t, Shape::max_rank> index{};
    std::size_t first = 0, a = 0, b = 0;
    while (true) {
      visit(first, a, b);
      first += length_;
      std::size_t axis = 0;  // innermost of the axes outside the runs
      for (; axis < axes_; ++axis) {
        a += axis_[axis].stride[0];
        b += axis_[axis].stride[1];
        if (++index[axis] < axis_[axis].extent) break;
        a -= axis_[axis].stride[0] * axis_[axis].extent;
        b -= axis_[axis].stride[1] * axis_[axis].extent;
        index[axis] = 0;
      }
      if (axis == axes_) return;
    }
  }

 private:
  struct Axis {
    std::size_t extent = 1;
    std::array<std::size_t, 2> stride{};
  };
  std::size_t length_ = 1;
  std::array<std::size_t, 2> step_{};
  std::size_t axes_ = 0;
  std::array<Axis, Shape::max_rank> axis_{};  // innermost first
};

}  // namespace algean::kernels
