#pragma once

#include <vector>

#include "partitioner/compare/compare.hpp"

namespace algean::partitioner {

// One source beside the integer reference: inferences without taps first, then the same ones tapped.
class Walk {
 public:
  // Both outlive it.
  Walk(const kernels::Graph& graph, TensorSource& source)
      : graph_(graph),
        source_(source),
        tensors_(graph.values.size()),
        last_differing_(graph.values.size()),
        last_untapped_(graph.values.size()) {}

  // The next inference without taps; its outputs are kept.
  Result<> ask(std::span<const Tensor> inputs);
  Result<> tap(bool on);
  // An inference that was asked, tapped now. `expected`: every value of the integer reference.
  Result<> look(std::size_t inference, std::span<const Tensor> inputs, std::span<const Tensor> expected);

  [[nodiscard]] const Agreement& agreement(kernels::ValueId value) const { return tensors_.at(value); }
  [[nodiscard]] std::string_view node(std::string_view layer) const { return source_.node(layer); }
  [[nodiscard]] SourceReport report() const { return {std::string(source_.name()), difference_}; }

 private:
  Result<> look_inside(std::size_t inference, std::span<const Tensor> expected);
  void note(std::size_t inference, kernels::ValueId value, bool tapped, const Tensor& expected, const Tensor& got);

  const kernels::Graph& graph_;
  TensorSource& source_;
  std::vector<Agreement> tensors_;                                          // by value
  std::vector<std::optional<std::size_t>> last_differing_, last_untapped_;  // inference, by value
  std::vector<std::vector<Tensor>> answers_;                                // without taps, by inference, then output
  std::optional<Difference> difference_;
};

}  // namespace algean::partitioner
