#include "partitioner/compare/compare.hpp"

#include "cluster/cli/batch.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/compare_report.hpp"
#include "cluster/cli/loading.hpp"
#include "partitioner/compare/program_source.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  std::string input;
  std::string against;
  std::string instructions;
};

Result<kernels::Graph> program_graph(const Options& options, const kernels::Graph& integer_graph, Context& context) {
  if (options.against.empty()) return integer_graph;
  ALGEAN_ASSIGN(const auto other, load_net(options.against, context));
  ALGEAN_ASSIGN(const kernels::Graph* graph, choose_precision(other, "integer"));
  return *graph;
}

Result<Outcome> run(const Options& options, Context& context) {
  auto instructions = kernels::best_instruction_set();
  if (!options.instructions.empty()) {
    ALGEAN_ASSIGN(instructions, kernels::parse_instruction_set(options.instructions));
  }
  ALGEAN_ASSIGN(const auto loaded, load_net(options.net, context));
  ALGEAN_ASSIGN(const kernels::Graph* integers, choose_precision(loaded, "integer"));
  ALGEAN_ASSIGN(const auto program, program_graph(options, *integers, context));
  ALGEAN_ASSIGN(const Batch batch, read_batch(options.input, integers->ports(integers->inputs)));
  ALGEAN_ASSIGN(const auto source,
                partitioner::make_program_source(*integers, program, context.families, instructions));
  partitioner::TensorSource* const sources[] = {source.get()};
  const auto progress = [&](std::string_view step, std::size_t done, std::size_t total) {
    context.console.progress(step, done, total);
  };
  const auto report =
      partitioner::compare(loaded.float_graph, *integers, context.families, sources, batch.tensors, progress);
  context.console.clear_progress();
  if (!report) return std::unexpected(report.error());
  context.console.block(comparison_table(*report));
  for (const auto& each : report->sources) context.console.text("{}", verdict(*report, each));
  Json document = to_json(*report);
  document["instructions"] = kernels::to_text(instructions);
  return Outcome{report->difference() == nullptr ? 0 : 1, std::move(document)};
}

}  // namespace

void add_compare(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add(
      "compare", "set float reference, integer reference and compiled program side by side; name the first difference",
      "algean compare net.json --input x.npy");
  command.option("NET", options->net, "quantised network, or one that its net.json quantises", {.required = true});
  command.option("--input", options->input, ".npy or .csv (one input), or .npz (arrays by input name)",
                 {.required = true});
  command.option("--against", options->against, "compile the program from this NET: which layer differs?");
  command.option("--instructions", options->instructions,
                 "portable, avx2, avx_vnni or avx512_vnni (default: the widest of this CPU)");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
