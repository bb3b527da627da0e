// Layers for the sweeps of kernels/cost:
//   cost_layers draw SEED COUNT     lines of layers (tests/support/cost_layers.hpp)
//   cost_layers modules < LINES     the modules of these layers, as points for kernels/cost/sweep/sweep.py
//   cost_layers write DIR < LINES   an RTL project for each, DIR/0, DIR/1, ...
#include "tests/support/cost_layers.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <set>

#include "kernels/circuit/join.hpp"
#include "kernels/circuit/project.hpp"
#include "kernels/library/library.hpp"

namespace {

using namespace algean;

// A module with its parameters, memories as random contents of their size.
std::string point(const kernels::ModuleInstance& instance, const kernels::Netlist& netlist) {
  std::string text = instance.module;
  for (const kernels::ModuleParameter& parameter : instance.parameters) {
    if (const auto* number = std::get_if<std::int64_t>(&parameter.value)) {
      text += fmt::format(" {}={}", parameter.name, *number);
    } else {
      const auto& image = netlist.images[std::get<kernels::ImageIndex>(parameter.value).index];
      text += fmt::format(" {}=random:{}x{}", parameter.name, image.word_bits, image.words());
    }
  }
  return text;
}

Result<kernels::Graph> graph_of(const testing_support::CostLayer& layer) {
  kernels::Graph graph{"layer", {}, {}, {}, {}};
  kernels::Layer added{layer.spec, {}, {}};
  for (const TensorType& type : layer.inputs) {
    const std::string name = fmt::format("in{}", added.inputs.size());
    added.inputs.push_back(graph.add_value(name, type));
    graph.inputs.push_back({name, added.inputs.back(), ExternalForm::integer});
  }
  for (const TensorType& type : layer.outputs) {
    const std::string name = fmt::format("out{}", added.outputs.size());
    added.outputs.push_back(graph.add_value(name, type));
    graph.outputs.push_back({name, added.outputs.back(), ExternalForm::integer});
  }
  graph.layers.push_back(std::move(added));
  ALGEAN_TRY(kernels::verify(graph, kernels::library()));
  return graph;
}

Result<kernels::Design> design_of(const std::string& line) {
  ALGEAN_ASSIGN(const auto layer, testing_support::cost_layer(line, kernels::library()));
  ALGEAN_ASSIGN(const auto graph, graph_of(layer));
  return kernels::join(graph, kernels::library(), {&layer.hardware, 1});
}

Result<> print_modules() {
  std::set<std::string> known;
  for (std::string line; std::getline(std::cin, line);) {
    ALGEAN_ASSIGN(const auto design, design_of(line));
    const kernels::Netlist& netlist = design.layers.front().netlist;
    for (const auto& instance : netlist.instances) {
      const std::string text = point(instance, netlist);
      if (known.insert(text).second) fmt::print("{}\n", text);
    }
  }
  return {};
}

Result<> write_projects(const std::filesystem::path& folder) {
  std::size_t at = 0;
  for (std::string line; std::getline(std::cin, line); ++at) {
    ALGEAN_ASSIGN(const auto design, design_of(line));
    ALGEAN_ASSIGN(const auto files, kernels::project_files(design, {}, {line}));
    ALGEAN_TRY(kernels::write_project(folder / std::to_string(at), files));
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "draw") {
    for (const auto& line :
         testing_support::draw_cost_layers(std::stoull(arguments[1]), std::stoull(arguments[2]), kernels::library())) {
      fmt::print("{}\n", line);
    }
    return 0;
  }
  Result<> done = bad_input("usage: cost_layers draw SEED COUNT | modules < LINES | write DIR < LINES");
  if (arguments.size() == 1 && arguments[0] == "modules") done = print_modules();
  if (arguments.size() == 2 && arguments[0] == "write") done = write_projects(arguments[1]);
  if (done) return 0;
  fmt::print(stderr, "cost_layers: {}\n", done.error().message);
  return 2;
}
