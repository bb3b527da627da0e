#include "tests/support/cost_layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <sstream>

#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/join.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::testing_support {
namespace {

using Numbers = std::vector<std::int64_t>;

// The line's settings.
struct Line {
  std::string operation;
  std::map<std::string, std::string> settings;

  [[nodiscard]] bool has(const std::string& name) const { return settings.contains(name); }
  [[nodiscard]] std::int64_t number(const std::string& name, std::int64_t fallback = 1) const {
    return has(name) ? std::stoll(settings.at(name)) : fallback;
  }
  [[nodiscard]] Numbers numbers(const std::string& name) const {
    Numbers list;
    std::istringstream in(settings.at(name));
    for (std::string part; std::getline(in, part, 'x');) list.push_back(std::stoll(part));
    return list;
  }
};

Line parse(const std::string& text) {
  Line line;
  std::istringstream in(text);
  in >> line.operation;
  for (std::string setting; in >> setting;) {
    const std::size_t equals = setting.find('=');
    line.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return line;
}

// Weights of that shape and a bias, random.
void add_weights(kernels::LayerSpec& spec, const Numbers& shape, Random& random) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  const double limit = std::sqrt(6.0 * static_cast<double>(shape[0]) / static_cast<double>(count));
  const TensorType weight{ElementType::float32(), Shape::make(shape).value()};
  spec.constants["weight"] =
      kernels::testing::constant<float>(weight, kernels::testing::random_reals(random, count, -limit, limit));
  const auto outputs = static_cast<std::size_t>(shape[0]);
  spec.constants["bias"] = kernels::testing::constant<float>(
      {ElementType::float32(), {shape[0]}}, kernels::testing::random_reals(random, outputs, -0.25, 0.25));
}

}  // namespace

Result<CostLayer> cost_layer(const std::string& text, kernels::Families families) {
  const Line line = parse(text);
  Random random(static_cast<std::uint64_t>(line.number("seed")));
  CostLayer layer;
  kernels::LayerSpec spec{"layer", line.operation, {}, {}};
  const Numbers in = line.numbers("in");
  const bool joins = line.operation == "add" || line.operation == "concat";
  layer.inputs.assign(joins ? 2 : 1, kernels::testing::int8(Shape::make(in).value(), 0.05, -128));
  if (joins) layer.inputs[1] = kernels::testing::int8(Shape::make(in).value(), 0.04, 3);
  for (const char* name : {"strides", "padding", "dilations", "window", "axes", "size"}) {
    if (line.has(name) && !(line.operation == "conv2d" && std::string(name) == "window")) {
      spec.attributes.set(name, line.numbers(name));
    }
  }
  for (const char* name : {"groups", "axis", "keep_axes"}) {
    if (line.has(name)) spec.attributes.set(name, line.number(name));
  }
  for (const char* name : {"arithmetic", "activation", "mode"}) {
    if (line.has(name)) spec.attributes.set(name, line.settings.at(name));
  }
  if (line.operation == "dense") add_weights(spec, {line.number("out"), in.back()}, random);
  if (line.operation == "conv2d") {
    const Numbers window = line.numbers("window");
    add_weights(spec, {line.number("out"), window[0], window[1], in.back() / line.number("groups")}, random);
  }
  const kernels::Family* family = kernels::find_family(families, line.operation);
  if (family == nullptr) return bad_input("{}: no family computes it", line.operation);
  ALGEAN_ASSIGN(const auto shapes, family->infer(spec, layer.inputs));
  const auto fixed = family->fixed_output(spec, layer.inputs);
  for (const Shape& shape : shapes) {
    layer.outputs.push_back(fixed ? TensorType{*fixed, shape} : kernels::testing::int8(shape, 0.05, -20));
  }
  ALGEAN_ASSIGN(layer.spec, family->quantise(spec, layer.inputs, layer.outputs));
  layer.hardware.folding = {line.number("simd"), line.number("pe")};
  layer.hardware.options.packed = line.number("packed") != 0;
  return layer;
}

namespace {

// The line with a folding that its layer can have: the cheapest within `interval` cycles, or any.
std::optional<std::string> with_folding(std::string line, std::optional<std::int64_t> interval, Random& random,
                                        kernels::Families families, std::int64_t most) {
  line += fmt::format(" seed={}", random.between(1, 1'000'000));
  const auto layer = cost_layer(line, families);
  if (!layer) return std::nullopt;
  const auto hardware = kernels::hardware_of(layer->spec, families);
  if (!hardware) return std::nullopt;
  const auto list = (*hardware)->foldings(layer->spec, layer->inputs, layer->outputs, layer->hardware.options);
  if (!list || list->empty()) return std::nullopt;
  std::vector<kernels::Folding> fitting;
  for (const kernels::Folding& folding : *list) {
    if (folding.simd * folding.pe > most) continue;
    const auto cycles =
        (*hardware)->cycles(layer->spec, layer->inputs, layer->outputs, folding, layer->hardware.options);
    if (interval && cycles.interval > *interval) continue;
    fitting.push_back(folding);
    if (interval) break;
  }
  if (fitting.empty()) return std::nullopt;
  const kernels::Folding folding =
      fitting[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(fitting.size()) - 1))];
  return fmt::format("{} simd={} pe={}", line, folding.simd, folding.pe);
}

