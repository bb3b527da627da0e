#include "kernels/family/attributes.hpp"

namespace algean::kernels {
namespace {

template <class T>
Result<T> get(const std::map<std::string, AttributeValue>& values, const std::string& name, const char* kind) {
  const auto found = values.find(name);
  if (found == values.end()) return bad_input("attribute '{}' is missing", name);
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  return bad_input("attribute '{}' must be {}", name, kind);
}

}  // namespace

Result<std::int64_t> Attributes::integer(const std::string& name) const {
  return get<std::int64_t>(values_, name, "an integer");
}

Result<double> Attributes::real(const std::string& name) const {
  if (auto whole = get<std::int64_t>(values_, name, "a number")) return static_cast<double>(*whole);
  return get<double>(values_, name, "a number");
}

Result<std::string> Attributes::text(const std::string& name) const {
  return get<std::string>(values_, name, "a string");
}

Result<std::vector<std::int64_t>> Attributes::integers(const std::string& name) const {
  return get<std::vector<std::int64_t>>(values_, name, "a list of integers");
}

std::int64_t Attributes::integer_or(const std::string& name, std::int64_t fallback) const {
  return integer(name).value_or(fallback);
}

double Attributes::real_or(const std::string& name, double fallback) const { return real(name).value_or(fallback); }

std::string Attributes::text_or(const std::string& name, const std::string& fallback) const {
  return text(name).value_or(fallback);
}

}  // namespace algean::kernels
