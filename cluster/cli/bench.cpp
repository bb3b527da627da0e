#include "cluster/cli/command.hpp"
#include "cluster/cli/latency.hpp"
#include "cluster/cli/loading.hpp"
#include "cluster/cli/random_inputs.hpp"
#include "cluster/cli/session.hpp"
#include "cluster/cli/traced_run.hpp"
#include "kernels/program/program.hpp"
#include "runtime/base/cores.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string target;
  double duration_s = 2;
  std::size_t count = 0;  // 0: by duration
  std::string poll = "auto";
  std::string cores;
  bool histogram = false;
  double timeout_s = 5;
};

constexpr std::size_t warm_up_runs = 200;
constexpr std::size_t most_samples = 10'000'000;

// Runs `once` over and over, after a warm-up, for the duration or count; the latency of each.
template <class Once>
Result<std::vector<std::int64_t>> measure(const Options& options, Context& context, const std::string& step,
                                          std::size_t warm_up, Once once) {
  const auto duration_ns = static_cast<std::int64_t>(options.duration_s * 1e9);
  const std::size_t most = options.count > 0 ? options.count : most_samples;
  std::vector<std::int64_t> samples_ns;
  samples_ns.reserve(options.count > 0 ? options.count : 1U << 20U);
  for (std::size_t run = 0; run < std::min(warm_up, most); ++run) ALGEAN_TRY(once());
  const std::int64_t start_ns = context.clock.now_ns();
  std::int64_t before_ns = start_ns;
  std::int64_t shown_ns = start_ns;
  while (samples_ns.size() < most && (options.count > 0 || before_ns - start_ns < duration_ns)) {
    ALGEAN_TRY(once());
    const std::int64_t after_ns = context.clock.now_ns();
    samples_ns.push_back(after_ns - before_ns);
    before_ns = after_ns;
    if (after_ns - shown_ns < 200'000'000) continue;
    const double elapsed_s = static_cast<double>(after_ns - start_ns) / 1e9;
    context.console.progress(
        options.count > 0 ? step : fmt::format("{} ({:.1f} of {} s)", step, elapsed_s, options.duration_s),
        options.count > 0 ? samples_ns.size() : 0, options.count);
    shown_ns = before_ns = context.clock.now_ns();
  }
  context.console.clear_progress();
  return samples_ns;
}

Json report(std::vector<std::int64_t>& samples_ns, const std::string& what, const Options& options, Console& console) {
  const LatencySummary summary = summarise(samples_ns);
  const double per_s = summary.mean_ns > 0 ? 1e9 / summary.mean_ns : 0;
  const auto text = [](std::int64_t ns) { return duration_text(static_cast<double>(ns)); };
  console.text("{}: p50 {}  p90 {}  p99 {}  p99.9 {}  max {}  ({} inferences)", what, text(summary.p50_ns),
               text(summary.p90_ns), text(summary.p99_ns), text(summary.p99_9_ns), text(summary.max_ns), summary.count);
  console.text("one at a time: {:.0f} inferences/s", per_s);
  if (options.histogram || console.people_at_terminal()) console.block(histogram(samples_ns));
  Json document = to_json(summary);
  document["inferences_per_s"] = per_s;
  return document;
}

Result<Outcome> bench_net(const Options& options, const Target& target, Context& context) {
  ALGEAN_ASSIGN(const auto loaded, load_net(target.word, context));
  ALGEAN_ASSIGN(const kernels::Graph* graph, choose_precision(loaded, "auto"));
  ALGEAN_ASSIGN(const auto engine, kernels::make_engine(*graph, context.families));
  const std::vector<Tensor> inputs = random_wire(engine->inputs());
  std::vector<Tensor> outputs = random_wire(engine->outputs());
  std::vector<const std::byte*> from;
  std::vector<std::byte*> to;
  for (const Tensor& tensor : inputs) from.push_back(tensor.bytes().data());
  for (Tensor& tensor : outputs) to.push_back(tensor.bytes().data());
  const auto once = [&]() -> Result<> {
    engine->run(from, to);
    return {};
  };
  ALGEAN_ASSIGN(auto samples_ns, measure(options, context, "computing", warm_up_runs, once));
  const std::string precision = graph->is_integer() ? "integer" : "float";
  Json compute = report(samples_ns, fmt::format("compute ({}, in this process)", precision), options, context.console);
  return Outcome{0, {{"network", loaded.name}, {"precision", precision}, {"compute", std::move(compute)}}};
}

// What asks the client once, with inputs that never change.
class Asker {
 public:
  Asker(Client& client, std::int64_t timeout_ns)
      : client_(client),
        timeout_ns_(timeout_ns),
        inputs_(random_wire(client.inputs())),
        outputs_(random_wire(client.outputs())) {
    for (const Tensor& tensor : inputs_) from_.push_back(tensor.bytes());
    for (Tensor& tensor : outputs_) to_.push_back(tensor.bytes());
  }
  Result<> operator()() { return client_.infer_into(from_, to_, timeout_ns_); }

