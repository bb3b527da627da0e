#include "partitioner/import_keras/calls.hpp"

#include <algorithm>

namespace algean::partitioner {
namespace {

constexpr std::int64_t max_index = 100'000;  // of a call or a tensor in a reference

std::optional<std::size_t> small_index(const Json& json) {
  if (!json.is_number_integer()) return std::nullopt;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(max_index)) {
    return std::nullopt;
  }
  const auto value = json.get<std::int64_t>();
  if (value < 0 || value > max_index) return std::nullopt;
  return static_cast<std::size_t>(value);
}

Json take(KerasReference reference, KerasNode& node) {
  node.inputs.push_back(std::move(reference));
  return Json{{tensor_key, node.inputs.size() - 1}};
}

// Keras 3's tensor object.
std::optional<KerasReference> keras_3_tensor(const Json& json) {
  if (text_member(json, "class_name") != "__keras_tensor__") return std::nullopt;
  const Json* config = member(json, "config", Json::value_t::object);
  if (config == nullptr) return std::nullopt;
  const auto history = config->find("keras_history");
  return history == config->end() ? std::nullopt : as_reference(*history);
}

// `json` with its tensors, at any depth, taken out.
Json resolved(const Json& json, KerasNode& node, const auto& as_tensor) {
  if (auto tensor = as_tensor(json)) return take(std::move(*tensor), node);
  Json result = json;
  if (json.is_structured()) {
    for (auto& item : result) item = resolved(item, node, as_tensor);
  }
  return result;
}

std::optional<KerasNode> keras_3_node(const Json& json) {
  const Json* arguments = member(json, "args", Json::value_t::array);
  if (arguments == nullptr) return std::nullopt;
  KerasNode node;
  node.is_keras_3 = true;
  node.arguments["args"] = resolved(*arguments, node, keras_3_tensor);
  const Json* named = member(json, "kwargs", Json::value_t::object);
  node.arguments["kwargs"] = named == nullptr ? Json::object() : resolved(*named, node, keras_3_tensor);
  return node;
}

// The first argument of a Keras 2 call: a tensor, or ["_CONSTANT_VALUE", -1, value, {kwargs}].
std::optional<Json> keras_2_argument(const Json& json, KerasNode& node) {
  if (auto reference = as_reference(json)) return take(std::move(*reference), node);
  const bool is_constant = json.is_array() && json.size() >= 3 && json[0] == "_CONSTANT_VALUE";
  return is_constant ? std::optional(json[2]) : std::nullopt;
}

}  // namespace

std::optional<KerasReference> as_reference(const Json& json) {
  if (!json.is_array() || json.size() < 3 || json.size() > 4 || !json[0].is_string()) return std::nullopt;
  const auto call = small_index(json[1]);
  const auto tensor = small_index(json[2]);
  if (!call || !tensor) return std::nullopt;
  return KerasReference{json[0].get<std::string>(), *call, *tensor};
}

// Keras 2: [["name", call, tensor, {kwargs}], ...], or one of these bare. Several make a list, the first argument; all
// carry the same kwargs, in which a tensor stands as a reference.
std::optional<KerasNode> read_node(const Json& json) {
  if (json.is_object()) return keras_3_node(json);
  if (!json.is_array()) return std::nullopt;
  KerasNode node;
  Json& arguments = node.arguments;
  arguments = {{"args", Json::array()}, {"kwargs", Json::object()}};
  if (json.empty()) return node;
  const bool bare = json[0].is_string();
  const std::size_t count = bare ? 1 : json.size();
  Json list = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    auto argument = keras_2_argument(bare ? json : json[i], node);
    if (!argument) return std::nullopt;
    list.push_back(std::move(*argument));
  }
  arguments["args"].push_back(count == 1 ? list[0] : list);
  const Json& first = bare ? json : json[0];
  if (first.size() == 4 && first[3].is_object()) arguments["kwargs"] = resolved(first[3], node, as_reference);
  return node;
}

std::string other_arguments(const Json& arguments) {
  std::string names;
  const auto note = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
  const auto is_tensor = [](const Json& value) { return value.is_object() && value.contains(tensor_key); };
  const auto is_harmless = [&](const Json& value) {  // lists and dicts of tensors, too
    return value.is_null() || is_tensor(value) || (value.is_structured() && std::ranges::all_of(value, is_tensor));
  };
  if (const Json* args = member(arguments, "args", Json::value_t::array)) {
    if (!std::ranges::all_of(*args, is_harmless)) note("a constant");
  }
  if (const Json* named = member(arguments, "kwargs", Json::value_t::object)) {
    for (const auto& [name, value] : named->items()) {
      if (!value.is_null() && !(name == "training" && value == false)) note(name);
    }
  }
  return names;
}

}  // namespace algean::partitioner
