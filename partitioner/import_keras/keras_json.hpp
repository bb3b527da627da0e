// JSON as Keras writes it: read with bounded depth, and looked into without exceptions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

using Json = nlohmann::json;

// The key under which a call's arguments name a tensor of the call (model.hpp).
inline constexpr auto tensor_key = "$tensor";

// bad_input "WHERE:LINE:COLUMN: not JSON: ..." for text that is none, or is nested more than 200 deep.
Result<Json> parse_json(std::string_view text, std::string_view where);

// object[key] of that type, or nullptr where it is absent or of another type, or `object` is no object.
const Json* member(const Json& object, const char* key, Json::value_t type);
// A text member, or "".
std::string text_member(const Json& object, const char* key);

}  // namespace algean::partitioner
