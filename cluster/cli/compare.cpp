#include "partitioner/compare/compare.hpp"

#include <cmath>

#include "cluster/cli/batch.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/table.hpp"
#include "kernels/program/instruction_set.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string net;
  std::string input;
  std::string against;
  std::string instructions;
};

Json describe(const partitioner::CompareReport& report) {
  Json tensors = Json::array();
  for (const auto& tensor : report.tensors) {
    Json entry{{"tensor", tensor.tensor},
               {"layer", tensor.layer},
               {"largest_error", tensor.largest_error},
               {"largest_error_lsb", tensor.largest_error_lsb}};
    entry["snr_db"] = std::isfinite(tensor.snr_db) ? Json(tensor.snr_db) : Json();  // null: no error at all
    tensors.push_back(std::move(entry));
  }
  Json document{{"inferences", report.inferences}, {"tensors", std::move(tensors)}, {"equal", !report.difference}};
  if (report.difference) {
    const auto& difference = *report.difference;
    document["difference"] = {{"inference", difference.inference}, {"tensor", difference.tensor},
                              {"layer", difference.layer},         {"element", difference.element},
                              {"expected", difference.expected},   {"got", difference.got}};
  }
  return document;
}

void show(const partitioner::CompareReport& report, Console& console) {
  if (!report.tensors.empty()) {
    Table table({{"tensor"}, {"layer"}, {"largest error", true}, {"in lsb", true}, {"SNR dB", true}});
    for (const auto& tensor : report.tensors) {
      table.add({tensor.tensor, tensor.layer, fmt::format("{:.6g}", tensor.largest_error),
                 fmt::format("{:.2f}", tensor.largest_error_lsb), fmt::format("{:.1f}", tensor.snr_db)});
    }
    console.text("integer reference against float reference:");
    console.block(table.text());
  }
  if (!report.difference) {
    console.text("program and integer reference: equal, bit for bit, over {} inferences", report.inferences);
    return;
  }
  const auto& difference = *report.difference;
  console.text(
      "program and integer reference: DIFFER first at inference {}, tensor `{}` of layer `{}`, element {}: {}, "
      "expected {}",
      difference.inference, difference.tensor, difference.layer, difference.element, difference.got,
      difference.expected);
}

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
  const auto progress = [&](std::size_t done, std::size_t total) {
    context.console.progress("comparing", done, total);
  };
  ALGEAN_ASSIGN(const auto report, partitioner::compare(loaded.float_graph, *integers, program, context.families,
                                                        batch.tensors, progress, instructions));
  show(report, context.console);
  Json document = describe(report);
  document["instructions"] = kernels::to_text(instructions);
  return Outcome{report.difference ? 1 : 0, std::move(document)};
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
