#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::kernels {

using AttributeValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>>;

// A layer's named parameters, sorted by name. Getters return bad_input with the attribute's name and the type it must
// have.
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<const std::string, AttributeValue>> values) : values_(values) {}

  void set(const std::string& name, AttributeValue value) { values_[name] = std::move(value); }
  void erase(const std::string& name) { values_.erase(name); }
  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
  [[nodiscard]] Result<std::int64_t> integer(const std::string& name) const;
  [[nodiscard]] Result<double> real(const std::string& name) const;  // takes an integer too
  [[nodiscard]] Result<std::string> text(const std::string& name) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> integers(const std::string& name) const;
  // Value of an optional attribute whose type the verifier has checked.
  [[nodiscard]] std::int64_t integer_or(const std::string& name, std::int64_t fallback) const;
  [[nodiscard]] double real_or(const std::string& name, double fallback) const;
  [[nodiscard]] std::string text_or(const std::string& name, const std::string& fallback) const;
  [[nodiscard]] const std::map<std::string, AttributeValue>& all() const { return values_; }
  bool operator==(const Attributes&) const = default;

 private:
  std::map<std::string, AttributeValue> values_;
};

}  // namespace algean::kernels
