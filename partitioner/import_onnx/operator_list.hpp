// Who imports which operator: a file a group, a row each in operators.cpp.
#pragma once

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

// What an operator may read in place of real numbers.
enum class Integers : std::uint8_t {
  none,   // nothing
  moved,  // integers, which it gives on as they are
  read,   // integers, which it knows the meaning of
};

struct Operator {
  std::string_view name;
  Result<Outputs> (*convert)(OnnxConverter&, const OnnxNode&);
  Integers integers = Integers::none;
  std::string_view domain = {};
};

std::span<const Operator> activation_operators();  // operators_activation.cpp: functions of single elements, softmax
std::span<const Operator> eltwise_operators();     // operators_eltwise.cpp: of two or more tensors
std::span<const Operator> weighted_operators();    // operators_dense.cpp, operators_conv.cpp: with weights
std::span<const Operator> pool_operators();        // operators_pool.cpp
std::span<const Operator> reduce_operators();      // operators_reduce.cpp
std::span<const Operator> shape_operators();       // operators_shape.cpp: that move no number
std::span<const Operator> movement_operators();    // operators_movement.cpp, operators_resize.cpp
std::span<const Operator> quantised_operators();   // operators_quantised.cpp, operators_qlinear.cpp

// fold.cpp: a node all of whose inputs are constants, or that reads nothing but a shape. Nothing if it cannot be.
std::optional<Result<Outputs>> fold(OnnxConverter& converter, const OnnxNode& node);
std::span<const std::string_view> folded_operators();

}  // namespace algean::partitioner::operators
