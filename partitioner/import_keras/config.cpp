#include "partitioner/import_keras/config.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace algean::partitioner {
namespace {

// {"class_name": "__numpy__" or "__tensor__", "config": {"value": ...}} as what is in it.
const Json* unwrapped(const Json* json) {
  const Json* inner = member(*json, "config", Json::value_t::object);
  if (inner == nullptr) return json;
  const auto value = inner->find("value");
  return value == inner->end() ? json : &*value;
}

bool is_float_policy(const std::string& name) {
  constexpr std::array names{"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"};
  return std::ranges::find(names, name) != names.end();
}

std::optional<std::int64_t> bounded(const Json& json, std::int64_t lowest) {
  if (!json.is_number_integer()) return std::nullopt;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(max_size)) {
    return std::nullopt;
  }
  const auto value = json.get<std::int64_t>();
  return value >= lowest && value <= max_size ? std::optional(value) : std::nullopt;
}

std::string range_text(std::int64_t lowest) {
  return lowest == 1 ? "a positive integer" : fmt::format("an integer of at least {}", lowest);
}

Result<> flatten(const Json& json, std::string_view name, std::size_t depth, Numbers& numbers) {
  if (!json.is_array()) {
    const double value = json.is_number() ? json.get<double>() : NAN;
    if (depth != numbers.extents.size() || !std::isfinite(static_cast<float>(value))) {
      return bad_input("'{}' must be finite numbers in lists of equal lengths", name);
    }
    numbers.values.push_back(static_cast<float>(value));
    return {};
  }
  const auto size = static_cast<std::int64_t>(json.size());
  if (depth >= numbers.extents.size() || numbers.extents[depth] != size) {
    return bad_input("'{}' must be finite numbers in lists of equal lengths", name);
  }
  for (const Json& item : json) ALGEAN_TRY(flatten(item, name, depth + 1, numbers));
  return {};
}

}  // namespace

const Json* given(const Json& config, const char* key) {
  if (!config.is_object()) return nullptr;
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

Result<double> real(const Json& config, const char* key, double fallback) {
  const Json* found = given(config, key);
  if (found == nullptr) return fallback;
  const Json& value = *unwrapped(found);
  if (!value.is_number()) return bad_input("attribute '{}' must be a number", key);
  const auto result = value.get<double>();
  if (!std::isfinite(static_cast<float>(result))) return bad_input("attribute '{}' must be finite", key);
  return result;
}

Result<bool> flag(const Json& config, const char* key, bool fallback) {
  const Json* found = given(config, key);
  if (found == nullptr) return fallback;
  if (!found->is_boolean()) return bad_input("attribute '{}' must be true or false", key);
  return found->get<bool>();
}

Result<std::int64_t> integer(const Json& config, const char* key, std::int64_t lowest,
                             std::optional<std::int64_t> fallback) {
  const Json* found = given(config, key);
  if (found == nullptr && fallback) return *fallback;
  const auto value = found == nullptr ? std::nullopt : bounded(*found, lowest);
  if (!value) return bad_input("attribute '{}' must be {}", key, range_text(lowest));
  return *value;
}

Result<std::vector<std::int64_t>> per_axis(const Json& config, const char* key, std::size_t axes, std::int64_t lowest,
                                           const std::vector<std::int64_t>& fallback) {
  const Json* found = given(config, key);
  if (found == nullptr && !fallback.empty()) return fallback;
  std::vector<std::int64_t> result;
  if (found != nullptr && found->is_array() && found->size() == axes) {
    for (const Json& item : *found) {
      if (const auto value = bounded(item, lowest)) result.push_back(*value);
    }
  } else if (const auto value = found == nullptr ? std::nullopt : bounded(*found, lowest)) {
    result.assign(axes, *value);
  }
  if (result.size() != axes) {
    return bad_input("attribute '{}' must be {}{}, up to {}", key, range_text(lowest),
                     axes == 1 ? "" : fmt::format(" or {} of them", axes), max_size);
  }
  return result;
}

Result<std::vector<std::int64_t>> before_and_after(const Json& config, const char* key, std::size_t axes) {
  const Json* found = given(config, key);
  std::vector<std::int64_t> result;
  const auto take = [&](const Json& before, const Json& after) {
    const auto first = bounded(before, 0);
    const auto last = bounded(after, 0);
    if (first && last) result.insert(result.end(), {*first, *last});
  };
  if (found != nullptr && found->is_array() && axes == 1 && found->size() == 2) {
    take((*found)[0], (*found)[1]);
  } else if (found != nullptr && found->is_array() && found->size() == axes) {
    for (const Json& item : *found) {
      if (item.is_array() && item.size() == 2) {
        take(item[0], item[1]);
      } else {
        take(item, item);
      }
    }
  } else if (found != nullptr) {
    for (std::size_t i = 0; i < axes; ++i) take(*found, *found);
  }
  if (result.size() != 2 * axes) {
    return bad_input("attribute '{}' must be an integer, or one or a pair of them for each of {} axes, from 0 to {}",
                     key, axes, max_size);
  }
  return result;
}

Result<std::int64_t> single_axis(const Json& config, const char* key) {
  const Json* found = given(config, key);
  if (found == nullptr) return -1;
  const Json& axis = found->is_array() && found->size() == 1 ? (*found)[0] : *found;
  if (!axis.is_number_integer()) return bad_input("axis {} not supported (one axis is)", found->dump());
  return axis.get<std::int64_t>();
}

Result<std::vector<std::int64_t>> integers(const Json& json, std::string_view name) {
  std::vector<std::int64_t> result;
  const auto take = [&](const Json& item) {
    constexpr std::int64_t most = std::int64_t{1} << 40U;
    const bool good = item.is_number_integer() && item.get<std::int64_t>() >= -most && item.get<std::int64_t>() <= most;
    if (good) result.push_back(item.get<std::int64_t>());
    return good;
  };
  const bool good = json.is_array() ? std::ranges::all_of(json, take) : take(json);
  if (!good) return bad_input("'{}' must be an integer or a list of them", name);
  return result;
}

Result<Numbers> numbers(const Json& json, std::string_view name) {
  const Json& value = *unwrapped(&json);
  Numbers result;
  for (const Json* at = &value; at->is_array(); at = &(*at)[0]) {
    result.extents.push_back(static_cast<std::int64_t>(at->size()));
    if (at->empty()) return bad_input("'{}' must be finite numbers in lists of equal lengths", name);
  }
  ALGEAN_TRY(flatten(value, name, 0, result));
  return result;
}

Result<bool> channels_first(const Json& config) {
  const Json* found = given(config, "data_format");
  if (found == nullptr || *found == "channels_last") return false;
  if (*found == "channels_first") return true;
  return bad_input("attribute 'data_format' must be 'channels_last' or 'channels_first'");
}

Result<> refuse(const Json& config, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const Json* found = given(config, key);
    if (found != nullptr && *found != false) return bad_input("attribute '{}' not supported", key);
  }
  return {};
}

Result<> check_type(const Json& config) {
  const Json* found = given(config, "dtype");
  if (found == nullptr) return {};
  std::string name = found->is_string() ? found->get<std::string>() : text_member(*found, "class_name");
  if (name == "DTypePolicy" || name == "Policy") {
    const Json* inner = member(*found, "config", Json::value_t::object);
    name = inner == nullptr ? name : text_member(*inner, "name");
  }
  if (!is_float_policy(name)) return bad_input("dtype '{}' not supported", name);
  return {};
}

}  // namespace algean::partitioner
