#include "cluster/cli/loading.hpp"

#include <algorithm>

#include "cluster/cli/random_inputs.hpp"
#include "partitioner/pipeline/samples.hpp"

namespace algean::cluster {

Result<partitioner::Loaded> load_net(const std::string& net, Context& context,
                                     const partitioner::LoadOptions& options) {
  const auto progress = [&](std::string_view step, std::size_t done, std::size_t total) {
    context.console.progress(step, done, total);
  };
  auto loaded = partitioner::load(net, context.families, options, progress);
  context.console.clear_progress();
  if (!loaded) return loaded;
  for (const std::string& warning : loaded->warnings) context.console.warn(warning);
  return loaded;
}

Result<const kernels::Graph*> choose_precision(const partitioner::Loaded& loaded, const std::string& precision) {
  if (precision == "integer" && !loaded.integer_graph) {
    return bad_input("{} has no integer form: net.json names no `calibration` inputs", loaded.name);
  }
  if (precision == "float" && !loaded.has_float()) {
    return bad_input("{} has no float form: the file holds integers already", loaded.name);
  }
  return precision == "float" ? &loaded.float_graph : &loaded.runnable();
}

Result<std::vector<std::vector<Tensor>>> self_check_inputs(const partitioner::Loaded& loaded,
                                                           std::span<const Port> ports, std::size_t count) {
  const bool reals = std::ranges::all_of(ports, [](const Port& port) { return port.form == ExternalForm::float32; });
  const auto& net = loaded.net;
  if (!reals || !net || (!net->check && !net->calibration)) return random_inferences(ports, count);
  const auto& file = net->check ? net->check->inputs : net->calibration->inputs;
  ALGEAN_ASSIGN(const auto samples, partitioner::read_samples(file.path, ports, "self-check input"));
  std::vector<std::vector<Tensor>> inferences(std::min(count, samples.count));
  for (std::size_t i = 0; i < inferences.size(); ++i) {
    for (std::size_t port = 0; port < ports.size(); ++port) {
      inferences[i].emplace_back(TensorType{ElementType::float32(), ports[port].type.shape}, samples.of(port, i));
    }
  }
  return inferences;
}

void add_poll(Command& command, std::string& poll) {
  command.option("--poll", poll, "how the client of a deployment waits: auto, spin, yield or block",
                 {.one_of = {"auto", "spin", "yield", "block"}});
}

void add_timeout(Command& command, double& timeout_s) {
  command.option("--timeout", timeout_s, "seconds that a deployment has for each inference",
                 {.low = 0.001, .high = 86400.0});
}

}  // namespace algean::cluster
