#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "runtime/base/result.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::partitioner {

// Whatever runs a network of integers, and shows the tensors that it computes: a compiled program, a running cluster.
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  // "program", "cluster": for messages and tables.
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Whether tensors inside are to be kept, from the next run on. Not so at first. Both ways the same answers are due.
  virtual Result<> tap(bool on) = 0;
  // One inference: the integers of each input of the network, in its order.
  virtual Result<> run(std::span<const Tensor> inputs) = 0;
  // An output of the last run, in the network's order.
  [[nodiscard]] virtual const Tensor& output(std::size_t index) const = 0;
  // A tensor inside, of the last run: none where this source does not show it. Only while tapped.
  [[nodiscard]] virtual std::optional<Tensor> tensor(std::string_view value) const = 0;
  // The name of the node that a layer lies on; empty where there are none.
  [[nodiscard]] virtual std::string_view node(std::string_view layer) const = 0;
};

}  // namespace algean::partitioner
