// Windows, matrix and depthwise units against what they are to give, from the same memory images.
#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "tests/rtl/harness/bench.hpp"

namespace algean::rtl {
namespace {

namespace numeric = algean::kernels;

// Words of a memory's file.
class Image {
 public:
  explicit Image(const std::string& path) {
    std::ifstream file(path);
    for (std::string line; file >> line;) words_.push_back(line);
    if (words_.empty()) throw std::runtime_error("no memory image " + path);
  }
  // `bits` bits from bit `at` of a word on, unsigned.
  [[nodiscard]] std::uint64_t field(std::size_t word, std::size_t at, std::size_t bits) const {
    const std::string& digits = words_.at(word);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bits; ++i) {
      const std::size_t place = (at + i) / 4;
      if (place >= digits.size()) break;
      const std::string digit(1, digits[digits.size() - 1 - place]);
      value |= std::uint64_t{(std::stoul(digit, nullptr, 16) >> ((at + i) % 4)) & 1U} << i;
    }
    return value;
  }
  [[nodiscard]] std::int64_t number(std::size_t word, std::size_t at, std::size_t bits) const {
    const std::uint64_t top = std::uint64_t{1} << (bits - 1);
    return static_cast<std::int64_t>((field(word, at, bits) ^ top) - top);
  }

 private:
  std::vector<std::string> words_;
};

std::size_t size(const Case& what, const char* name) { return static_cast<std::size_t>(what.number(name)); }
std::int64_t number_or(const Case& what, const char* name, std::int64_t fallback) {
  return what.parameters.contains(name) ? what.number(name) : fallback;
}
std::size_t ceil_divide(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// The code of `sum` in output channel `output`, whose constants stand in lanes of `lanes`.
std::int64_t code(const Case& what, const Image& constants, std::size_t lanes, std::size_t output, std::int64_t sum) {
  const bool tflite = what.number("ARITHMETIC") == 1;
  const std::size_t acc_bits = size(what, "ACCUMULATOR_BITS");
  const std::size_t multiplier_bits = tflite ? 31 : 17;
  const std::size_t at = output % lanes * (acc_bits + multiplier_bits + 6);
  const std::size_t word = output / lanes;
  const std::int64_t bias = constants.number(word, at, acc_bits);
  const auto acc = static_cast<std::int32_t>(sum + bias);
  const auto multiplier = static_cast<std::int32_t>(constants.field(word, at + acc_bits, multiplier_bits));
  const auto above = static_cast<int>(constants.field(word, at + acc_bits + multiplier_bits, 6));
  const int shift = static_cast<int>(what.number("SHIFT_LOW")) + above;
  const auto zero = static_cast<std::int32_t>(number_or(what, "ZERO", 0));
  const auto low = static_cast<std::int32_t>(number_or(what, "LOW", -128));
  const auto high = static_cast<std::int32_t>(number_or(what, "HIGH", 127));
  if (!tflite) return numeric::scaled::requantise(acc, multiplier, shift, zero, low, high);
  return std::clamp<std::int64_t>(std::int64_t{numeric::tflite::mbqm(acc, multiplier, shift)} + zero, low, high);
}

std::vector<Elements> matvec(const Case& what, const std::vector<Elements>& inputs) {
  const std::size_t n_in = size(what, "ELEMENTS"), n_out = size(what, "OUTPUTS");
  const std::size_t simd = size(what, "SIMD"), pe = size(what, "PE"), bits = size(what, "WEIGHT_BITS");
  const std::size_t folds = ceil_divide(n_in, simd);
  const Image weights(what.parameters.at("WEIGHTS")), constants(what.parameters.at("CONSTANTS"));
  Elements codes;
  for (std::size_t row = 0; row < what.inputs[0].rows; ++row) {
    for (std::size_t o = 0; o < n_out; ++o) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < n_in; ++i) {
        const std::size_t place = o % pe * simd + i % simd;
        sum += inputs[0][row * n_in + i] * weights.number(o / pe * folds + i / simd, bits * place, bits);
      }
      codes.push_back(code(what, constants, size(what, "LANES"), o, sum));
    }
  }
  return {codes};
}

