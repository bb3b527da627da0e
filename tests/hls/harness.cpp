#include "tests/hls/harness.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "kernels/library/library.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/random_integers.hpp"

namespace algean::hls_tests {
namespace {

namespace fs = std::filesystem;

// What a command says, and whether it ended well.
struct Said {
  int status = -1;
  std::string text;
};
Said run(const std::string& command) {
  Said said;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");  // NOLINT: a test's own command
  if (pipe == nullptr) return said;
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) said.text += buffer.data();
  said.status = ::pclose(pipe);
  return said;
}

}  // namespace

TensorType codes(Shape shape, double scale, std::int32_t zero) {
  return {ElementType::int8(Quantisation::per_tensor(scale, zero)), std::move(shape)};
}

std::shared_ptr<const Tensor> reals(const Shape& shape, double largest, std::uint64_t seed) {
  Random random(seed + static_cast<std::uint64_t>(shape.elements()));
  std::vector<float> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    values.push_back(static_cast<float>(largest * (static_cast<double>(random.next() % 2001) / 1000 - 1)));
  }
  return std::make_shared<const Tensor>(TensorType{ElementType::float32(), shape}, std::span<const float>(values));
}

std::vector<std::vector<Tensor>> random_inputs(const kernels::Graph& graph, std::size_t inferences) {
  Random random(7);
  std::vector<std::vector<Tensor>> result(inferences);
  for (auto& inference : result) {
    for (const kernels::GraphPort& port : graph.inputs) {
      inference.push_back(testing_support::random_integers(graph.values[port.value].type, random));
    }
  }
  return result;
}

void expect_csim_is_reference(const std::string& name, const kernels::Graph& graph,
                              std::span<const kernels::Folding> foldings, std::span<const std::vector<Tensor>> inputs,
                              const std::vector<std::string>& tops, kernels::HlsControl control) {
  const fs::path folder = fs::path(ALGEAN_HLS_BUILD) / name;
  const auto write = [&]() -> Result<> {
    ALGEAN_ASSIGN(const auto design, kernels::make_hls_design(graph, kernels::library(), foldings));
    ALGEAN_ASSIGN(const auto vectors, kernels::hls_vectors(graph, kernels::library(), inputs));
    fs::create_directories(folder.parent_path());
    return kernels::write_hls_project(folder,
                                      kernels::hls_project_files(design, graph, vectors, control, {"Made by a test."}));
  };
  const auto written = write();
  ASSERT_TRUE(written.has_value()) << written.error().message;
  std::string command =
      fmt::format("CXX='{}' CXXFLAGS='-O1 -Werror' sh '{}/csim.sh'", ALGEAN_HLS_COMPILER, folder.string());
  for (const std::string& top : tops) command += " '" + top + "'";
  const Said said = run(command);
  EXPECT_EQ(said.status, 0) << said.text;
  for (const std::string& top : tops) {
    EXPECT_NE(said.text.find(fmt::format("{}: {} inferences, ", top, inputs.size())), std::string::npos) << said.text;
  }
  std::printf("%s: %s", name.c_str(), said.text.c_str());
}

void expect_csim_is_reference(const std::string& name, const kernels::Graph& graph, std::int64_t interval_cycles,
                              std::span<const std::vector<Tensor>> inputs, const std::vector<std::string>& tops) {
  const auto foldings = kernels::choose_hls_foldings(graph, kernels::library(), interval_cycles);
  ASSERT_TRUE(foldings.has_value()) << foldings.error().message;
  expect_csim_is_reference(name, graph, *foldings, inputs, tops);
}

void Layers::add(const std::string& operation, const kernels::Attributes& attributes,
                 const std::vector<TensorType>& inputs, const std::vector<TensorType>& outputs,
                 const std::string& arithmetic, const Constants& constants, const List& intervals) {
  kernels::LayerSpec layer{fmt::format("{}_{}", operation, graph_.layers.size()), operation, attributes, constants};
  if (!arithmetic.empty()) layer.attributes.set("arithmetic", arithmetic);
  const kernels::Family* family = kernels::find_family(kernels::library(), operation);
  ASSERT_NE(family, nullptr) << operation;
  const auto integer = family->quantise(layer, inputs, outputs);
  ASSERT_TRUE(integer.has_value()) << operation << ": " << integer.error().message;
  add_integer(*integer, inputs, outputs, intervals);
}

void Layers::add_integer(const kernels::LayerSpec& layer, const std::vector<TensorType>& inputs,
                         const std::vector<TensorType>& outputs, const List& intervals) {
  const kernels::HlsForm* form = kernels::find_family(kernels::library(), layer.operation)->hls();
  ASSERT_NE(form, nullptr) << layer.operation;
  for (const std::int64_t interval : intervals) {
    auto folding = form->folding(layer, inputs, outputs, interval == 0 ? std::int64_t{1} << 60 : interval);
    for (std::int64_t next = 2; interval == 1 && !folding && next < std::int64_t{1} << 60; next *= 2)
      folding = form->folding(layer, inputs, outputs, next);
    ASSERT_TRUE(folding.has_value()) << layer.name << ": " << folding.error().message;
    kernels::Layer added{layer, {}, {}};
    added.spec.name = fmt::format("{}_{}x{}", layer.name, folding->simd, folding->pe);
    if (!foldings_.empty() && graph_.layers.back().spec.name == added.spec.name) continue;  // the same folding again
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::string name = fmt::format("{}.in{}", added.spec.name, i);
      added.inputs.push_back(graph_.add_value(name, inputs[i]));
      graph_.inputs.push_back({name, added.inputs.back(), ExternalForm::integer});
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string name = fmt::format("{}.out{}", added.spec.name, i);
      added.outputs.push_back(graph_.add_value(name, outputs[i]));
      graph_.outputs.push_back({name, added.outputs.back(), ExternalForm::integer});
    }
    graph_.layers.push_back(std::move(added));
    foldings_.push_back(*folding);
  }
}

void Layers::run(const std::string& name, std::size_t inferences) {
  graph_.name = name;
  const auto verified = kernels::verify(graph_, kernels::library());
  ASSERT_TRUE(verified.has_value()) << verified.error().message;
  expect_csim_is_reference(name, graph_, foldings_, random_inputs(graph_, inferences), {"network"});
}

}  // namespace algean::hls_tests
