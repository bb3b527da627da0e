#include "kernels/reduce/axes.hpp"

#include <fmt/ranges.h>

#include "kernels/family/options.hpp"

namespace algean::kernels::reduce {

bool is_score(const LayerSpec& layer) {
  return layer.operation == "mean_squared_error" || layer.operation == "kl_divergence";
}

Result<Reduction> make_reduction(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const std::vector<std::int64_t> axes, layer.attributes.integers("axes"));
  ALGEAN_ASSIGN(const bool keep, flag_option(layer, "keep_axes"));
  std::int64_t before = -1;
  for (const std::int64_t axis : axes) {
    if (axis > before && axis < static_cast<std::int64_t>(input.rank())) {
      before = axis;
      continue;
    }
    return bad_input("attribute 'axes' [{}] must be strictly rising numbers of the input's {} axes",
                     fmt::join(axes, ","), input.rank());
  }
  if (axes.empty()) return bad_input("attribute 'axes' names no axis");
  if (layer.operation == "arg_max" && axes.size() != 1) {
    return bad_input("attribute 'axes' [{}] must name one axis", fmt::join(axes, ","));
  }
  std::vector<std::int64_t> kept(input.extents().begin(), input.extents().end());
  std::vector<std::int64_t> left;
  Reduction result;
  std::size_t next = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (next < axes.size() && axes[next] == static_cast<std::int64_t>(i)) {
      result.count *= kept[i];
      kept[i] = 1;
      ++next;
    } else {
      left.push_back(kept[i]);
    }
  }
  ALGEAN_ASSIGN(result.kept, Shape::make(kept));
  ALGEAN_ASSIGN(result.output, Shape::make(keep ? kept : left));
  return result;
}

}  // namespace algean::kernels::reduce
