#include "cluster/cli/hardware.hpp"

#include <algorithm>
#include <cmath>

#include "cluster/cli/loading.hpp"
#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/join.hpp"
#include "kernels/graph/extract.hpp"
#include "kernels/program/program.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::cluster {
namespace {

// What net.json wants of hardware, in cycles.
Result<std::optional<std::int64_t>> wanted_interval(const partitioner::Net& net) {
  if (!net.target) return std::nullopt;
  if (net.target->interval_cycles) return net.target->interval_cycles;
  if (!net.target->clock_mhz) {
    return bad_input("{}: `target` states inferences_per_s without clock_mhz", net.file.string());
  }
  const double cycles = *net.target->clock_mhz * 1e6 / *net.target->inferences_per_s;
  if (cycles < 1 || cycles > 1e15) {
    return bad_input("{}: `target`: {} inferences a second at {} MHz are {:.3g} cycles each", net.file.string(),
                     *net.target->inferences_per_s, *net.target->clock_mhz, cycles);
  }
  return static_cast<std::int64_t>(std::floor(cycles));
}

Result<kernels::FoldingGoal> goal_of(const partitioner::Loaded& loaded, const HardwareArguments& arguments) {
  kernels::FoldingGoal goal;
  if (arguments.ultra && !arguments.loadable)
    return bad_input("--uram goes with --loadable: a ROM is not made of UltraRAM");
  goal.options = {.packed = !arguments.unpacked, .loadable = arguments.loadable, .ultra = arguments.ultra};
  if (loaded.net) {
    ALGEAN_ASSIGN(goal.interval_cycles, wanted_interval(*loaded.net));
    for (const auto& hint : loaded.net->layers) {
      if (hint.reuse_factor) goal.reuse_factors[hint.layer] = *hint.reuse_factor;
    }
  }
  if (arguments.interval != 0) goal.interval_cycles = static_cast<std::int64_t>(arguments.interval);
  return goal;
}

// The named layers with what they read and do not make as inputs, and what others need of them as outputs.
Result<kernels::Graph> part_of(const kernels::Graph& graph, const std::vector<std::string>& names) {
  if (names.empty()) return graph;
  std::vector<std::size_t> layers;
  std::vector<bool> made(graph.values.size(), false), read(graph.values.size(), false),
      needed(graph.values.size(), false);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const kernels::Layer& layer = graph.layers[i];
    const bool chosen = std::ranges::find(names, layer.spec.name) != names.end();
    if (chosen) layers.push_back(i);
    for (const kernels::ValueId value : layer.inputs) (chosen ? read : needed)[value] = true;
    for (const kernels::ValueId value : layer.outputs) made[value] = chosen;
  }
  for (const std::string& name : names) {
    const auto is_it = [&](const kernels::Layer& layer) { return layer.spec.name == name; };
    if (std::ranges::none_of(graph.layers, is_it)) return bad_input("--layers: the network has no layer '{}'", name);
  }
  for (const kernels::GraphPort& port : graph.outputs) needed[port.value] = true;
  std::vector<kernels::ValueId> inputs, outputs;
  for (kernels::ValueId value = 0; value < graph.values.size(); ++value) {
    if (read[value] && !made[value]) inputs.push_back(value);
    if (made[value] && needed[value]) outputs.push_back(value);
  }
  return kernels::extract(graph, graph.name, layers, inputs, outputs);
}

// Names of the ports' values: what the whole network must keep.
std::vector<std::string> names_of(const kernels::Graph& graph, const std::vector<kernels::GraphPort>& ports) {
  std::vector<std::string> names;
  for (const kernels::GraphPort& port : ports) names.push_back(graph.values[port.value].name);
  return names;
}

}  // namespace

void add_hardware_options(Command& command, HardwareArguments& arguments) {
  command.option("--interval", arguments.interval,
                 "clock cycles from one inference to the next (default: net.json's target, else the smallest circuit)",
                 {.low = 1, .high = 1e15});
  command.option("--layers", arguments.layers, "only these layers, as one circuit; --layers A --layers B");
  command.flag("--loadable", arguments.loadable, "weights behind load ports, in two banks, instead of in ROM");
  command.flag("--uram", arguments.ultra, "of --loadable: the two banks in UltraRAM instead of block RAM");
  command.flag("--unpacked", arguments.unpacked, "one multiplication in a DSP48E2, never two");
}

Result<NetPart> part_of_net(const std::string& net, const HardwareArguments& arguments, Context& context) {
  partitioner::LoadOptions loading;
  loading.require_integer = true;
  ALGEAN_ASSIGN(auto loaded, load_net(net, context, loading));
  ALGEAN_ASSIGN(auto goal, goal_of(loaded, arguments));
  ALGEAN_ASSIGN(auto graph, part_of(loaded.runnable(), arguments.layers));
  if (!arguments.layers.empty())
    std::erase_if(goal.reuse_factors, [&](const auto& each) {
      return std::ranges::find(arguments.layers, each.first) == arguments.layers.end();
    });
  return NetPart{std::move(loaded), std::move(graph), std::move(goal)};
}

Result<InHardware> hardware_of_net(const std::string& net, const HardwareArguments& arguments, Context& context) {
  ALGEAN_ASSIGN(auto part, part_of_net(net, arguments, context));
  ALGEAN_ASSIGN(const auto hardware, kernels::choose_foldings(part.graph, context.families, part.goal));
  ALGEAN_ASSIGN(auto design, kernels::join(part.graph, context.families, hardware));
  return InHardware{std::move(part), std::move(design)};
}

Result<kernels::Vectors> test_vectors(const NetPart& made, std::size_t count, Context& context) {
  const kernels::Graph& whole = made.loaded.runnable();
  const auto ports = whole.ports(whole.inputs);
  ALGEAN_ASSIGN(auto inferences, self_check_inputs(made.loaded, ports, count));
  const auto inputs = names_of(made.graph, made.graph.inputs);
  const auto outputs = names_of(made.graph, made.graph.outputs);
  kernels::CompileOptions options;
  options.taps = inputs;
  options.taps.insert(options.taps.end(), outputs.begin(), outputs.end());
  ALGEAN_ASSIGN(const auto program, kernels::compile(whole, context.families, options));
  std::vector<Tensor> answers;
  std::vector<std::byte*> to;
  for (const Port& port : program->outputs()) answers.emplace_back(port.type);
  for (Tensor& answer : answers) to.push_back(answer.bytes().data());
  kernels::Vectors vectors;
  for (auto& inference : inferences) {
    std::vector<const std::byte*> from;
    for (std::size_t i = 0; i < inference.size(); ++i) {
      if (inference[i].type().element.is_float()) {
        ALGEAN_ASSIGN(inference[i], quantise(inference[i], ports[i].type.element));
      }
      from.push_back(inference[i].bytes().data());
    }
    program->run(from, to);
    auto& in = vectors.inputs.emplace_back();
    auto& out = vectors.outputs.emplace_back();
    for (const std::string& name : inputs) in.push_back(program->tap(name));
    for (const std::string& name : outputs) out.push_back(program->tap(name));
  }
  return vectors;
}

}  // namespace algean::cluster