template <class T>
T pick(Random& random, std::initializer_list<T> list) {
  return *(list.begin() + random.between(0, static_cast<std::int64_t>(list.size()) - 1));
}

// ResNet-50's distinct convolutions: height = width of the output, window, stride, channels in and out.
constexpr std::array<std::array<std::int64_t, 5>, 16> resnet50{{{112, 7, 2, 3, 64},
                                                                {56, 1, 1, 64, 64},
                                                                {56, 3, 1, 64, 64},
                                                                {56, 1, 1, 64, 256},
                                                                {56, 1, 1, 256, 64},
                                                                {28, 1, 2, 256, 128},
                                                                {28, 3, 1, 128, 128},
                                                                {28, 1, 1, 128, 512},
                                                                {28, 1, 1, 512, 128},
                                                                {14, 1, 2, 512, 256},
                                                                {14, 3, 1, 256, 256},
                                                                {14, 1, 1, 256, 1024},
                                                                {14, 1, 1, 1024, 256},
                                                                {7, 3, 1, 512, 512},
                                                                {7, 1, 1, 512, 2048},
                                                                {7, 1, 1, 2048, 512}}};

std::string draw_line(Random& random) {
  const auto arithmetic = pick(random, {"scaled", "scaled", "tflite"});
  const auto side = pick<std::int64_t>(random, {7, 8, 14, 16, 28, 32});
  const auto channels = pick<std::int64_t>(random, {3, 8, 16, 24, 32, 48, 64, 96, 128});
  switch (random.between(0, 9)) {
    case 0:
    case 1:
      return fmt::format("dense in={} out={} arithmetic={} packed={}",
                         pick<std::int64_t>(random, {64, 92, 184, 276, 400, 512}),
                         pick<std::int64_t>(random, {10, 32, 92, 128, 184, 276}), arithmetic, random.between(0, 1));
    case 2:
    case 3:
    case 4: {
      const auto window = pick<std::int64_t>(random, {1, 3, 3, 5});
      return fmt::format(
          "conv2d in={}x{}x{} out={} window={}x{} strides={}x{} padding={}x{}x{}x{} arithmetic={} packed={}", side,
          side, channels, pick<std::int64_t>(random, {8, 16, 24, 32, 64, 96}), window, window,
          pick<std::int64_t>(random, {1, 1, 2}), pick<std::int64_t>(random, {1, 1, 2}), window / 2, window / 2,
          window / 2, window / 2, arithmetic, random.between(0, 1));
    }
    case 5:
      return fmt::format("conv2d in={}x{}x{} out={} groups={} window=3x3 strides=1x1 padding=1x1x1x1 arithmetic={}",
                         side, side, channels, channels, channels, arithmetic);
    case 6:
      return fmt::format("max_pool2d in={}x{}x{} window=3x3 strides=2x2 padding=1x1x1x1", side, side, channels);
    case 7:
      return fmt::format("average_pool2d in={}x{}x{} window=2x2 strides=2x2 arithmetic=scaled", side, side, channels);
    case 8:
      return fmt::format("add in={}x{}x{} activation=relu arithmetic=scaled", side, side, channels);
    default:
      return fmt::format("sigmoid in={}x{}x{}", side, side, channels);
  }
}

}  // namespace

std::vector<std::string> draw_cost_layers(std::uint64_t seed, std::size_t count, kernels::Families families) {
  Random random(seed);
  std::vector<std::string> lines;
  for (const auto& [side, window, stride, in, out] : resnet50) {
    if (lines.size() == count) break;
    const std::int64_t extent = window == 7 ? 224 : side * stride;
    const std::int64_t pad = window / 2;
    // On one FPGA of several an inference may take so much longer; that keeps the synthesis short.
    const auto line = with_folding(fmt::format("conv2d in={}x{}x{} out={} window={}x{} strides={}x{} "
                                               "padding={}x{}x{}x{} activation=relu arithmetic=scaled packed=1",
                                               extent, extent, in, out, window, window, stride, stride, pad,
                                               pad - (window == 7 ? 1 : 0), pad, pad - (window == 7 ? 1 : 0)),
                                   window == 7 ? 300'000 : 900'000, random, families, 1000);
    if (line) lines.push_back(*line);
  }
  while (lines.size() < count) {
    if (const auto line = with_folding(draw_line(random), std::nullopt, random, families, 160)) lines.push_back(*line);
  }
  return lines;
}

}  // namespace algean::testing_support
