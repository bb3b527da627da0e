#include "cluster/cli/build_rtl.hpp"

#include <fmt/format.h>

#include "cluster/cli/build.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "kernels/circuit/report.hpp"
#include "kernels/graph/text.hpp"
#include "runtime/base/crc32c.hpp"

namespace algean::cluster {
namespace {

// What made the project, and from which inputs.
std::vector<std::string> origin(const std::string& net, const InHardware& made, const RtlArguments& all) {
  const HardwareArguments& arguments = all.hardware;
  const auto bytes = kernels::serialise(made.graph);
  std::string options;
  if (arguments.interval != 0) options += fmt::format(" --interval {}", arguments.interval);
  if (all.bridge_bits != 0) options += fmt::format(" --bridge-bits {}", all.bridge_bits);
  for (const std::string& layer : arguments.layers) options += fmt::format(" --layers {}", layer);
  if (arguments.loadable) options += " --loadable";
  if (arguments.ultra) options += " --uram";
  if (arguments.unpacked) options += " --unpacked";
  return {fmt::format("Made by algean {} from {} (lowered graph: CRC-32C {:08x}), build --rtl{}.", build_version,
                      std::filesystem::path(net).filename().string(), crc32c(bytes), options),
          "Changes are lost when it is made again."};
}

}  // namespace

void add_rtl_options(Command& command, RtlArguments& arguments) {
  command.flag("--rtl", arguments.rtl, "write an RTL project of NET instead: SystemVerilog, memories, a simulation");
  add_hardware_options(command, arguments.hardware);
  command.option("--bridge-bits", arguments.bridge_bits,
                 "of --rtl: adds a kernel with AXI ports, whose AXI4-Streams have so many bits",
                 {.low = 8, .high = 4096});
  command.option("--vectors", arguments.vectors, "of --rtl and --hls: inferences in vectors/ (default: 8)",
                 {.low = 1, .high = 100000});
}

Result<> check_without_rtl(const RtlArguments& arguments) {
  const HardwareArguments& hardware = arguments.hardware;
  const char* given = hardware.interval != 0       ? "--interval"
                      : hardware.loadable          ? "--loadable"
                      : hardware.ultra             ? "--uram"
                      : hardware.unpacked          ? "--unpacked"
                      : !hardware.layers.empty()   ? "--layers"
                      : arguments.bridge_bits != 0 ? "--bridge-bits"
                      : arguments.vectors != 0     ? "--vectors"
                                                   : nullptr;
  if (given != nullptr) return bad_input("build: {} goes with --rtl or --hls", given);
  return {};
}

Result<Outcome> build_rtl(const std::vector<std::string>& files, const std::string& output,
                          const RtlArguments& arguments, Context& context) {
  if (files.size() != 1) return bad_input("build: --rtl takes NET alone, without a cluster");
  ALGEAN_ASSIGN(const InHardware made, hardware_of_net(files.front(), arguments.hardware, context));
  ALGEAN_ASSIGN(const auto vectors, test_vectors(made, arguments.vector_count(), context));
  kernels::ProjectOptions options;
  if (arguments.bridge_bits != 0) options.bridge_bits = static_cast<std::int64_t>(arguments.bridge_bits);
  ALGEAN_ASSIGN(const auto project,
                kernels::project_files(made.design, vectors, origin(files.front(), made, arguments), options));
  {
    const HoldSignals hold;
    ALGEAN_TRY(kernels::write_project(output, project));
  }
  std::int64_t multipliers = 0;
  ALGEAN_ASSIGN(const auto rows, kernels::report(made.design, made.graph));
  for (const auto& row : rows) multipliers += row.multipliers;
  context.console.text("{}: {} layers, {} cycles an inference, {} multipliers -> {}", made.loaded.name,
                       made.design.layers.size(), made.design.interval, multipliers, output);
  return Outcome{0,
                 {{"name", made.loaded.name},
                  {"interval_cycles", made.design.interval},
                  {"multipliers", multipliers},
                  {"files", project.size()},
                  {"folder", output}}};
}

}  // namespace algean::cluster
