#include "partitioner/import_onnx/operators.hpp"

#include <algorithm>
#include <map>

#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner {
namespace {

using namespace operators;

constexpr std::string_view microsoft = "com.microsoft";

const std::map<std::pair<std::string_view, std::string_view>, const Operator*>& all_operators() {
  static const auto rows = [] {
    std::map<std::pair<std::string_view, std::string_view>, const Operator*> all;
    for (const auto group : {activation_operators(), eltwise_operators(), weighted_operators(), pool_operators(),
                             reduce_operators(), shape_operators(), movement_operators(), quantised_operators()}) {
      for (const Operator& row : group) all.emplace(std::pair(row.domain, row.name), &row);
    }
    return all;
  }();
  return rows;
}

const Operator* find_operator(const OnnxNode& node) {
  const auto& rows = all_operators();
  const std::string_view domain = node.domain == "ai.onnx" ? "" : std::string_view(node.domain);
  auto found = rows.find({domain, node.operation});
  // ONNX Runtime puts ONNX's own ones there for types that are younger than the model's operator set
  const bool own =
      node.operation == "QuantizeLinear" || node.operation == "DequantizeLinear" || node.operation == "Gelu";
  if (found == rows.end() && domain == microsoft && own) found = rows.find({"", node.operation});
  return found == rows.end() ? nullptr : found->second;
}

std::unexpected<Error> unsupported(const OnnxNode& node) {
  if (node.operation.starts_with("Dynamic") || node.operation.starts_with("MatMulIntegerToFloat")) {
    return bad_input("dynamic quantisation is not supported; quantise the model with calibration data (static)");
  }
  return bad_input("operator not supported");
}

// The integers that a node which only moves them gives on: those of its first input that has any.
Result<std::optional<OnnxCodes>> moved_codes(OnnxConverter& converter, const OnnxNode& node) {
  std::optional<OnnxCodes> codes;
  bool first = true;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!OnnxConverter::has_input(node, i)) continue;
    ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, i));
    if (meaning->constant) continue;
    if (!first && meaning->codes != codes) return bad_input("its inputs are integers that stand for different numbers");
    codes = meaning->codes;
    first = false;
  }
  return codes;
}

Result<Outputs> convert(OnnxConverter& converter, const OnnxNode& node, const Operator& row) {
  if (row.integers == Integers::read) return row.convert(converter, node);
  ALGEAN_ASSIGN(const auto codes, moved_codes(converter, node));
  if (codes && row.integers == Integers::none) return bad_input("reads {}, which is not supported", codes->type);
  ALGEAN_ASSIGN(Outputs outputs, row.convert(converter, node));
  for (OnnxMeaning& output : outputs) {
    if (codes && output.value) output.codes = codes;
  }
  return outputs;
}

}  // namespace

std::vector<std::string> onnx_operators() {
  std::vector<std::string> names;
  for (const auto& [key, row] : all_operators()) {
    names.push_back(fmt::format("{}{}{}", row->domain, row->domain.empty() ? "" : ".", row->name));
  }
  for (const std::string_view name : folded_operators()) {
    if (!all_operators().contains({"", name})) names.push_back(fmt::format("{} (of constants)", name));
  }
  std::ranges::sort(names);
  return names;
}

Result<std::vector<OnnxMeaning>> convert_node(OnnxConverter& converter, const OnnxNode& node) {
  const Operator* row = find_operator(node);
  if (node.outputs[0].empty()) {
    return row == nullptr ? unsupported(node) : bad_input("leaves its first output out, which is not supported");
  }
  if (auto folded = fold(converter, node)) return *std::move(folded);
  if (row == nullptr) return unsupported(node);
  return convert(converter, node, *row);
}

}  // namespace algean::partitioner
