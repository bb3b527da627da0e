// What the importers of single operators share, and who imports what. Each turns a node into its meaning, or says why
// not.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "partitioner/import_onnx/operators.hpp"

namespace algean::partitioner::operators {

using Extents = std::vector<std::int64_t>;

// An attribute of that type, or `fallback` where the node has none.
template <class T>
Result<T> attribute(const OnnxNode& node, const std::string& name, T fallback, const char* type) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return fallback;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) return bad_input("attribute '{}' must be {}", name, type);
  return *value;
}

Result<std::int64_t> integer(const OnnxNode& node, const std::string& name, std::int64_t fallback);
Result<double> real(const OnnxNode& node, const std::string& name, double fallback);
// bad_input unless the attribute is `expected` or absent.
Result<> must_be(const OnnxNode& node, const std::string& name, std::int64_t expected);
// bad_input for any attribute but these.
Result<> only(const OnnxNode& node, const std::set<std::string>& known);

std::string text(const Extents& extents);  // "[2,3]"

// operators_dense.cpp
Result<OnnxMeaning> gemm(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> matmul(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> add(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> batch_norm(OnnxConverter& converter, const OnnxNode& node);
// operators_shape.cpp
Result<OnnxMeaning> flatten(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> reshape(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> squeeze(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> unsqueeze(OnnxConverter& converter, const OnnxNode& node);
Result<OnnxMeaning> transpose(OnnxConverter& converter, const OnnxNode& node);

}  // namespace algean::partitioner::operators
