// CPU code of every usable instruction set against the integer reference: same integers, whatever the shape and the
// values.
#pragma once

#include "kernels/program/instruction_set.hpp"
#include "tests/unit/kernels/conv/integers.hpp"

namespace algean::kernels::testing {

// Empty when every instruction set gives the reference's integers, else what differs.
inline std::string code_difference(const conv::ConvFamily& family, const IntegerProblem& problem) {
  const Tensor expected = evaluate(family, problem.layer, problem.x, problem.output);
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const auto step = family.compile(problem.layer, {&problem.input, 1}, {&problem.output, 1}, instructions);
    if (!step) return step.error().message;
    const Buffer arena((*step)->constant_bytes());
    for (const bool placed : {false, true}) {
      if (placed) (*step)->place_constants(arena.data());
      const Tensor y = run(**step, problem.x, problem.output);
      for (std::size_t i = 0; i < y.bytes().size(); ++i) {
        if (y.integer_at(i) == expected.integer_at(i)) continue;
        return fmt::format("{}: {}: element {} is {}, must be {}", to_text(instructions), problem.shape.text(), i,
                           y.integer_at(i), expected.integer_at(i));
      }
    }
  }
  return "";
}

}  // namespace algean::kernels::testing
