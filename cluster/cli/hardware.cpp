#include "cluster/cli/hardware.hpp"

#include <cmath>

#include "cluster/cli/loading.hpp"
#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/join.hpp"
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
  goal.options = {.packed = !arguments.unpacked, .loadable = arguments.loadable};
  if (loaded.net) {
    ALGEAN_ASSIGN(goal.interval_cycles, wanted_interval(*loaded.net));
    for (const auto& hint : loaded.net->layers) {
      if (hint.reuse_factor) goal.reuse_factors[hint.layer] = *hint.reuse_factor;
    }
  }
  if (arguments.interval != 0) goal.interval_cycles = static_cast<std::int64_t>(arguments.interval);
  return goal;
}

}  // namespace

void add_hardware_options(Command& command, HardwareArguments& arguments) {
  command.option("--interval", arguments.interval,
                 "clock cycles from one inference to the next (default: net.json's target, else the smallest circuit)",
                 {.low = 1, .high = 1e15});
  command.flag("--loadable", arguments.loadable, "weights behind load ports, in two banks, instead of in ROM");
  command.flag("--unpacked", arguments.unpacked, "one multiplication in a DSP48E2, never two");
}

Result<InHardware> hardware_of_net(const std::string& net, const HardwareArguments& arguments, Context& context) {
  partitioner::LoadOptions loading;
  loading.require_integer = true;
  ALGEAN_ASSIGN(auto loaded, load_net(net, context, loading));
  ALGEAN_ASSIGN(const auto goal, goal_of(loaded, arguments));
  const kernels::Graph& graph = loaded.runnable();
  ALGEAN_ASSIGN(const auto hardware, kernels::choose_foldings(graph, context.families, goal));
  kernels::JoinOptions options;
  if (arguments.bridge_bits != 0) options.bridge_bits = static_cast<std::int64_t>(arguments.bridge_bits);
  ALGEAN_ASSIGN(auto design, kernels::join(graph, context.families, hardware, options));
  return InHardware{std::move(loaded), std::move(design)};
}

Result<kernels::Vectors> test_vectors(const partitioner::Loaded& loaded, std::size_t count, Context& context) {
  const kernels::Graph& graph = loaded.runnable();
  const auto ports = graph.ports(graph.inputs);
  ALGEAN_ASSIGN(auto inferences, self_check_inputs(loaded, ports, count));
  ALGEAN_ASSIGN(const auto program, kernels::compile(graph, context.families));
  kernels::Vectors vectors;
  for (auto& inference : inferences) {
    std::vector<Tensor> inputs;
    std::vector<const std::byte*> from;
    for (Tensor& tensor : inference) {
      const ElementType& type = ports[inputs.size()].type.element;
      if (tensor.type().element.is_float()) {
        ALGEAN_ASSIGN(auto integers, quantise(tensor, type));
        inputs.push_back(std::move(integers));
      } else {
        inputs.push_back(std::move(tensor));
      }
    }
    for (const Tensor& input : inputs) from.push_back(input.bytes().data());
    std::vector<Tensor> outputs;
    std::vector<std::byte*> to;
    for (const Port& port : program->outputs()) to.push_back(outputs.emplace_back(port.type).bytes().data());
    program->run(from, to);
    vectors.inputs.push_back(std::move(inputs));
    vectors.outputs.push_back(std::move(outputs));
  }
  return vectors;
}

}  // namespace algean::cluster