std::vector<Elements> depthwise(const Case& what, const std::vector<Elements>& inputs) {
  const std::size_t channels = size(what, "CHANNELS"), multiplier = size(what, "MULTIPLIER");
  const std::size_t taps = size(what, "TAPS"), lanes = size(what, "LANES"), bits = size(what, "WEIGHT_BITS");
  const std::size_t blocks = ceil_divide(channels, lanes);
  const Image weights(what.parameters.at("WEIGHTS")), constants(what.parameters.at("CONSTANTS"));
  Elements codes;
  for (std::size_t row = 0; row < what.outputs[0].rows; ++row) {
    for (std::size_t o = 0; o < channels * multiplier; ++o) {
      const std::size_t channel = o / multiplier;
      const std::size_t block = channel / lanes;
      std::int64_t sum = 0;
      for (std::size_t t = 0; t < taps; ++t) {
        const std::size_t place = channel % lanes * multiplier + o % multiplier;
        sum += inputs[0][((row * blocks + block) * taps + t) * lanes + channel % lanes] *
               weights.number(block * taps + t, bits * place, bits);
      }
      codes.push_back(code(what, constants, size(what, "OUT_LANES"), o, sum));
    }
  }
  return {codes};
}

// One output pixel's place and the taps of its window.
struct Window {
  explicit Window(const Case& what)
      : height(what.number("HEIGHT")),
        width(what.number("WIDTH")),
        channels(number_or(what, "CHANNELS", 1)),
        lanes(number_or(what, "LANES", 1)),
        k_h(what.number("KERNEL_H")),
        k_w(what.number("KERNEL_W")),
        step_h(number_or(what, "STRIDE_H", 1)),
        step_w(number_or(what, "STRIDE_W", 1)),
        dilation_h(number_or(what, "DILATION_H", 1)),
        dilation_w(number_or(what, "DILATION_W", 1)),
        top(number_or(what, "PAD_TOP", 0)),
        left(number_or(what, "PAD_LEFT", 0)),
        pad(number_or(what, "PAD_VALUE", 0)) {
    out_h = (height + top + number_or(what, "PAD_BOTTOM", 0) - (k_h - 1) * dilation_h - 1) / step_h + 1;
    out_w = (width + left + number_or(what, "PAD_RIGHT", 0) - (k_w - 1) * dilation_w - 1) / step_w + 1;
  }
  void tap(const Elements& image, std::int64_t pixel, std::int64_t ky, std::int64_t kx, std::int64_t block,
           Elements& to) const {
    const std::int64_t row = pixel / out_w * step_h + ky * dilation_h - top;
    const std::int64_t column = pixel % out_w * step_w + kx * dilation_w - left;
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    for (std::int64_t c = block * lanes; c < (block + 1) * lanes; ++c) {
      const auto at = static_cast<std::size_t>((row * width + column) * channels + c);
      to.push_back(c >= channels ? 0 : inside ? image[at] : pad);
    }
  }
  std::int64_t height, width, channels, lanes, k_h, k_w, step_h, step_w, dilation_h, dilation_w, top, left, pad;
  std::int64_t out_h = 1, out_w = 1;
};

std::vector<Elements> window(const Case& what, const std::vector<Elements>& inputs) {
  const Window w(what);
  const std::int64_t order = number_or(what, "ORDER", 0);
  const std::int64_t blocks = (w.channels + w.lanes - 1) / w.lanes;
  Elements taps;
  for (std::int64_t pixel = 0; pixel < w.out_h * w.out_w; ++pixel) {
    for (std::int64_t outer = 0; outer < (order == 1 ? blocks : 1); ++outer) {
      for (std::int64_t ky = 0; ky < (order == 2 ? 1 : w.k_h); ++ky) {
        for (std::int64_t kx = 0; kx < w.k_w; ++kx) {
          for (std::int64_t inner = 0; inner < (order == 1 ? 1 : blocks); ++inner) {
            for (std::int64_t row = 0; row < (order == 2 ? w.k_h : 1); ++row) {
              w.tap(inputs[0], pixel, ky + row, kx, outer + inner, taps);
            }
          }
        }
      }
    }
  }
  return {taps};
}

std::size_t busier_side(const Case& what) { return std::max(what.inputs[0].beats(), what.outputs[0].beats()); }

std::size_t matvec_cycles(const Case& what) {
  return what.inputs[0].beats() * ceil_divide(size(what, "OUTPUTS"), size(what, "PE"));
}

}  // namespace

Models models() {
  return {{"algean_window", {window, busier_side, {}}},
          {"algean_matvec", {matvec, matvec_cycles, {}}},
          {"algean_depthwise", {depthwise, busier_side, {}}}};
}

}  // namespace algean::rtl
