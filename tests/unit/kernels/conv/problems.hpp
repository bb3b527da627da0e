// Convolution layers for tests, and what they must give, computed by the definition and nothing of ours.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/conv/conv_family.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels::testing {

// Under an emulator: the best set that is left there, else nullptr.
inline const char* emulated() { return std::getenv("ALGEAN_EMULATED"); }  // NOLINT(concurrency-mt-unsafe): one thread

// Emulated, or built without optimisation for a sanitizer: fewer problems then.
inline bool is_slow() { return emulated() != nullptr || ALGEAN_SANITIZED == 1; }
inline std::uint64_t problem_count() { return is_slow() ? 300 : 2000; }

// A convolution in two dimensions (one: in_h = k_h = stride_h = dilation_h = 1 and no padding above and below).
struct ConvProblem {
  bool transposed = false;
  int dimensions = 2;
  std::int64_t in_h = 1, in_w = 1, c_in = 1, c_out = 1, groups = 1;
  std::int64_t k_h = 1, k_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;

  [[nodiscard]] std::int64_t out(std::int64_t in, std::int64_t k, std::int64_t stride, std::int64_t dilation,
                                 std::int64_t padding) const {
    const std::int64_t reach = (k - 1) * dilation + 1;
    if (transposed) return (in - 1) * stride + reach - padding;
    return in + padding < reach ? 0 : (in + padding - reach) / stride + 1;
  }
  [[nodiscard]] std::int64_t out_h() const { return out(in_h, k_h, stride_h, dilation_h, top + bottom); }
  [[nodiscard]] std::int64_t out_w() const { return out(in_w, k_w, stride_w, dilation_w, left + right); }
  [[nodiscard]] Shape input() const { return dimensions == 1 ? Shape{in_w, c_in} : Shape{in_h, in_w, c_in}; }
  [[nodiscard]] Shape output() const {
    return dimensions == 1 ? Shape{out_w(), c_out} : Shape{out_h(), out_w(), c_out};
  }
  [[nodiscard]] Shape weight() const {
    return dimensions == 1 ? Shape{c_out, k_w, c_in / groups} : Shape{c_out, k_h, k_w, c_in / groups};
  }
  [[nodiscard]] std::string text() const {
    return fmt::format("{}conv{}d {} by {} groups {} strides {},{} dilations {},{} padding {},{},{},{}",
                       transposed ? "transposed " : "", dimensions, input().text(), weight().text(), groups, stride_h,
                       stride_w, dilation_h, dilation_w, top, left, bottom, right);
  }
};

// A problem whose output is not empty; small, of every kind.
inline ConvProblem random_problem(Random& random, bool transposed) {
  for (;;) {
    ConvProblem p;
    p.transposed = transposed;
    p.dimensions = static_cast<int>(random.between(1, 2));
    const bool flat = p.dimensions == 1;
    const std::int64_t kind = random.between(0, 3);  // plain, plain, grouped, depthwise
    p.groups = kind < 2 ? 1 : random.between(1, kind == 2 ? 4 : 40);
    p.c_in = kind == 3 ? p.groups : p.groups * random.between(1, 20);
    p.c_out = p.groups * random.between(1, kind < 2 ? 40 : 3);
    p.in_h = flat ? 1 : random.between(1, 8);
    p.in_w = random.between(1, 12);
    p.k_h = flat ? 1 : random.between(1, 4);
    p.k_w = random.between(1, 5);
    p.stride_h = flat ? 1 : random.between(1, 3);
    p.stride_w = random.between(1, 3);
    p.dilation_h = flat ? 1 : random.between(1, 2);
    p.dilation_w = random.between(1, 3);
    p.top = flat ? 0 : random.between(0, 3);
    p.bottom = flat ? 0 : random.between(transposed ? -2 : 0, 3);
    p.left = random.between(0, 4);
    p.right = random.between(transposed ? -2 : 0, 4);
    if (p.out_h() >= 1 && p.out_w() >= 1) return p;
  }
}

