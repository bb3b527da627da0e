// Attributes of a layer's config, read and checked. Errors say which rule an attribute breaks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "partitioner/import_keras/keras_json.hpp"
#include "runtime/base/result.hpp"

namespace algean::partitioner {

// What a layer type's planner gets.
struct LayerConfig {
  const Json& json;
  int keras = 2;  // major version
};

// Extents, strides, paddings and the like must stay below this: products with an extent then fit 64 bits.
inline constexpr std::int64_t max_size = std::int64_t{1} << 30;

// json[key], or nullptr where it is absent or null.
const Json* given(const Json& config, const char* key);
// A number; Keras also wraps it: {"class_name": "__numpy__", "config": {"value": 0.3}}.
Result<double> real(const Json& config, const char* key, double fallback);
Result<bool> flag(const Json& config, const char* key, bool fallback);
// From `lowest` to max_size. Without a fallback the attribute must be there.
Result<std::int64_t> integer(const Json& config, const char* key, std::int64_t lowest,
                             std::optional<std::int64_t> fallback = {});
// One integer for all axes, or a list of one each, from `lowest` to max_size.
Result<std::vector<std::int64_t>> per_axis(const Json& config, const char* key, std::size_t axes, std::int64_t lowest,
                                           const std::vector<std::int64_t>& fallback = {});
// [before, after] of each axis, flat: one integer for all, one an axis, or a pair an axis; 0 to max_size.
Result<std::vector<std::int64_t>> before_and_after(const Json& config, const char* key, std::size_t axes);
// One axis, bare or as a list of one; -1 where absent.
Result<std::int64_t> single_axis(const Json& config, const char* key = "axis");
// Integers of up to 2^40 either way, bare or as a list.
Result<std::vector<std::int64_t>> integers(const Json& json, std::string_view name);
// Finite numbers in nested lists (also wrapped as Keras wraps arrays and tensors), row-major, with their extents.
struct Numbers {
  std::vector<std::int64_t> extents;
  std::vector<float> values;
};
Result<Numbers> numbers(const Json& json, std::string_view name);
// 'channels_last' (false; also where absent) or 'channels_first' (true).
Result<bool> channels_first(const Json& config);
// bad_input for the first of `keys` that is given, not null and not false.
Result<> refuse(const Json& config, std::initializer_list<const char*> keys);
// The layer computes in floats: Keras 2 "float32", Keras 3 a policy object.
Result<> check_type(const Json& config);

}  // namespace algean::partitioner
