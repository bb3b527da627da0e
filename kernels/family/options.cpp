#include "kernels/family/options.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace algean::kernels {

Result<std::vector<std::int64_t>> list_option(const LayerSpec& layer, const std::string& name, std::size_t count,
                                              std::int64_t fallback, std::int64_t lowest, std::int64_t highest) {
  if (!layer.attributes.has(name)) return std::vector<std::int64_t>(count, fallback);
  ALGEAN_ASSIGN(std::vector<std::int64_t> values, layer.attributes.integers(name));
  if (values.size() != count) {
    return bad_input("attribute '{}' [{}] has {} numbers, must have {}", name, fmt::join(values, ","), values.size(),
                     count);
  }
  for (const std::int64_t value : values) {
    if (value >= lowest && value <= highest) continue;
    return bad_input("attribute '{}' [{}]: {} must lie in {}..{}", name, fmt::join(values, ","), value, lowest,
                     highest);
  }
  return values;
}

Result<bool> flag_option(const LayerSpec& layer, const std::string& name) {
  if (!layer.attributes.has(name)) return false;
  ALGEAN_ASSIGN(const std::int64_t value, layer.attributes.integer(name));
  if (value != 0 && value != 1) return bad_input("attribute '{}' is {}, must be 0 or 1", name, value);
  return value == 1;
}

Result<std::string> text_option(const LayerSpec& layer, const std::string& name,
                                std::initializer_list<std::string_view> choices) {
  if (!layer.attributes.has(name)) return std::string(*choices.begin());
  ALGEAN_ASSIGN(std::string value, layer.attributes.text(name));
  if (std::ranges::find(choices, value) == choices.end()) {
    return bad_input("attribute '{}' is '{}', must be one of [{}]", name, value, fmt::join(choices, ", "));
  }
  return value;
}

}  // namespace algean::kernels
