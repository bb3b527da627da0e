#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

Result<std::int64_t> integer(const OnnxNode& node, const std::string& name, std::int64_t fallback) {
  return attribute<std::int64_t>(node, name, fallback, "an integer");
}

Result<double> real(const OnnxNode& node, const std::string& name, double fallback) {
  return attribute<double>(node, name, fallback, "a float");
}

Result<> must_be(const OnnxNode& node, const std::string& name, std::int64_t expected) {
  ALGEAN_ASSIGN(const std::int64_t value, integer(node, name, expected));
  if (value != expected) return bad_input("{} is {}, which is not supported ({} is)", name, value, expected);
  return {};
}

Result<> only(const OnnxNode& node, const std::set<std::string>& known) {
  for (const auto& [name, value] : node.attributes) {
    if (!known.contains(name)) return bad_input("attribute '{}' not supported", name);
  }
  return {};
}

std::string text(const Extents& extents) { return fmt::format("[{}]", fmt::join(extents, ",")); }

}  // namespace algean::partitioner::operators