 private:
  Client& client_;
  std::int64_t timeout_ns_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
  std::vector<std::span<const std::byte>> from_;
  std::vector<std::span<std::byte>> to_;
};

// Where the time of inferences goes that are traced.
Result<Json> trace(const Options& options, const Target& target, Client& client, Asker& ask, Context& context) {
  TracedRun run(client, context);
  ALGEAN_TRY(run.begin(target.word));
  ALGEAN_ASSIGN(auto samples_ns, measure(options, context, "tracing", 0, [&] {
                  run.count();
                  return ask();
                }));
  ALGEAN_ASSIGN(const TimeReport report, run.end(summarise(samples_ns).mean_ns));
  context.console.text("where the time goes, by {} traced inferences, one at a time:", report.inferences);
  context.console.block(time_table(report));
  return to_json(report);
}

// Inferences per second with as many in flight as node and client take.
Result<double> pipelined(const Options& options, Client& client, Context& context) {
  std::vector<NamedTensor> inputs;
  const auto tensors = random_inferences(client.inputs(), 1).front();
  for (std::size_t i = 0; i < tensors.size(); ++i) inputs.push_back({client.inputs()[i].name, tensors[i]});
  const auto timeout_ns = static_cast<std::int64_t>(options.timeout_s * 1e9);
  const auto duration_ns = static_cast<std::int64_t>(options.duration_s * 1e9);
  std::vector<Ticket> flight;  // a ring: the oldest stands at `next`
  for (std::size_t i = 0; i < client.max_in_flight(); ++i) {
    ALGEAN_ASSIGN(const Ticket ticket, client.submit(inputs, timeout_ns));
    flight.push_back(ticket);
  }
  const std::int64_t start_ns = context.clock.now_ns();
  std::size_t done = 0;
  std::size_t next = 0;
  while (options.count > 0 ? done < options.count : context.clock.now_ns() - start_ns < duration_ns) {
    ALGEAN_TRY(client.await(flight[next]));
    ALGEAN_ASSIGN(flight[next], client.submit(inputs, timeout_ns));
    next = (next + 1) % flight.size();
    ++done;
  }
  const std::int64_t end_ns = context.clock.now_ns();
  for (std::size_t i = 0; i < flight.size(); ++i) ALGEAN_TRY(client.await(flight[(next + i) % flight.size()]));
  return static_cast<double>(done) * 1e9 / static_cast<double>(std::max<std::int64_t>(1, end_ns - start_ns));
}

Result<Outcome> bench_deployment(const Options& options, const Target& target, Context& context) {
  ALGEAN_ASSIGN(const Poll poll, parse_poll(options.poll));
  ALGEAN_ASSIGN(const auto client,
                connect(target, context.states, poll, static_cast<std::int64_t>(options.timeout_s * 1e9)));
  Asker ask(*client, static_cast<std::int64_t>(options.timeout_s * 1e9));
  ALGEAN_ASSIGN(auto samples_ns, measure(options, context, "asking", warm_up_runs, [&] { return ask(); }));
  Json latency = report(samples_ns, fmt::format("request to reply ({} at {})", target.word, client->address()), options,
                        context.console);
  ALGEAN_ASSIGN(const double per_s, pipelined(options, *client, context));
  context.console.text("{} in flight: {:.0f} inferences/s", client->max_in_flight(), per_s);
  Json document{{"deployment", target.word},
                {"address", client->address()},
                {"request_to_reply", std::move(latency)},
                {"pipelined", {{"in_flight", client->max_in_flight()}, {"inferences_per_s", per_s}}}};
  if (target.kind == Target::Kind::deployment) {
    ALGEAN_ASSIGN(document["time"], trace(options, target, *client, ask, context));
  }
  return Outcome{0, std::move(document)};
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Target target, resolve(options.target, context.states));
  if (!options.cores.empty()) {
    ALGEAN_ASSIGN(const auto cores, parse_cores(options.cores));
    ALGEAN_TRY(pin_to(cores));
  }
  if (target.kind == Target::Kind::net) return bench_net(options, target, context);
  return bench_deployment(options, target, context);
}

}  // namespace

void add_bench(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add(
      "bench",
      "measure latency and inferences/s: compute of a NET in this process, or request to reply of a deployment",
      "algean bench jet --duration 5 --poll spin");
  command.option("N|NET", options->target, "a running deployment, or a network to run in this process",
                 {.required = true});
  command.option("--duration", options->duration_s, "seconds of each measurement", {.low = 0.001, .high = 86400.0});
  command.option("--count", options->count, "inferences of each measurement, in place of a duration",
                 {.low = 1, .high = most_samples});
  command.option("--cores", options->cores, "cores that this process runs on, such as 1 or 0,2-3");
  command.flag("--histogram", options->histogram, "show how latencies spread, also where no terminal is");
  add_poll(command, options->poll);
  add_timeout(command, options->timeout_s);
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
