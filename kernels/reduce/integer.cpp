// The integer form's reference, and compiled layers: both run the loops of integer.hpp.
#include "kernels/reduce/integer.hpp"

#include <algorithm>

#include "kernels/reduce/reduce.hpp"

namespace algean::kernels {
namespace reduce {

Kind kind_of(const LayerSpec& layer) {
  if (layer.operation == "reduce_mean") return Kind::mean;
  if (layer.operation == "reduce_sum") return Kind::sum;
  if (layer.operation == "reduce_max") return Kind::largest;
  if (layer.operation == "reduce_min") return Kind::smallest;
  if (layer.operation == "arg_max") return Kind::arg_max;
  return layer.operation == "mean_squared_error" ? Kind::squared_error : Kind::divergence;
}

}  // namespace reduce

namespace {

using reduce::Kind;
using reduce::Reduction;

const std::int8_t* codes(const std::byte* bytes) { return reinterpret_cast<const std::int8_t*>(bytes); }

class ReduceStep final : public Step {
 public:
  ReduceStep(const LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output,
             const Reduction& reduction)
      : kind_(reduce::kind_of(layer)),
        runs_(reduce::make_runs(inputs[0].shape, reduction)),
        results_(static_cast<std::size_t>(reduction.kept.elements())),
        a_(*inputs[0].element.quantisation()),
        b_(*inputs.back().element.quantisation()),
        offset_(static_cast<std::int32_t>(reduction.count * a_.zero_point())) {
    if (kind_ == Kind::mean || kind_ == Kind::sum) requantiser_ = Requantiser(layer, output);
    if (kind_ == Kind::arg_max) line_ = reduce::make_line(layer, inputs[0].shape);
    if (kind_ == Kind::squared_error) error_ = *reduce::derive_squared_error(a_, b_, reduction.count);
    if (kind_ != Kind::divergence) return;
    const auto tables = layer.required("table").elements<std::int32_t>();
    tables_.assign(tables.begin(), tables.end());
  }

  [[nodiscard]] std::size_t scratch_bytes() const override {
    if (kind_ == Kind::squared_error) return results_ * sizeof(std::int64_t);
    return kind_ == Kind::mean || kind_ == Kind::sum ? results_ * sizeof(std::int32_t) : 0;
  }

  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte* scratch) const noexcept override {
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    auto* wide_y = reinterpret_cast<std::int32_t*>(outputs[0]);
    switch (kind_) {
      case Kind::mean:
      case Kind::sum:
        return add_up(codes(inputs[0]), reinterpret_cast<std::int32_t*>(scratch), y);
      case Kind::largest:
        std::fill_n(y, results_, std::int8_t{-128});
        return reduce::take_largest(runs_, codes(inputs[0]), y);
      case Kind::smallest:
        std::fill_n(y, results_, std::int8_t{127});
        return reduce::take_smallest(runs_, codes(inputs[0]), y);
      case Kind::arg_max:
        return reduce::arg_max_codes(line_, codes(inputs[0]), wide_y);
      case Kind::squared_error:
        return score(codes(inputs[0]), codes(inputs[1]), reinterpret_cast<std::int64_t*>(scratch), wide_y);
      case Kind::divergence:
        std::fill_n(wide_y, results_, 0);
        return reduce::add_divergences(runs_, tables_, codes(inputs[0]), codes(inputs[1]), wide_y);
    }
  }

 private:
  void add_up(const std::int8_t* x, std::int32_t* sums, std::int8_t* y) const noexcept {
    std::fill_n(sums, results_, 0);
    reduce::add_codes(runs_, x, sums);
    for (std::size_t i = 0; i < results_; ++i) y[i] = requantiser_(sums[i] - offset_, 0);
  }
  void score(const std::int8_t* a, const std::int8_t* b, std::int64_t* sums, std::int32_t* y) const noexcept {
    std::fill_n(sums, results_, 0);
    reduce::add_squared_errors(runs_, error_, a_, b_, a, b, sums);
    for (std::size_t i = 0; i < results_; ++i) y[i] = reduce::finish_squared_error(error_, sums[i]);
  }

  Kind kind_;
  Runs runs_;
  std::size_t results_;
  Quantisation a_, b_;
  std::int32_t offset_;  // what all zero points add to a sum of codes
  Requantiser requantiser_;
  reduce::Line line_;
  reduce::SquaredError error_;
  std::vector<std::int32_t> tables_;
};

}  // namespace

void Reduce::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                              std::span<Tensor* const> outputs) const {
  std::vector<TensorType> types;
  std::vector<const std::byte*> from;
  for (const Tensor* input : inputs) {
    types.push_back(input->type());
    from.push_back(input->bytes().data());
  }
  const ReduceStep step(layer, types, outputs[0]->type(), reduce::make_reduction(layer, types[0].shape).value());
  std::vector<std::int64_t> scratch(step.scratch_bytes() / sizeof(std::int64_t) + 1);
  std::byte* to = outputs[0]->bytes().data();
  step.run(from.data(), &to, reinterpret_cast<std::byte*>(scratch.data()));
}

Result<std::unique_ptr<Step>> Reduce::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                              std::span<const TensorType> outputs, InstructionSet) const {
  ALGEAN_ASSIGN(const Reduction reduction, reduce::make_reduction(layer, inputs[0].shape));
  return std::make_unique<ReduceStep>(layer, inputs, outputs[0], reduction);
}

}  // namespace algean::kernels
