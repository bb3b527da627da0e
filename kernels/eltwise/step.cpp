// Compiled layers: a table for one operand; vectorised sums, products and extremes; for the other rules a table of all
// pairs of codes.
#include <algorithm>

#include "kernels/eltwise/eltwise.hpp"
#include "kernels/eltwise/kernel.hpp"
#include "kernels/eltwise/operands.hpp"
#include "kernels/eltwise/rule.hpp"
#include "kernels/family/broadcast.hpp"

namespace algean::kernels {
namespace {

using eltwise::Rule;

const signed char* codes(const std::byte* bytes) { return reinterpret_cast<const signed char*>(bytes); }

class TableStep final : public Step {
 public:
  TableStep(std::span<const std::int8_t> table, std::size_t elements)
      : table_(table.begin(), table.end()), elements_(elements) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const auto* x = reinterpret_cast<const std::uint8_t*>(inputs[0]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    const std::int8_t* table = table_.data();
    for (std::size_t i = 0; i < elements_; ++i) y[i] = table[x[i] ^ 0x80U];
  }

 private:
  std::vector<std::int8_t> table_;
  std::size_t elements_;
};

// Where the operands of a compiled layer are: input 0, and input 1 or a constant; left and right.
class Operands {
 public:
  Operands(const LayerSpec& layer, std::span<const TensorType> inputs, const Shape& output)
      : runs_(make_runs(layer, inputs, output)), is_reversed_(eltwise::is_reversed(layer)) {
    if (inputs.size() == 2) return;
    const auto operand = layer.required("operand").elements<std::int8_t>();
    constant_.assign(operand.begin(), operand.end());
  }

  [[nodiscard]] const Runs& runs() const { return runs_; }
  [[nodiscard]] const signed char* left(const std::byte* const* inputs) const {
    return is_reversed_ ? constant_.data() : codes(inputs[0]);
  }
  [[nodiscard]] const signed char* right(const std::byte* const* inputs) const {
    return is_reversed_ ? codes(inputs[0]) : constant_.empty() ? codes(inputs[1]) : constant_.data();
  }

 private:
  static Runs make_runs(const LayerSpec& layer, std::span<const TensorType> inputs, const Shape& output) {
    const Shape& left = inputs[0].shape;
    const Shape& right = inputs.size() == 2 ? inputs[1].shape : layer.required("operand").shape();
    return eltwise::is_reversed(layer) ? Runs(output, {right, left}) : Runs(output, {left, right});
  }

  Runs runs_;
  bool is_reversed_;
  std::vector<std::int8_t> constant_;  // empty where both operands are inputs
};

// Params: Params or TfliteParams.
template <class Join, class Params>
class KernelStep final : public Step {
 public:
  KernelStep(Operands operands, Join join, const Params& params)
      : operands_(std::move(operands)), join_(join), params_(params) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const Runs& runs = operands_.runs();
    const signed char* a = operands_.left(inputs);
    const signed char* b = operands_.right(inputs);
    auto* y = reinterpret_cast<signed char*>(outputs[0]);
    runs.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
      join_(params_, a + at_a, static_cast<int>(runs.step(0)), b + at_b, static_cast<int>(runs.step(1)), y + first,
            static_cast<long>(runs.length()));
    });
  }

 private:
  Operands operands_;
  Join join_;
  Params params_;
};

// y = table[a + 128][b + 128].
class PairStep final : public Step {
 public:
  PairStep(Operands operands, const Rule& rule) : operands_(std::move(operands)), table_(std::size_t{1} << 16U) {
    std::size_t next = 0;
    for (int a = -128; a <= 127; ++a) {
      for (int b = -128; b <= 127; ++b) table_[next++] = rule(static_cast<std::int8_t>(a), static_cast<std::int8_t>(b));
    }
  }
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const Runs& runs = operands_.runs();
    const signed char* a = operands_.left(inputs);
    const signed char* b = operands_.right(inputs);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    const std::int8_t* middle = &table_[128 * 256 + 128];
    runs.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
      for (std::size_t i = 0; i < runs.length(); ++i) {
        y[first + i] = middle[a[at_a + i * runs.step(0)] * 256 + b[at_b + i * runs.step(1)]];
      }
    });
  }

 private:
  Operands operands_;
  std::vector<std::int8_t> table_;
};

