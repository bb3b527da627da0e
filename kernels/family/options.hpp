// Attributes that may be left out, read from a layer that nobody has checked yet.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

// A list of `count` integers, each in lowest..highest; `count` times `fallback` where the attribute is not there.
Result<std::vector<std::int64_t>> list_option(const LayerSpec& layer, const std::string& name, std::size_t count,
                                              std::int64_t fallback, std::int64_t lowest, std::int64_t highest);
// 0 or 1; false where the attribute is not there.
Result<bool> flag_option(const LayerSpec& layer, const std::string& name);
// One of `choices`; the first of them where the attribute is not there.
Result<std::string> text_option(const LayerSpec& layer, const std::string& name,
                                std::initializer_list<std::string_view> choices);

}  // namespace algean::kernels
