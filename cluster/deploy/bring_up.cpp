#include "cluster/deploy/bring_up.hpp"

#include <tuple>

#include "kernels/graph/text.hpp"
#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

constexpr auto graph_file = "network.graph";
constexpr auto record_file = "deployment.json";
constexpr std::int64_t former_grace_ns = 5'000'000'000;

// What is left of the plan's time, or an error when there is none or a signal has come.
Result<std::int64_t> time_left(const BringUp& plan, const Clock& clock, const Interrupts& interrupts) {
  if (interrupts.arrived()) return failed("interrupted; nothing was deployed");
  const std::int64_t left_ns = plan.deadline_ns - clock.now_ns();
  if (left_ns <= 0) return deadline_passed("the deployment was not up in time");
  return left_ns;
}

Result<> check(const BringUp& plan, const std::string& address, const kernels::Graph& graph, kernels::Families families,
               const Clock& clock, const Interrupts& interrupts) {
  plan.progress("checking answers");
  ClientOptions options;
  options.poll = Poll::block;  // not the time to compete with the node for cores
  ALGEAN_ASSIGN(options.attach_timeout_ns, time_left(plan, clock, interrupts));
  ALGEAN_ASSIGN(const auto client, Client::connect(address, options));
  for (const Inference& inference : plan.inferences) {
    ALGEAN_ASSIGN(const std::int64_t left_ns, time_left(plan, clock, interrupts));
    ALGEAN_TRY(self_check(*client, graph, families, {&inference, 1}, left_ns));
  }
  return {};
}

// Ends the process of a deployment whose folder was swapped out.
Result<> end_former(const Result<Deployment>& former) {
  if (!former) return {};
  ALGEAN_TRY(terminate(former->process, former_grace_ns));
  return {};
}

}  // namespace

std::vector<std::string> serve_arguments(const BringUp& plan, const std::filesystem::path& graph) {
  std::vector<std::string> words{"serve",     graph.string(), "--name",  plan.name,  "--listen",
                                 plan.listen, "--poll",       plan.poll, "--control"};
  if (!plan.cores.empty()) words.insert(words.end(), {"--cores", plan.cores});
  return words;
}

Result<Deployed> bring_up(const BringUp& plan, const kernels::Graph& graph, kernels::Families families,
                          const StateRoot& states, const Clock& clock, const Interrupts& interrupts) {
  ALGEAN_ASSIGN(Staging staging, states.stage(plan.name));
  plan.progress("writing the network");
  ALGEAN_TRY(kernels::write_graph(staging.folder() / graph_file, graph));
  plan.progress("starting the node");
  const std::filesystem::path log = staging.folder() / "log" / "node.log";
  ALGEAN_ASSIGN(NodeProcess node,
                NodeProcess::start({plan.program, serve_arguments(plan, staging.folder() / graph_file), log}));
  ALGEAN_ASSIGN(const std::string address, node.await_ready(plan.deadline_ns, clock, interrupts));
  ALGEAN_TRY(check(plan, address, graph, families, clock, interrupts));
  ALGEAN_TRY(time_left(plan, clock, interrupts));
  Deployment deployment{plan.name, node.id(), address, graph_file};
  ALGEAN_TRY(write_text(staging.folder() / record_file, to_text(deployment)));
  const auto former = plan.replace ? states.read(plan.name) : failed("none is looked for");
  ALGEAN_TRY(states.publish(staging, plan.name, plan.replace));
  if (auto ended = end_former(former); !ended) {
    std::ignore = states.remove(plan.name, node.id());
    return std::unexpected(ended.error().within("the deployment to replace"));
  }
  deployment.graph = states.folder(plan.name) / graph_file;
  return Deployed{std::move(deployment), std::move(node)};
}

}  // namespace algean::cluster
