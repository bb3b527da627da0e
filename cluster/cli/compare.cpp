#include "partitioner/compare/compare.hpp"

#include "cluster/cli/batch.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/cli/compare_report.hpp"
#include "cluster/cli/compared_cluster.hpp"
#include "cluster/cli/deploying.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/session.hpp"
#include "partitioner/compare/program_source.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::vector<std::string> words;  // NET, NAME, NAME NET, or CLUSTER NET
  std::string input;
  std::string against;
  std::string instructions;
  std::string poll = "auto";
  double timeout_s = 5;
};

// What is compared.
struct Subject {
  enum class With : std::uint8_t { program, running, temporary };
  With with = With::program;
  Planned planned;   // a plan only for a temporary cluster
  std::string name;  // of a running deployment
  [[nodiscard]] const partitioner::Loaded& loaded() const { return planned.loaded; }
};

Result<Subject> find_subject(const Options& options, Context& context) {
  if (options.words.size() > 2)
    return bad_input("{} words; give [CLUSTER] NET, NAME or NAME NET", options.words.size());
  const std::string& first = options.words.front();
  Subject subject;
  ALGEAN_ASSIGN(const Target target, resolve(first, context.states));
  if (target.kind == Target::Kind::address) {
    return bad_input("`{}` is an address, by which taps are not found: give a deployment's name", first);
  }
  if (target.kind == Target::Kind::deployment) {
    subject.with = Subject::With::running;
    subject.name = first;
    const bool has_net = options.words.size() == 2;
    const std::string net = has_net ? options.words.back() : (context.states.folder(first) / plan_file).string();
    ALGEAN_ASSIGN(subject.planned.loaded, load_net(net, context));
    return subject;
  }
  if (options.words.size() == 2) {
    subject.with = Subject::With::temporary;
    ALGEAN_ASSIGN(subject.planned, plan_to_deploy(options.words, context));
    return subject;
  }
  ALGEAN_ASSIGN(subject.planned.loaded, load_net(first, context));
  return subject;
}

Result<std::unique_ptr<ComparedCluster>> open_cluster(const Subject& subject, const kernels::Graph& integers,
                                                      const Options& options, Context& context) {
  ComparedClusterOptions cluster;
  ALGEAN_ASSIGN(cluster.poll, parse_poll(options.poll));
  cluster.timeout_ns = static_cast<std::int64_t>(options.timeout_s * 1e9);
  switch (subject.with) {
    case Subject::With::program:
      return nullptr;
    case Subject::With::running:
      return ComparedCluster::running(subject.name, integers, cluster, context);
    case Subject::With::temporary:
      return ComparedCluster::temporary(subject.planned, cluster, context);
  }
  return nullptr;
}

Result<std::unique_ptr<partitioner::TensorSource>> open_program(const Options& options, const kernels::Graph& integers,
                                                                kernels::InstructionSet instructions,
                                                                Context& context) {
  if (options.against.empty()) {
    return partitioner::make_program_source(integers, integers, context.families, instructions);
  }
  ALGEAN_ASSIGN(const auto other, load_net(options.against, context));
  ALGEAN_ASSIGN(const kernels::Graph* graph, choose_precision(other, "integer"));
  return partitioner::make_program_source(integers, *graph, context.families, instructions);
}

void show(const partitioner::CompareReport& report, const Subject& subject, Console& console) {
  console.block(comparison_table(report));
  if (!subject.loaded().has_float() && subject.with == Subject::With::running) {
    console.text("no float reference: the deployment holds integers; `algean compare {} NET` takes NET's",
                 subject.name);
  }
  for (const auto& source : report.sources) console.text("{}", verdict(report, source));
}

Result<Outcome> run(const Options& options, Context& context) {
  auto instructions = kernels::best_instruction_set();
  if (!options.instructions.empty()) {
    ALGEAN_ASSIGN(instructions, kernels::parse_instruction_set(options.instructions));
  }
  ALGEAN_ASSIGN(const Subject subject, find_subject(options, context));
  const partitioner::Loaded& loaded = subject.loaded();
  ALGEAN_ASSIGN(const kernels::Graph* integers, choose_precision(loaded, "integer"));
  ALGEAN_ASSIGN(const Batch batch, read_batch(options.input, integers->ports(integers->inputs)));
  ALGEAN_ASSIGN(const auto program, open_program(options, *integers, instructions, context));
  ALGEAN_ASSIGN(const auto cluster, open_cluster(subject, *integers, options, context));
  std::vector<partitioner::TensorSource*> sources{program.get()};
  if (cluster) sources.push_back(&cluster->source());
  const auto progress = [&](std::string_view step, std::size_t done, std::size_t total) {
    context.console.progress(step, done, total);
  };
  const auto report =
      partitioner::compare(loaded.float_graph, *integers, context.families, sources, batch.tensors, progress);
  context.console.clear_progress();
  if (cluster) ALGEAN_TRY(cluster->end());
  if (!report) return std::unexpected(report.error());
  show(*report, subject, context.console);
  Json document = to_json(*report);
  document["instructions"] = kernels::to_text(instructions);
  return Outcome{report->difference() == nullptr ? 0 : 1, std::move(document)};
}

}  // namespace

void add_compare(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add(
      "compare",
      "set float reference, integer reference, compiled program and a cluster side by side; name the first difference",
      "algean compare cluster.yaml net.json --input x.npy");
  command.option("NET", options->words,
                 "[CLUSTER] NET: a quantised network, or one that its net.json quantises; with CLUSTER it is deployed "
                 "for the comparison. Or NAME [NET]: a running deployment",
                 {.required = true});
  command.option("--input", options->input, ".npy or .csv (one input), or .npz (arrays by input name)",
                 {.required = true});
  command.option("--against", options->against, "compile the program from this NET: which layer differs?");
  command.option("--instructions", options->instructions,
                 "of the program: portable, avx2, avx_vnni or avx512_vnni (default: the widest of this CPU)");
  add_poll(command, options->poll);
  add_timeout(command, options->timeout_s);
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
