#include "kernels/matmul/extents.hpp"

#include "kernels/family/broadcast.hpp"
#include "kernels/family/options.hpp"

namespace algean::kernels::matmul {
namespace {

Result<Shape> leading(const Shape& shape) { return Shape::make({shape.extents().begin(), shape.extents().end() - 2}); }

}  // namespace

Result<Extents> make_extents(const LayerSpec& layer, const Shape& a, const Shape& b) {
  if (a.rank() < 2 || b.rank() < 2) {
    return bad_input("inputs {} and {} must have at least two axes each", a.text(), b.text());
  }
  Extents e;
  ALGEAN_ASSIGN(e.transpose_a, flag_option(layer, "transpose_a"));
  ALGEAN_ASSIGN(e.transpose_b, flag_option(layer, "transpose_b"));
  const std::size_t last_a = a.rank() - 1;
  const std::size_t last_b = b.rank() - 1;
  e.rows = a[e.transpose_a ? last_a : last_a - 1];
  e.inner = a[e.transpose_a ? last_a - 1 : last_a];
  e.columns = b[e.transpose_b ? last_b - 1 : last_b];
  const std::int64_t other = b[e.transpose_b ? last_b : last_b - 1];
  if (e.inner != other) {
    return bad_input("inputs {} and {}: the inner extents {} and {} must be equal", a.text(), b.text(), e.inner, other);
  }
  ALGEAN_ASSIGN(e.batch_a, leading(a));
  ALGEAN_ASSIGN(e.batch_b, leading(b));
  ALGEAN_ASSIGN(e.batch, broadcast(e.batch_a, e.batch_b));
  std::vector<std::int64_t> output(e.batch.extents().begin(), e.batch.extents().end());
  output.push_back(e.rows);
  output.push_back(e.columns);
  ALGEAN_ASSIGN(e.output, Shape::make(std::move(output)));
  return e;
}

}  // namespace algean::kernels::matmul
