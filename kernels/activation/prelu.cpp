#include "kernels/activation/prelu.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/activation/tables.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels::activation {
namespace {

// What distinguishes slopes: real numbers, or in `tflite` codes.
std::vector<double> distinct_of(const std::vector<double>& keys) {
  std::vector<double> distinct = keys;
  std::ranges::sort(distinct);
  distinct.erase(std::ranges::unique(distinct).begin(), distinct.end());
  return distinct;
}

std::vector<double> round_evenly(const std::vector<double>& keys) {
  const auto [low, high] = std::ranges::minmax(keys);
  const double step = (high - low) / static_cast<double>(max_slopes - 1);
  std::vector<double> result;
  for (const double key : keys) result.push_back(low + std::floor((key - low) / step + 0.5) * step);
  return result;
}

// A slope as int8 codes, which is what `tflite` has: quantised symmetrically where it is float32.
std::pair<std::vector<double>, Quantisation> codes_of(const Tensor& slope) {
  std::vector<double> codes;
  if (slope.type().element.is_integer()) {
    for (const std::int8_t code : slope.elements<std::int8_t>()) codes.push_back(code);
    return {codes, *slope.type().element.quantisation()};
  }
  const auto real = slope.elements<float>();
  double largest = 0;
  for (const float value : real) largest = std::max(largest, std::abs(static_cast<double>(value)));
  const double scale = largest > 0x1p-110 ? largest / 127 : 1.0 / 128;
  for (const float value : real) codes.push_back(std::floor(static_cast<double>(value) / scale + 0.5));
  return {codes, Quantisation::per_tensor(scale, 0)};
}

}  // namespace

Result<> check_slope(const LayerSpec& layer, const Shape& input) {
  const std::string role = layer.constant("index") != nullptr ? "index" : "slope";
  const Tensor* slope = layer.constant(role);
  if (slope == nullptr) return bad_input("constant 'slope' is missing");
  auto result = broadcast(input, slope->shape());
  if (result && *result == input) return {};
  return bad_input("constant '{}' {} must broadcast to the input {}", role, slope->shape().text(), input.text());
}

void prelu_float(const LayerSpec& layer, const Shape& shape, std::span<const float> x, std::span<float> y) {
  const std::vector<float> slopes = real_elements(layer.required("slope"));
  const Runs runs(shape, {layer.required("slope").shape()});
  const std::size_t step = runs.step(0);
  runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
    for (std::size_t i = 0; i < runs.length(); ++i) {
      const float value = x[first + i];
      y[first + i] = value < 0 ? value * slopes[at + i * step] : value;
    }
  });
}

Result<> quantise_prelu(LayerSpec& layer, Arithmetic arithmetic, const Quantisation& from, const Quantisation& to) {
  const Tensor& slope = layer.required("slope");
  std::vector<double> keys;
  Quantisation quantisation;
  if (arithmetic == Arithmetic::scaled) {
    for (const float value : real_elements(slope)) keys.push_back(static_cast<double>(value));
  } else {
    std::tie(keys, quantisation) = codes_of(slope);
  }
  std::vector<double> distinct = distinct_of(keys);
  if (distinct.size() > max_slopes) {
    keys = round_evenly(keys);
    distinct = distinct_of(keys);
  }
  std::vector<std::int8_t> tables;
  for (const double key : distinct) {
    std::vector<std::int32_t> table;
    if (arithmetic == Arithmetic::scaled) {
      table = make_scaled_prelu(key, from, to);
    } else {
      ALGEAN_ASSIGN(table, make_tflite_prelu(static_cast<std::int32_t>(key), quantisation, from, to));
    }
    for (const std::int32_t code : table) tables.push_back(static_cast<std::int8_t>(code));
  }
  std::vector<std::uint16_t> index;
  for (const double key : keys) {
    index.push_back(static_cast<std::uint16_t>(std::ranges::lower_bound(distinct, key) - distinct.begin()));
  }
  const Shape shape{static_cast<std::int64_t>(distinct.size()), 256};
  layer.constants = {
      {"table",
       std::make_shared<const Tensor>(TensorType{ElementType::int8(), shape}, std::span<const std::int8_t>(tables))},
      {"index", std::make_shared<const Tensor>(TensorType{ElementType::integer(16, false), slope.shape()},
                                               std::span<const std::uint16_t>(index))}};
  return {};
}

Result<> check_prelu(const LayerSpec& layer) {
  ALGEAN_TRY(check_constants(layer, {"table", "index"}));
  const Tensor* table = layer.constant("table");
  const Tensor* index = layer.constant("index");
  if (table == nullptr || index == nullptr) return bad_input("constants 'table' and 'index' must both be there");
  if (table->type().element.name() != "int8" || table->shape().rank() != 2 || table->shape()[1] != 256) {
    return bad_input("constant 'table' is {}, must be int8[T,256]", table->type().text());
  }
  if (index->type().element.name() != "uint16") {
    return bad_input("constant 'index' is {}, must be of uint16", index->type().text());
  }
  const auto indices = index->elements<std::uint16_t>();
  const auto found = std::ranges::find_if(indices, [&](std::uint16_t i) { return i >= table->shape()[0]; });
  if (found == indices.end()) return {};
  return bad_input("constant 'index': element {} is {}, there are {} tables", found - indices.begin(), *found,
                   table->shape()[0]);
}

}  // namespace algean::kernels::activation
