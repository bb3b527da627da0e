// Every node test of the ONNX project: imported and equal, or refused by the named error.
#include "tests/unit/partitioner/import_onnx/node_cases.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "partitioner/import_onnx/onnx_file.hpp"
#include "partitioner/import_onnx/onnx_reader.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

// Without a child process a case: the tests' files are no enemies.
Result<Imported> import_model(const onnx::ModelProto& model) {
  const std::string bytes = model.SerializeAsString();
  ALGEAN_ASSIGN(const auto packed, pack_onnx(std::as_bytes(std::span(bytes)), "case"));
  ALGEAN_ASSIGN(const OnnxModel read, unpack_onnx(packed, "case"));
  return convert_onnx(read, kernels::library(), "case");
}

// The inputs of inference n; integers go in as the numbers that they are.
std::vector<Tensor> inputs_of(const NodeCase& node_case, const Prepared& prepared, const kernels::Graph& graph,
                              std::size_t n) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < prepared.fed.size(); ++i) {
    const auto all = elements_of(node_case.inputs.at(prepared.fed[i])).value();
    Tensor tensor({ElementType::float32(), graph.values[graph.inputs[i].value].type.shape});
    const auto to = tensor.elements<float>();
    for (std::size_t e = 0; e < to.size(); ++e) to[e] = static_cast<float>(all.at(n * to.size() + e));
    result.push_back(std::move(tensor));
  }
  return result;
}

// One inference, in integers where the file has integers.
Result<std::vector<Tensor>> run(const Imported& imported, std::vector<Tensor> inputs) {
  const kernels::Graph* graph = &imported.graph;
  Result<kernels::Graph> integers;
  if (!imported.types.empty()) {
    integers = quantise(imported.graph, kernels::library(), {}, imported.types);
    if (integers) {
      graph = &*integers;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        ALGEAN_ASSIGN(inputs[i], algean::quantise(inputs[i], graph->values[graph->inputs[i].value].type.element));
      }
    }
  }
  ALGEAN_ASSIGN(auto outputs, kernels::interpret(*graph, kernels::library(), inputs));
  for (Tensor& output : outputs) {
    if (output.type().element.is_integer()) output = dequantise(output);
  }
  return outputs;
}

// The project's own tolerances for real numbers; one step for integers.
bool is_near(double value, double expected, bool is_real) {
  if (std::isnan(expected)) return std::isnan(value);
  if (value == expected) return true;
  return std::abs(value - expected) <= (is_real ? 1e-7 + 1e-3 * std::abs(expected) : 1.0);
}

// "" where every output is as expected.
std::string compare(const NodeCase& node_case, const Prepared& prepared, const Imported& imported, bool wrapped) {
  const auto& first = node_case.inputs.at(prepared.fed.at(0));
  const auto batch = wrapped || first.dims_size() == 0 ? 1 : static_cast<std::size_t>(first.dims(0));
  std::vector<std::vector<float>> values(imported.graph.outputs.size());
  std::vector<Shape> shapes(values.size());
  for (std::size_t n = 0; n < batch; ++n) {
    const auto outputs = run(imported, inputs_of(node_case, prepared, imported.graph, n));
    if (!outputs) return outputs.error().message;
    for (std::size_t o = 0; o < outputs->size(); ++o) {
      const auto elements = (*outputs)[o].elements<float>();
      values[o].insert(values[o].end(), elements.begin(), elements.end());
      shapes[o] = (*outputs)[o].shape();
    }
  }
  for (std::size_t o = 0; o < values.size(); ++o) {
    const auto expected = elements_of(node_case.outputs.at(o));
    if (!expected) return "an output of a type that cannot be compared";
    std::vector<std::int64_t> extents(shapes[o].extents().begin(), shapes[o].extents().end());
    if (!wrapped) extents.insert(extents.begin(), static_cast<std::int64_t>(batch));
    const auto& dims = node_case.outputs[o].dims();
    if (!std::ranges::equal(extents, dims)) return fmt::format("output {} has shape {}", o, shapes[o].text());
    const bool is_real = node_case.outputs[o].data_type() == onnx::TensorProto::FLOAT;
    for (std::size_t i = 0; i < expected->size(); ++i) {
      if (!is_near(static_cast<double>(values[o].at(i)), (*expected)[i], is_real)) {
        return fmt::format("output {}, element {}: {}, {} expected", o, i, values[o][i], (*expected)[i]);
      }
    }
  }
  return "";
}

struct Counts {
  int passed = 0;
  int unsupported = 0;
  int failed = 0;
};

// The error of a case that no reading can import names a node and its operator, or the port that is not supported.
void expect_named(const NodeCase& node_case, const Error& error) {
  EXPECT_EQ(error.kind, ErrorKind::bad_input) << node_case.name;
  EXPECT_THAT(error.message, AnyOf(HasSubstr("input '"), HasSubstr("output '"), HasSubstr("operator set"),
                                   testing::ContainsRegex("\\([A-Za-z.]+\\)[:,]")))
      << node_case.name;
}

void run_case(const NodeCase& node_case, Counts& counts) {
  std::optional<Error> refusal;
  for (const Reading& reading :
       {Reading{false, true}, Reading{false, false}, Reading{true, true}, Reading{true, false}}) {
    const auto prepared = prepare(node_case, reading);
    if (!prepared) continue;
    const auto imported = import_model(prepared->model);
    if (!imported) {
      if (!refusal) refusal = imported.error();
      continue;
    }
    const std::string difference = compare(node_case, *prepared, *imported, reading.wrapped);
    ++(difference.empty() ? counts.passed : counts.failed);
    EXPECT_EQ(difference, "") << node_case.name << (reading.wrapped ? ", wrapped" : "");
    return;
  }
  ASSERT_TRUE(refusal) << node_case.name;
  expect_named(node_case, *refusal);
  ++counts.unsupported;
  if (std::getenv("ALGEAN_VERBOSE") != nullptr) fmt::print("{}: {}\n", node_case.name, refusal->message);  // NOLINT
}

TEST(OnnxNodeCases, PassOrAreRefusedByName) {
  const auto folders = node_case_folders();
  if (folders.empty()) GTEST_SKIP() << "Debian's libonnx-testdata is not installed";
  Counts counts;
  int other = 0;
  for (const auto& folder : folders) {
    const auto node_case = read_node_case(folder);
    if (node_case) {
      run_case(*node_case, counts);
    } else {
      ++other;
    }
  }
  fmt::print("ONNX node cases: {} passed, {} unsupported (and {} of sequences or optional values), {} failed\n",
             counts.passed, counts.unsupported, other, counts.failed);
  EXPECT_EQ(counts.failed, 0);
  EXPECT_GE(counts.passed, 180);
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
