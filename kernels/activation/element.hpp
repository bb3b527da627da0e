// The functions of one element, in binary64: one table of what they are called, what attributes they take, and what
// they compute.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::activation {

// An attribute of a function, a real number.
struct Parameter {
  std::string_view name;
  double fallback = 0;
  bool is_required = false;
  bool is_negative_allowed = true;
};

using Values = std::array<double, 3>;  // of a function's parameters, in their order

struct Function {
  std::string_view operation;
  double (*compute)(double x, const Values& values);
  std::array<Parameter, 3> parameters{};  // those without a name are not there

  [[nodiscard]] std::size_t count() const;  // of parameters
};

[[nodiscard]] std::span<const Function> functions();
// The function of an operation, or nullptr for one that is not of single elements.
[[nodiscard]] const Function* find_function(std::string_view operation);

// A function with its parameters' values.
class Element {
 public:
  // bad_input for attributes that are unknown, missing, not finite or out of range; `arithmetic` is not looked at.
  static Result<Element> make(const LayerSpec& layer);
  double operator()(double x) const { return compute_(x, values_); }

 private:
  double (*compute_)(double, const Values&) = nullptr;
  Values values_{};
};

}  // namespace algean::kernels::activation
