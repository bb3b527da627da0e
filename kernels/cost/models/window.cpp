#include "kernels/cost/models/window.hpp"

#include <algorithm>

#include "kernels/cost/memory.hpp"
#include "kernels/cost/numbers.hpp"

namespace algean::kernels::cost {
namespace {

// One direction of the sliding window.
struct Axis {
  Axis(const ModuleInstance& instance, const char* size, const std::string& suffix, const char* before,
       const char* after)
      : extent(instance.number(size)),
        kernel(instance.number("KERNEL_" + suffix)),
        stride(number_or(instance, "STRIDE_" + suffix, 1)),
        pad(number_or(instance, before, 0)),
        reach((kernel - 1) * number_or(instance, "DILATION_" + suffix, 1) + 1),
        step(std::min(stride, reach)),
        outputs((extent + pad + number_or(instance, after, 0) - reach) / stride + 1),
        kept((extent + pad) / stride * step + std::min((extent + pad) % stride, step) - pad) {}

  std::int64_t extent, kernel, stride, pad, reach, step, outputs, kept;
};

// algean_window's ring of rows and its counters.
struct Shape {
  explicit Shape(const ModuleInstance& instance)
      : rows(instance, "HEIGHT", "H", "PAD_TOP", "PAD_BOTTOM"),
        columns(instance, "WIDTH", "W", "PAD_LEFT", "PAD_RIGHT"),
        word(number_or(instance, "BITS", 8) * instance.number("LANES")),
        blocks(round_up_div(instance.number("CHANNELS"), instance.number("LANES"))),
        parallel(number_or(instance, "ORDER", 0) == 2) {
    const std::int64_t last_base = std::max<std::int64_t>(0, (rows.outputs - 1) * rows.step - rows.pad);
    ring = std::max(rows.kept + rows.reach - rows.pad - last_base, rows.outputs > 1 ? rows.reach + rows.step : 1);
    row_words = columns.kept * blocks;
    row_bits = clog2(rows.kept + rows.reach + rows.step + rows.pad + ring + 1) + 1;
    column_bits = clog2((columns.kept + columns.reach + columns.step + columns.pad + 1) * blocks + 1) + 1;
    address_bits = clog2(2 * ring * row_words + 1);
  }
  [[nodiscard]] Memory memory() const {
    if (!parallel) return ram(word, ring * row_words);
    const Memory one = ram(word, row_words);
    return {one.bram18 * ring, one.luts * ring, one.ffs * ring};
  }
  // Bits of a beat.
  [[nodiscard]] std::int64_t out_word() const { return parallel ? word * rows.kernel : word; }

  Axis rows, columns;
  std::int64_t word, blocks;
  bool parallel;
  std::int64_t ring = 0, row_words = 0, row_bits = 0, column_bits = 0, address_bits = 0;
};

Resources exact(const ModuleInstance& instance) {
  Resources resources;
  resources.bram18 = Shape(instance).memory().bram18;
  return resources;
}

Terms lut_terms(const ModuleInstance& instance) {
  const Shape shape(instance);
  const auto when = [](bool holds, std::int64_t value) { return holds ? static_cast<double>(value) : 0.0; };
  return {1.0,
          static_cast<double>(shape.address_bits),
          static_cast<double>(shape.row_bits),
          static_cast<double>(shape.column_bits),
          static_cast<double>(shape.out_word()),
          when(shape.rows.stride > shape.rows.reach || shape.columns.stride > shape.columns.reach, 1),
          when(shape.parallel, shape.ring * shape.out_word()),
          when(shape.parallel, shape.rows.kernel * shape.row_bits),
          static_cast<double>(shape.memory().luts)};
}

Terms ff_terms(const ModuleInstance& instance) {
  const Shape shape(instance);
  return {1.0,
          static_cast<double>(shape.address_bits),
          static_cast<double>(shape.row_bits),
          static_cast<double>(shape.column_bits),
          static_cast<double>(shape.out_word()),
          static_cast<double>(shape.memory().bram18 > 0 ? 0
                              : shape.parallel          ? shape.ring * shape.word
                                                        : shape.word),
          static_cast<double>(clog2(shape.rows.extent) + clog2(shape.columns.extent) + clog2(shape.blocks)),
          static_cast<double>(clog2(shape.rows.outputs) + clog2(shape.columns.outputs) + 2 * clog2(shape.rows.kernel)),
          static_cast<double>(shape.parallel ? clog2(shape.ring) : 0)};
}

}  // namespace

Model window_model() { return {"algean_window", exact, lut_terms, ff_terms}; }

}  // namespace algean::kernels::cost
