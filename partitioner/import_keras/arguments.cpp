#include "partitioner/import_keras/arguments.hpp"

#include <cmath>

namespace algean::partitioner {

using Wire = Recipe::Wire;
using Names = std::initializer_list<const char*>;

Arguments::Arguments(const Recipe& recipe, const Json& config)
    : recipe_(recipe),
      config_(config),
      positional_(member(recipe.arguments(), "args", Json::value_t::array)),
      named_(member(recipe.arguments(), "kwargs", Json::value_t::object)) {}

const Json* Arguments::find(std::size_t position, Names names) const {
  if (positional_ != nullptr && position < positional_->size() && !(*positional_)[position].is_null()) {
    return &(*positional_)[position];
  }
  for (const char* name : names) {
    if (const Json* value = named_ == nullptr ? nullptr : given(*named_, name)) return value;
    if (const Json* value = given(config_, name)) return value;
  }
  return nullptr;
}

std::optional<Wire> Arguments::as_wire(const Json& json) const {
  const Json* index = member(json, tensor_key, Json::value_t::number_unsigned);
  if (index == nullptr || index->get<std::size_t>() >= recipe_.inputs()) return std::nullopt;
  return index->get<std::size_t>();
}

Result<Wire> Arguments::tensor(std::size_t position, Names names) const {
  const Json* value = find(position, names);
  const auto wire = value == nullptr ? std::nullopt : as_wire(*value);
  if (!wire) return bad_input("argument '{}' must be a tensor", *names.begin());
  return *wire;
}

Result<std::vector<Wire>> Arguments::tensors(std::size_t position, Names names) const {
  const Json* value = find(position, names);
  std::vector<Wire> wires;
  bool good = value != nullptr;
  if (good && value->is_array()) {
    for (const Json& item : *value) {
      const auto wire = as_wire(item);
      good = good && wire;
      if (wire) wires.push_back(*wire);
    }
  } else if (const auto wire = good ? as_wire(*value) : std::nullopt) {
    wires.push_back(*wire);
  }
  if (!good || wires.empty()) return bad_input("argument '{}' must be a list of tensors", *names.begin());
  return wires;
}

Result<Operand> Arguments::operand(std::size_t position, Names names) const {
  const Json* value = find(position, names);
  if (value == nullptr) return bad_input("argument '{}' is missing", *names.begin());
  if (const auto wire = as_wire(*value)) return Operand{wire, {}};
  ALGEAN_ASSIGN(Numbers given, numbers(*value, *names.begin()));
  return Operand{std::nullopt, std::move(given)};
}

Result<double> Arguments::real(std::size_t position, Names names, std::optional<double> fallback) const {
  const Json* value = find(position, names);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_number() || !std::isfinite(value->get<float>())) {
    return bad_input("argument '{}' must be a finite number", *names.begin());
  }
  return value->get<double>();
}

Result<bool> Arguments::flag(std::size_t position, Names names, bool fallback) const {
  const Json* value = find(position, names);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) return bad_input("argument '{}' must be true or false", *names.begin());
  return value->get<bool>();
}

Result<std::vector<std::int64_t>> Arguments::integers(std::size_t position, Names names) const {
  const Json* value = find(position, names);
  if (value == nullptr) return bad_input("argument '{}' must be given", *names.begin());
  return partitioner::integers(*value, *names.begin());
}

}  // namespace algean::partitioner
