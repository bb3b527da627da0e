// Compiled layers beside their references.
#pragma once

#include "kernels/program/instruction_set.hpp"
#include "tests/unit/kernels/support/several.hpp"

namespace algean::kernels::testing {

// Empty when the compiled layer gives the reference's integers with every instruction set of this CPU; else what
// differs.
inline std::string difference(const Family& family, const LayerSpec& layer, const std::vector<Tensor>& inputs,
                              const TensorType& output) {
  if (const std::string text = verdict(family, layer, types_of(inputs), {output}); text != "accepted") return text;
  const Tensor expected = evaluate(family, layer, inputs, std::vector{output})[0];
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const auto step = family.compile(layer, types_of(inputs), std::vector{output}, instructions);
    if (!step) return step.error().message;
    const Tensor y = run(**step, inputs, std::vector{output})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(output.shape.elements()); ++i) {
      if (y.integer_at(i) == expected.integer_at(i)) continue;
      return fmt::format("{}: element {} is {}, must be {}", to_text(instructions), i, y.integer_at(i),
                         expected.integer_at(i));
    }
  }
  return "";
}

// The integer form of a float layer between these types; the test fails with the error where there is none.
inline LayerSpec quantised(const Family& family, const LayerSpec& layer, const std::vector<TensorType>& inputs,
                           const TensorType& output) {
  auto result = family.quantise(layer, inputs, std::vector{output});
  EXPECT_TRUE(result) << result.error().message;
  return result ? *std::move(result) : layer;
}

// Codes that are all the lowest, all the highest, alternate between both, or are random.
inline Tensor extreme_int8(Random& random, const TensorType& type, int kind) {
  if (kind == 3) return random_int8(random, type);
  Tensor result(type);
  const auto codes = result.elements<std::int8_t>();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = kind == 0 || (kind == 2 && i % 2 == 0) ? std::int8_t{-128} : std::int8_t{127};
  }
  return result;
}

// The code of a real number, rounded half up.
inline double code_of(double real, const TensorType& type) {
  const Quantisation& q = *type.element.quantisation();
  return std::floor(real / q.scale() + 0.5) + q.zero_point();
}
inline double real_of(std::int64_t code, const TensorType& type) {
  const Quantisation& q = *type.element.quantisation();
  return q.scale() * static_cast<double>(code - q.zero_point());
}

}  // namespace algean::kernels::testing
