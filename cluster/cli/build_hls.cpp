#include "cluster/cli/build_hls.hpp"

#include <fmt/format.h>

#include "cluster/cli/build.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/hls/project.hpp"
#include "runtime/base/crc32c.hpp"

namespace algean::cluster {
namespace {

// What made the project, and from which inputs.
std::vector<std::string> origin(const std::string& net, const kernels::Graph& graph, const HlsArguments& arguments,
                                const HardwareArguments& hardware) {
  std::string options;
  if (hardware.interval != 0) options += fmt::format(" --interval {}", hardware.interval);
  for (const std::string& layer : hardware.layers) options += fmt::format(" --layers {}", layer);
  if (arguments.axi_lite) options += " --axi-lite";
  return {fmt::format("Made by algean {} from {} (lowered graph: CRC-32C {:08x}), build --hls{}.", build_version,
                      std::filesystem::path(net).filename().string(), crc32c(kernels::serialise(graph)), options),
          "Changes are lost when it is made again."};
}

}  // namespace

void add_hls_options(Command& command, HlsArguments& arguments) {
  command.flag("--hls", arguments.hls, "write HLS C++ of NET instead: an IP a layer, the whole network, test benches");
  command.flag("--axi-lite", arguments.axi_lite, "of --hls: functions that a host starts, not their streams alone");
}

Result<> check_hls(const HlsArguments& arguments, const RtlArguments& rtl) {
  if (!arguments.hls) return arguments.axi_lite ? bad_input("build: --axi-lite goes with --hls") : Result<>{};
  if (rtl.rtl) return bad_input("build: --hls and --rtl write projects of their own, one at a time");
  const char* given = rtl.hardware.loadable   ? "--loadable"
                      : rtl.hardware.ultra    ? "--uram"
                      : rtl.hardware.unpacked ? "--unpacked"
                      : rtl.bridge_bits != 0  ? "--bridge-bits"
                                              : nullptr;
  if (given != nullptr) return bad_input("build: {} goes with --rtl, not with --hls", given);
  return {};
}

Result<Outcome> build_hls(const std::vector<std::string>& files, const std::string& output,
                          const HlsArguments& arguments, const RtlArguments& rtl, Context& context) {
  if (files.size() != 1) return bad_input("build: --hls takes NET alone, without a cluster");
  ALGEAN_ASSIGN(const NetPart part, part_of_net(files.front(), rtl.hardware, context));
  ALGEAN_ASSIGN(const auto foldings,
                kernels::choose_hls_foldings(part.graph, context.families, part.goal.interval_cycles.value_or(0),
                                             part.goal.reuse_factors));
  ALGEAN_ASSIGN(const auto design, kernels::make_hls_design(part.graph, context.families, foldings));
  ALGEAN_ASSIGN(const auto inferences, test_vectors(part, rtl.vector_count(), context));
  ALGEAN_ASSIGN(const auto vectors, kernels::hls_vectors(part.graph, context.families, inferences.inputs));
  const auto control = arguments.axi_lite ? kernels::HlsControl::axi_lite : kernels::HlsControl::none;
  const auto project = kernels::hls_project_files(design, part.graph, vectors, control,
                                                  origin(files.front(), part.graph, arguments, rtl.hardware));
  {
    const HoldSignals hold;
    ALGEAN_TRY(kernels::write_hls_project(output, project));
  }
  context.console.text("{}: {} layers in HLS C++ -> {}", part.loaded.name, design.layers.size(), output);
  return Outcome{
      0, {{"name", part.loaded.name}, {"layers", design.layers.size()}, {"files", project.size()}, {"folder", output}}};
}

}  // namespace algean::cluster
