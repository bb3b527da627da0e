#include "cluster/cli/command.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/scoring.hpp"
#include "cluster/cli/session.hpp"
#include "cluster/cli/table.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string target;
  std::string inputs;
  std::string labels;
  std::string metric = "auto";
  std::string poll = "auto";
  double timeout_s = 5;
};

// One way to compute the network: "float", "integer", or "deployed".
struct Side {
  std::string name;
  std::unique_ptr<Session> session;
};

Result<std::vector<Side>> open_sides(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Target target, resolve(options.target, context.states));
  ALGEAN_ASSIGN(const Poll poll, parse_poll(options.poll));
  std::vector<Side> sides;
  if (target.kind != Target::Kind::net) {
    const auto timeout_ns = static_cast<std::int64_t>(options.timeout_s * 1e9);
    ALGEAN_ASSIGN(auto session, open_remote(target, context.states, poll, timeout_ns));
    sides.push_back({"deployed", std::move(session)});
    return sides;
  }
  ALGEAN_ASSIGN(const auto loaded, load_net(target.word, context));
  for (const std::string precision : {"float", "integer"}) {
    const auto graph = choose_precision(loaded, precision);
    if (!graph) continue;
    ALGEAN_ASSIGN(auto session, open_local(**graph, context.families));
    sides.push_back({precision, std::move(session)});
  }
  return sides;
}

Result<Score> evaluate(const Side& side, Metric metric, const Options& options, std::span<const std::int64_t> labels,
                       Console& console) {
  ALGEAN_ASSIGN(const Batch batch, read_batch(options.inputs, side.session->inputs()));
  const std::string step = "evaluating (" + side.name + ")";
  const auto progress = [&](std::size_t done, std::size_t total) { console.progress(step, done, total); };
  ALGEAN_ASSIGN(const auto outputs, side.session->infer(batch, progress));
  return score(metric, batch, outputs.front().tensor, labels);
}

void show(const std::vector<Side>& sides, Metric metric, std::span<const Score> scores, std::size_t count,
          Console& console) {
  std::vector<Table::Column> columns{{""}, {std::string(to_text(metric)), true}};
  if (metric == Metric::accuracy) columns.push_back({"correct", true});
  if (metric == Metric::auc) {
    columns.push_back({"mean score normal", true});
    columns.push_back({"mean score anomalous", true});
  }
  Table table(columns);
  for (std::size_t i = 0; i < sides.size(); ++i) {
    std::vector<std::string> cells{sides[i].name, fmt::format("{:.6g}", scores[i].value)};
    if (metric == Metric::accuracy) cells.push_back(fmt::format("{}/{}", scores[i].correct, count));
    if (metric == Metric::auc) {
      cells.push_back(fmt::format("{:.6g}", scores[i].mean_normal.value_or(0)));
      cells.push_back(fmt::format("{:.6g}", scores[i].mean_anomalous.value_or(0)));
    }
    table.add(std::move(cells));
  }
  console.block(table.text());
  if (sides.size() == 2) {
    console.text("difference: {:.6g} over {} inferences", scores[1].value - scores[0].value, count);
  } else {
    console.text("{} inferences", count);
  }
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const std::vector<Side> sides, open_sides(options, context));
  const Session& first = *sides.front().session;
  ALGEAN_ASSIGN(const Batch batch, read_batch(options.inputs, first.inputs()));
  std::vector<std::int64_t> labels;
  if (!options.labels.empty()) {
    ALGEAN_ASSIGN(labels, read_labels(options.labels, batch.count));
  }
  ALGEAN_ASSIGN(const Metric metric, choose_metric(options.metric, first.inputs(), first.outputs(), labels));
  std::vector<Score> scores;
  Json document{{"metric", to_text(metric)}, {"inferences", batch.count}};
  for (const Side& side : sides) {
    ALGEAN_ASSIGN(const Score score, evaluate(side, metric, options, labels, context.console));
    document[side.name] = to_json(metric, score);
    scores.push_back(score);
  }
  show(sides, metric, scores, batch.count, context.console);
  return Outcome{0, std::move(document)};
}

}  // namespace

void add_evaluate(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("evaluate", "measure how good the answers are: float beside integer, for a NET",
                                  "algean evaluate net.json --inputs x.npy --labels y.npy");
  command.option("N|NET", options->target, "a running deployment, or a network to run in this process",
                 {.required = true});
  command.option("--inputs", options->inputs, ".npy or .csv (one input), or .npz (arrays by input name)",
                 {.required = true});
  command.option("--labels", options->labels, "integers, one an inference: classes, or 0 normal and 1 anomalous");
  command.option("--metric", options->metric,
                 "accuracy; auc of the reconstruction error; score, its mean; auto: by shapes and labels",
                 {.one_of = {"auto", "accuracy", "auc", "score"}});
  add_poll(command, options->poll);
  add_timeout(command, options->timeout_s);
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
