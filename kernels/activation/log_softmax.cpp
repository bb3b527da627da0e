#include "kernels/activation/log_softmax.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/activation/softmax.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/numeric/softmax.hpp"

namespace algean::kernels::activation {
namespace {

constexpr int fraction_bits = 16;     // of an output step
constexpr int mantissa_bits = 10;     // the sum's bits below its highest that count
constexpr std::int64_t octaves = 33;  // a sum is below 2^(20 + 33)

template <class T>
std::shared_ptr<const Tensor> constant(ElementType type, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(TensorType{std::move(type), Shape{static_cast<std::int64_t>(elements.size())}},
                                        std::span<const T>(elements));
}

}  // namespace

LogSoftmax::LogSoftmax(const LayerSpec& layer, const Quantisation& output)
    : exponentials(layer.required("exponentials").elements<std::uint32_t>()),
      step(layer.required("step").elements<std::int32_t>()[0]),
      octaves(layer.required("octaves").elements<std::int32_t>()),
      mantissas(layer.required("mantissas").elements<std::int32_t>()),
      zero(output.zero_point()) {}

void LogSoftmax::operator()(std::span<const std::int8_t> x, std::span<std::int8_t> y) const noexcept {
  const int largest = *std::ranges::max_element(x);
  std::uint64_t sum = 0;
  for (const std::int8_t value : x) sum += exponentials[static_cast<std::size_t>(largest - value)];
  const std::int64_t logarithm = softmax::logarithm(sum, octaves.data(), mantissas.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<std::int8_t>(softmax::log_code(x[i] - largest, step, logarithm, zero));
  }
}

Result<> add_log_softmax(LayerSpec& layer, const Quantisation& from, const Quantisation& to) {
  const double unit = std::ldexp(1.0, fraction_bits) / to.scale();
  const double widest = std::max(unit * from.scale(), unit * std::numbers::ln2 * static_cast<double>(octaves));
  if (!(widest < 0x1p31)) {
    return bad_input("scales {} and {}: log_softmax needs more than 32 bits for them", from.scale(), to.scale());
  }
  const auto rounded = [&](double real) { return static_cast<std::int32_t>(std::floor(real * unit + 0.5)); };
  std::vector<std::int32_t> powers, fractions;
  for (std::int64_t k = 0; k < octaves; ++k) powers.push_back(rounded(static_cast<double>(k) * std::numbers::ln2));
  for (int f = 0; f < 1 << mantissa_bits; ++f)
    fractions.push_back(rounded(std::log1p(std::ldexp(f + 0.5, -mantissa_bits))));
  layer.constants = {{"exponentials", constant(ElementType::integer(32, false), make_exponentials(from.scale()))},
                     {"step", constant<std::int32_t>(ElementType::int32(), {rounded(from.scale())})},
                     {"octaves", constant(ElementType::int32(), powers)},
                     {"mantissas", constant(ElementType::int32(), fractions)}};
  return {};
}

Result<> check_log_softmax(const LayerSpec& layer) {
  ALGEAN_TRY(check_constants(layer, {"exponentials", "step", "octaves", "mantissas"}));
  ALGEAN_TRY(check_constant(layer, "step", ElementType::int32(), Shape{1}));
  ALGEAN_TRY(check_constant(layer, "octaves", ElementType::int32(), Shape{octaves}));
  ALGEAN_TRY(check_constant(layer, "mantissas", ElementType::int32(), Shape{1 << mantissa_bits}));
  return {};
}

}  // namespace algean::kernels::activation
