#include "cluster/cli/command.hpp"
#include "cluster/cli/hold_signals.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/session.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string target;
  std::string input;
  std::string output;
  std::string precision = "auto";
  std::string poll = "auto";
  double timeout_s = 5;
};

constexpr std::size_t shown_inferences = 10;

Result<std::unique_ptr<Session>> open(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Target target, resolve(options.target, context.states));
  ALGEAN_ASSIGN(const Poll poll, parse_poll(options.poll));
  if (target.kind != Target::Kind::net) {
    if (options.precision != "auto") return bad_input("--precision: a deployment has one already; it is for a NET");
    return open_remote(target, context.states, poll, static_cast<std::int64_t>(options.timeout_s * 1e9));
  }
  ALGEAN_ASSIGN(const auto loaded, load_net(target.word, context));
  ALGEAN_ASSIGN(const kernels::Graph* graph, choose_precision(loaded, options.precision));
  return open_local(*graph, context.families);
}

// One inference of an array that has a batch axis.
Tensor row(const Tensor& tensor, std::size_t index) {
  Batch batch;
  batch.count = static_cast<std::size_t>(tensor.shape()[0]);
  batch.tensors = {tensor};
  return batch.inference(index).front();
}

void show(std::span<const NamedArray> outputs, std::size_t count, Console& console) {
  for (std::size_t index = 0; index < std::min(count, shown_inferences); ++index) {
    for (const NamedArray& output : outputs) {
      console.text("{}[{}]: {}", output.name, index, short_text(row(output.tensor, index)));
    }
  }
  if (count > shown_inferences) console.text("... ({} more inferences; --output keeps all)", count - shown_inferences);
}

Json values(const Tensor& tensor) {
  Json list = Json::array();
  const auto size = static_cast<std::size_t>(tensor.shape().elements());
  for (std::size_t i = 0; i < size; ++i) {
    if (tensor.type().element.is_float()) {
      list.push_back(tensor.elements<float>()[i]);
    } else {
      list.push_back(tensor.integer_at(i));
    }
  }
  return list;
}

Json describe(std::span<const NamedArray> outputs, std::size_t count, const std::string& file) {
  Json list = Json::array();
  for (const NamedArray& output : outputs) {
    const auto extents = output.tensor.shape().extents();
    Json entry{{"name", output.name},
               {"type", output.tensor.type().element.name()},
               {"shape", std::vector<std::int64_t>(extents.begin(), extents.end())}};
    if (file.empty()) entry["values"] = values(output.tensor);  // in row-major order
    list.push_back(std::move(entry));
  }
  Json document{{"inferences", count}, {"outputs", std::move(list)}};
  if (!file.empty()) document["file"] = file;
  return document;
}

// Without the batch axis, for an input that had none.
void drop_batch_axis(std::vector<NamedArray>& outputs) {
  for (NamedArray& output : outputs) output.tensor = row(output.tensor, 0);
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const auto session, open(options, context));
  ALGEAN_ASSIGN(const Batch batch, read_batch(options.input, session->inputs()));
  Console& console = context.console;
  const auto progress = [&](std::size_t done, std::size_t total) { console.progress("inferring", done, total); };
  ALGEAN_ASSIGN(auto outputs, session->infer(batch, progress));
  console.clear_progress();
  if (options.output.empty()) show(outputs, batch.count, console);
  if (!batch.has_batch_axis) drop_batch_axis(outputs);
  if (!options.output.empty()) {
    const HoldSignals hold;
    ALGEAN_TRY(write_arrays(options.output, outputs));
    console.text("{} inference{} -> {}", batch.count, batch.count == 1 ? "" : "s", options.output);
  }
  return Outcome{0, describe(outputs, batch.count, options.output)};
}

}  // namespace

void add_infer(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("infer", "send inputs through a network and print or keep the answers",
                                  "algean infer net.json --input x.npy --output y.npy");
  command.option("N|NET", options->target, "a running deployment, or a network to run in this process",
                 {.required = true});
  command.option("--input", options->input, ".npy or .csv (one input), or .npz (arrays by input name)",
                 {.required = true});
  command.option("--output", options->output, ".npy, .npz or .csv to write; else the answers are printed");
  command.option("--precision", options->precision, "of a NET: auto, float or integer",
                 {.one_of = {"auto", "float", "integer"}});
  add_poll(command, options->poll);
  add_timeout(command, options->timeout_s);
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
