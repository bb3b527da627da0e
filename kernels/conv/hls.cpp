#include "kernels/conv/hls.hpp"

#include <algorithm>

#include "kernels/conv/conv_family.hpp"
#include "kernels/weighted/hls.hpp"

namespace algean::kernels::conv {
namespace {

constexpr std::int64_t most_lanes = 256;

std::int64_t divided(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// A convolution of an image without transposition: what the window unit walks over.
struct Walk {
  Geometry g;
  std::int64_t in_h = 1, in_w = 1;  // of the image that it reads
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, top = 0, left = 0;
  std::int64_t spread_top = 0, spread_left = 0, step_h = 1, step_w = 1;  // of a transposed convolution
  bool transposed = false;

  // A 1x1 convolution that reads each pixel once: the image is the vectors already.
  [[nodiscard]] bool is_plain() const {
    return !transposed && g.k_h * g.k_w == 1 && stride_h * stride_w == 1 && g.out_h == in_h && g.out_w == in_w &&
           top == 0 && left == 0;
  }
  [[nodiscard]] std::int64_t positions() const { return g.out_h * g.out_w; }
  // The index of a tap in the kernel: a transposed convolution's kernel is turned round.
  [[nodiscard]] std::int64_t tap(std::int64_t y, std::int64_t x) const {
    return transposed ? (g.k_h - 1 - y) * g.k_w + g.k_w - 1 - x : y * g.k_w + x;
  }
};

std::vector<std::int64_t> numbers(const LayerSpec& layer, const char* name, std::size_t count, std::int64_t fallback) {
  return layer.attributes.has(name) ? layer.attributes.integers(name).value()
                                    : std::vector<std::int64_t>(count, fallback);
}

Walk make_walk(const LayerSpec& layer, Direction direction, const Shape& input) {
  Walk walk;
  walk.g = geometry(layer, direction, input);
  const std::size_t n = input.rank() - 1;
  auto strides = numbers(layer, "strides", n, 1), dilations = numbers(layer, "dilations", n, 1);
  const auto padding = numbers(layer, "padding", 2 * n, 0);
  std::vector<std::int64_t> before(padding.begin(), padding.begin() + static_cast<std::ptrdiff_t>(n));
  if (n == 1) {
    strides.insert(strides.begin(), 1);
    dilations.insert(dilations.begin(), 1);
    before.insert(before.begin(), 0);
  }
  walk.dilation_h = dilations[0];
  walk.dilation_w = dilations[1];
  walk.transposed = direction == Direction::transposed;
  const Geometry& g = walk.g;
  if (!walk.transposed) {
    walk.in_h = g.in_h;
    walk.in_w = g.in_w;
    walk.stride_h = strides[0];
    walk.stride_w = strides[1];
    walk.top = before[0];
    walk.left = before[1];
    return walk;
  }
  walk.spread_top = (g.k_h - 1) * dilations[0] - before[0];
  walk.spread_left = (g.k_w - 1) * dilations[1] - before[1];
  walk.step_h = strides[0];
  walk.step_w = strides[1];
  walk.in_h = g.out_h + (g.k_h - 1) * dilations[0];
  walk.in_w = g.out_w + (g.k_w - 1) * dilations[1];
  return walk;
}

// How many beats a pixel's group has, and its lanes.
struct Lanes {
  std::int64_t lanes = 1;
  std::int64_t beats = 1;  // of a group
  bool rows_parallel = false;
};

// What simd stands for; nothing where the layer cannot have it.
std::optional<Lanes> lanes_of(const Geometry& g, std::int64_t simd) {
  const std::int64_t channels = g.inputs();
  if (g.groups == 1 && simd == g.k_h * g.c_in && simd > g.c_in) return Lanes{g.c_in, 1, true};
  if (simd < 1 || simd > channels || (g.groups > 1 && channels % simd != 0)) return std::nullopt;
  return Lanes{simd, divided(channels, simd), false};
}

std::vector<HlsChoice> divisors(std::int64_t n) {
  std::vector<HlsChoice> result;
  for (std::int64_t d = 1; d <= std::min(n, most_lanes); ++d) {
    if (n % d == 0) result.push_back({d, n / d});
  }
  return result;
}

HlsStage window_stage(const Walk& walk, const Lanes& lanes, std::int64_t groups, std::int64_t group_beats,
                      std::int64_t zero) {
  const Geometry& g = walk.g;
  return {.function = "window",
          .header = "kernels/conv/hls/window.hpp",
          .name = "window",
          .numbers = {{"in_h", walk.in_h},
                      {"in_w", walk.in_w},
                      {"lanes", lanes.lanes},
                      {"groups", groups},
                      {"group_beats", group_beats},
                      {"k_h", g.k_h},
                      {"k_w", g.k_w},
                      {"stride_h", walk.stride_h},
                      {"stride_w", walk.stride_w},
                      {"dilation_h", walk.dilation_h},
                      {"dilation_w", walk.dilation_w},
                      {"top", walk.top},
                      {"left", walk.left},
                      {"out_h", g.out_h},
                      {"out_w", g.out_w},
                      {"rows_parallel", lanes.rows_parallel ? 1 : 0},
                      {"pad", zero}},
          .types = {{"in_type", "std::int8_t"}},
          .tables = {},
          .inputs = {},
          .outputs = {}};
}

// Appends a stage between `from` and a new stream of that form.
std::size_t then(HlsLayer& layer, std::size_t from, HlsStage stage, const Stream& form) {
  const std::size_t to = layer.add_stream({form, "std::int8_t"});
  stage.inputs = {from};
  stage.outputs = {to};
  layer.stages.push_back(std::move(stage));
  return to;
}

std::size_t add_spread(HlsLayer& layer, std::size_t from, const Walk& walk, std::int64_t lanes, std::int64_t zero) {
  const Geometry& g = walk.g;
  HlsStage stage{.function = "spread",
                 .header = "kernels/conv/hls/spread.hpp",
                 .name = "spread",
                 .numbers = {{"in_h", g.in_h},
                             {"in_w", g.in_w},
                             {"channels", g.c_in},
                             {"lanes", lanes},
                             {"step_h", walk.step_h},
                             {"step_w", walk.step_w},
                             {"top", walk.spread_top},
                             {"left", walk.spread_left},
                             {"out_h", walk.in_h},
                             {"out_w", walk.in_w},
                             {"pad", zero}},
                 .types = {{"in_type", "std::int8_t"}},
                 .tables = {},
                 .inputs = {},
                 .outputs = {}};
  return then(layer, from, std::move(stage), {walk.in_h * walk.in_w, g.c_in, lanes, 8});
}

std::size_t add_matvec(HlsLayer& layer, std::size_t from, const Walk& walk, const Lanes& lanes, const LayerSpec& spec,
                       const TensorType& input, const TensorType& output, std::int64_t pe) {
  const Geometry& g = walk.g;
  const std::int64_t channels = g.inputs();
  // A vector's beats: taps, of each the group's beats; or columns, of each the channels with all kernel rows side by
  // side.
  const auto weight = [=](std::int64_t out, std::int64_t fold, std::int64_t lane) {
    std::int64_t y = fold / lanes.beats / g.k_w;
    const std::int64_t x = fold / lanes.beats % g.k_w;
    std::int64_t c = fold % lanes.beats * lanes.lanes + lane;
    if (lanes.rows_parallel) {
      y = lane / lanes.lanes;
      c = lane % lanes.lanes;
    }
    return c < channels ? (out * g.k_h * g.k_w + walk.tap(y, x)) * channels + c : -1;
  };
  const std::int64_t tap_rows = lanes.rows_parallel ? 1 : g.k_h;
  const HlsMatrix matrix{.vectors = walk.positions() * g.groups,
                         .groups = g.groups,
                         .folds = tap_rows * g.k_w * lanes.beats,
                         .simd = lanes.lanes * (lanes.rows_parallel ? g.k_h : 1),
                         .n_out = g.outputs(),
                         .pe = pe,
                         .weight = weight};
  return then(layer, from, matvec_stage(spec, input, output, matrix), {walk.positions(), g.c_out, pe, 8});
}

std::size_t add_depthwise(HlsLayer& layer, std::size_t from, const Walk& walk, std::int64_t lanes,
                          const LayerSpec& spec, const TensorType& input, const TensorType& output) {
  const Geometry& g = walk.g;
  const HlsWeights weights = hls_weights(spec, input, output);
  const std::int64_t beats = divided(g.c_in, lanes), factor = g.outputs(), taps = g.k_h * g.k_w;
  const std::int64_t width = lanes * factor;
  HlsTable weight{"weight", weights.wide ? "std::int16_t" : "std::int8_t", {beats * taps, width}, {}};
  for (std::int64_t b = 0; b < beats; ++b) {
    for (std::int64_t t = 0; t < taps; ++t) {
      for (std::int64_t i = 0; i < width; ++i) {
        const std::int64_t o = b * width + i;
        const auto at = static_cast<std::size_t>(o * taps + walk.tap(t / g.k_w, t % g.k_w));
        weight.values.push_back(o < g.c_out ? weights.weight[at] : 0);
      }
    }
  }
  const auto table = [&](const char* name, const char* type, const std::vector<std::int64_t>& values) {
    return HlsTable{name, type, {beats, width}, in_beats(values, g.c_out, width)};
  };
  HlsStage stage{.function = "depthwise",
                 .header = "kernels/conv/hls/depthwise.hpp",
                 .name = "depthwise",
                 .numbers = weighted_numbers(spec, output),
                 .types = weighted_types(spec, weights.wide),
                 .tables = {},
                 .inputs = {},
                 .outputs = {}};
  for (const HlsNumber& number : std::initializer_list<HlsNumber>{
           {"windows", walk.positions()}, {"taps", taps}, {"channels", g.c_in}, {"lanes", lanes}, {"factor", factor}}) {
    stage.numbers.push_back(number);
  }
  stage.tables = {std::move(weight), table("bias", "std::int32_t", weights.bias),
                  table("multiplier", "std::int32_t", weights.multiplier),
                  table("shift", "std::int16_t", weights.shift)};
  return then(layer, from, std::move(stage), {walk.positions(), g.c_out, width, 8});
}

}  // namespace

Result<Folding> ConvHls::folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                 std::span<const TensorType>, std::int64_t interval_cycles) const {
  ALGEAN_TRY(hls_stream_of(inputs[0], 1));
  const Walk walk = make_walk(layer, direction_, inputs[0].shape);
  const Geometry& g = walk.g;
  if (g.depthwise()) return fewest_lanes(walk.positions(), g.c_in, g.k_h * g.k_w, interval_cycles);
  std::vector<HlsChoice> simd = g.groups > 1 ? divisors(g.inputs()) : hls_choices(g.c_in);
  // The image has to be read, too.
  std::erase_if(simd, [&](const HlsChoice& choice) {
    return choice.lanes != simd.back().lanes && walk.in_h * walk.in_w * g.groups * choice.steps > interval_cycles;
  });
  for (HlsChoice& choice : simd) choice.steps *= g.k_h * g.k_w;
  if (g.groups == 1 && g.k_h > 1 && g.k_h * g.c_in <= most_lanes) simd.push_back({g.k_h * g.c_in, g.k_w});
  const std::vector<HlsChoice> pe = g.groups > 1 ? divisors(g.outputs()) : hls_choices(g.c_out);
  return cheapest_folding(walk.positions() * g.groups, simd, pe, interval_cycles);
}

Result<HlsLayer> ConvHls::stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                 std::span<const TensorType> outputs, const Folding& folding) const {
  const Walk walk = make_walk(layer, direction_, inputs[0].shape);
  const Geometry& g = walk.g;
  ALGEAN_TRY(check_hls_folding(folding, g.k_h * g.c_in, g.depthwise() ? 1 : g.outputs()));
  const std::int64_t zero = inputs[0].element.quantisation()->zero_point();
  HlsLayer result;
  const auto begin = [&](std::int64_t lanes) -> Result<std::size_t> {
    ALGEAN_ASSIGN(const HlsStream from, hls_stream_of(inputs[0], lanes));
    result.inputs = {result.add_stream(from)};
    return walk.transposed ? add_spread(result, result.inputs[0], walk, lanes, zero) : result.inputs[0];
  };
  std::size_t last = 0;
  if (g.depthwise()) {
    if (folding.simd > g.c_in) return bad_input("folding {}: a depthwise layer has {} channels", folding.simd, g.c_in);
    ALGEAN_ASSIGN(const std::size_t from, begin(folding.simd));
    const std::int64_t beats = divided(g.c_in, folding.simd);
    const std::size_t windows = then(result, from, window_stage(walk, {folding.simd, 1, false}, beats, 1, zero),
                                     {walk.positions() * beats * g.k_h * g.k_w, folding.simd, folding.simd, 8});
    last = add_depthwise(result, windows, walk, folding.simd, layer, inputs[0], outputs[0]);
  } else {
    const auto lanes = lanes_of(g, folding.simd);
    if (!lanes || (g.groups > 1 && g.outputs() % folding.pe != 0)) {
      return bad_input("folding {} x {} does not fit {} x {} channels in {} groups", folding.simd, folding.pe, g.c_in,
                       g.c_out, g.groups);
    }
    ALGEAN_ASSIGN(std::size_t from, begin(lanes->lanes));
    if (!walk.is_plain()) {
      const std::int64_t rows = lanes->rows_parallel ? g.k_w : g.k_h * g.k_w * lanes->beats;
      from = then(result, from, window_stage(walk, *lanes, g.groups, lanes->beats, zero),
                  {walk.positions() * g.groups * rows, folding.simd, folding.simd, 8});
    }
    last = add_matvec(result, from, walk, *lanes, layer, inputs[0], outputs[0], folding.pe);
  }
  result.outputs = {last};
  return result;
}

const HlsForm* ConvFamily::hls() const {
  static const ConvHls forward(Direction::forward), transposed(Direction::transposed);
  return direction_ == Direction::forward ? &forward : &transposed;
}

}  // namespace algean::kernels::conv