const eltwise::Kernel& find_kernel(InstructionSet instructions) {
#ifdef __x86_64__
  if (instructions == InstructionSet::avx512_vnni) return eltwise::avx512;
  if (instructions != InstructionSet::portable) return eltwise::avx2;
#endif
  (void)instructions;
  return eltwise::portable;
}

// The vectorised code of a rule, or nullptr where it has none.
eltwise::Join find_join(const eltwise::Kernel& kernel, const Rule& rule) {
  switch (rule.kind()) {
    case Rule::Kind::sum:
      return kernel.sum;
    case Rule::Kind::product:
      return kernel.product;
    case Rule::Kind::largest:
      return rule.is_plain() ? kernel.largest : nullptr;
    case Rule::Kind::smallest:
      return rule.is_plain() ? kernel.smallest : nullptr;
    default:
      return nullptr;
  }
}

eltwise::Params make_params(const Rule& rule) {
  const auto& [m0, m1, shift] = rule.scale();
  const int half = shift > 0 ? 1 << (shift - 1) : 0;
  const int offset = rule.kind() == Rule::Kind::sum ? half - rule.zero_a() * m0 - rule.zero_b() * m1 : half;
  return {m0, m1, offset, shift, rule.zero_y(), rule.range().low, rule.range().high, rule.zero_a(), rule.zero_b()};
}

// The same for TensorFlow Lite's rules, whose ratios must all be below 1.
eltwise::TfliteJoin find_tflite_join(const eltwise::Kernel& kernel, const Rule& rule) {
  if (rule.kind() != Rule::Kind::tflite_sum && rule.kind() != Rule::Kind::tflite_product) return nullptr;
  if (std::ranges::any_of(rule.shifts(), [](std::int8_t shift) { return shift > 0; })) return nullptr;
  return rule.kind() == Rule::Kind::tflite_sum ? kernel.tflite_sum : kernel.tflite_product;
}

eltwise::TfliteParams make_tflite_params(const Rule& rule) {
  const auto m = rule.multipliers();
  const auto s = rule.shifts();
  eltwise::TfliteParams params{.multiplier_a = 0,
                               .right_a = 0,
                               .multiplier_b = 0,
                               .right_b = 0,
                               .multiplier = m.back(),
                               .right = -s.back(),
                               .zero_a = rule.zero_a(),
                               .zero_b = rule.zero_b(),
                               .zero = rule.zero_y(),
                               .low = rule.range().low,
                               .high = rule.range().high};
  if (rule.kind() == Rule::Kind::tflite_sum) {
    params.multiplier_a = m[0];
    params.right_a = -s[0];
    params.multiplier_b = rule.is_difference() ? -m[1] : m[1];
    params.right_b = -s[1];
  }
  return params;
}

}  // namespace

Result<std::unique_ptr<Step>> Eltwise::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                               std::span<const TensorType> outputs, InstructionSet instructions) const {
  if (const Tensor* table = layer.constant("table")) {
    return std::make_unique<TableStep>(table->elements<std::int8_t>(),
                                       static_cast<std::size_t>(inputs[0].shape.elements()));
  }
  const Rule rule(layer, eltwise::codes_of(layer, inputs, outputs[0]));
  Operands operands(layer, inputs, outputs[0].shape);
  const eltwise::Kernel& kernel = find_kernel(instructions);
  if (const eltwise::Join join = find_join(kernel, rule)) {
    return std::make_unique<KernelStep<eltwise::Join, eltwise::Params>>(std::move(operands), join, make_params(rule));
  }
  if (const eltwise::TfliteJoin join = find_tflite_join(kernel, rule)) {
    return std::make_unique<KernelStep<eltwise::TfliteJoin, eltwise::TfliteParams>>(std::move(operands), join,
                                                                                    make_tflite_params(rule));
  }
  return std::make_unique<PairStep>(std::move(operands), rule);
}

}  // namespace algean::kernels