// sum over taps of f(output element, input element, weight element), by the definition: each pair of an input pixel and
// a tap that meet in an output pixel, found by trying all of them.
template <class Add>
void for_each_product(const ConvProblem& p, const Add& add) {
  const std::int64_t inputs = p.c_in / p.groups;
  const std::int64_t outputs = p.c_out / p.groups;
  const auto meets = [&](std::int64_t in, std::int64_t out, std::int64_t k, std::int64_t stride, std::int64_t dilation,
                         std::int64_t before) {
    return p.transposed ? in * stride + k * dilation == out + before : out * stride + k * dilation == in + before;
  };
  for (std::int64_t oy = 0; oy < p.out_h(); ++oy) {
    for (std::int64_t ky = 0; ky < p.k_h; ++ky) {
      for (std::int64_t iy = 0; iy < p.in_h; ++iy) {
        if (!meets(iy, oy, ky, p.stride_h, p.dilation_h, p.top)) continue;
        for (std::int64_t ox = 0; ox < p.out_w(); ++ox) {
          for (std::int64_t kx = 0; kx < p.k_w; ++kx) {
            for (std::int64_t ix = 0; ix < p.in_w; ++ix) {
              if (!meets(ix, ox, kx, p.stride_w, p.dilation_w, p.left)) continue;
              for (std::int64_t o = 0; o < p.c_out; ++o) {
                for (std::int64_t c = 0; c < inputs; ++c) {
                  add(static_cast<std::size_t>((oy * p.out_w() + ox) * p.c_out + o),
                      static_cast<std::size_t>((iy * p.in_w + ix) * p.c_in + o / outputs * inputs + c),
                      static_cast<std::size_t>(((o * p.k_h + ky) * p.k_w + kx) * inputs + c));
                }
              }
            }
          }
        }
      }
    }
  }
}

inline LayerSpec conv_layer(const ConvProblem& p) {
  LayerSpec layer{"layer", fmt::format("conv{}d{}", p.dimensions, p.transposed ? "_transpose" : ""), {}, {}};
  using List = std::vector<std::int64_t>;
  const bool flat = p.dimensions == 1;
  layer.attributes.set("strides", flat ? List{p.stride_w} : List{p.stride_h, p.stride_w});
  layer.attributes.set("dilations", flat ? List{p.dilation_w} : List{p.dilation_h, p.dilation_w});
  layer.attributes.set("padding", flat ? List{p.left, p.right} : List{p.top, p.left, p.bottom, p.right});
  layer.attributes.set("groups", p.groups);
  return layer;
}

inline LayerSpec float_conv(const ConvProblem& p, const std::vector<float>& weights,
                            const std::vector<float>& bias = {}) {
  LayerSpec layer = conv_layer(p);
  layer.constants["weight"] = constant(real(p.weight()), weights);
  if (!bias.empty()) layer.constants["bias"] = constant(real({p.c_out}), bias);
  return layer;
}

// Float problems of all kinds, in numbers whose sums binary64 and binary32 hold exactly, against the definition. The
// first difference, or "".
inline std::string float_difference(const conv::ConvFamily& family, bool transposed, std::uint64_t seed) {
  Random random(seed);
  const ConvProblem p = random_problem(random, transposed);
  const auto integers = [&](std::int64_t count) {
    std::vector<float> result(static_cast<std::size_t>(count));
    for (float& value : result) value = static_cast<float>(random.between(-64, 64));
    return result;
  };
  const std::vector<float> weights = integers(p.weight().elements());
  const std::vector<float> bias = integers(p.c_out);
  const Tensor x = tensor(real(p.input()), integers(p.input().elements()));
  const LayerSpec layer = float_conv(p, weights, bias);
  const auto shape = family.infer(layer, {&x.type(), 1});
  if (!shape) return p.text() + ": " + shape.error().message;
  if (shape->at(0) != p.output()) return p.text() + ": output " + shape->at(0).text();
  std::vector<float> expected(static_cast<std::size_t>(p.output().elements()));
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = bias[i % bias.size()];
  for_each_product(p, [&](std::size_t to, std::size_t from, std::size_t weight) {
    expected[to] += x.elements<float>()[from] * weights[weight];
  });
  const std::vector<float> y = elements<float>(evaluate(family, layer, x, real(p.output())));
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (y[i] != expected[i]) return fmt::format("{}: element {} is {}, must be {}", p.text(), i, y[i], expected[i]);
  }
  return "";
}

}  // namespace algean::kernels::testing
