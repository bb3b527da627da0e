#include "cluster/cli/compared_cluster.hpp"

#include <unistd.h>

#include "cluster/cli/build.hpp"
#include "cluster/cli/deploying.hpp"
#include "cluster/cli/session.hpp"
#include "cluster/deploy/end.hpp"
#include "cluster/inspect/cluster_source.hpp"

namespace algean::cluster {
namespace {

Result<> check_ports(const std::string& name, std::span<const Port> got, std::span<const Port> expected) {
  if (std::ranges::equal(got, expected)) return {};
  return bad_input("deployment `{}` has other inputs or outputs, or quantises them otherwise", name);
}

}  // namespace

Result<std::unique_ptr<ComparedCluster>> ComparedCluster::running(const std::string& name, const kernels::Graph& graph,
                                                                  const ComparedClusterOptions& options,
                                                                  Context& context) {
  std::unique_ptr<ComparedCluster> cluster(new ComparedCluster(context));
  ALGEAN_ASSIGN(Deployment deployment, context.states.read(name));
  ALGEAN_TRY(cluster->open(std::move(deployment), graph, options));
  return cluster;
}

Result<std::unique_ptr<ComparedCluster>> ComparedCluster::temporary(const Planned& planned,
                                                                    const ComparedClusterOptions& options,
                                                                    Context& context) {
  std::unique_ptr<ComparedCluster> cluster(new ComparedCluster(context));
  const kernels::Graph& graph = planned.loaded.runnable();
  ALGEAN_ASSIGN(const BringUp plan, prepare(planned, fmt::format("compare.{}", ::getpid()), 0, context));
  auto deployed = bring_up(plan, graph, context.families, context.states, context.clock, cluster->interrupts_);
  context.console.clear_progress();
  if (!deployed) return std::unexpected(deployed.error());
  cluster->deployment_ = deployed->deployment;
  cluster->temporary_ = true;
  ALGEAN_TRY(cluster->open(deployed->deployment, graph, options));
  return cluster;
}

ComparedCluster::~ComparedCluster() { std::ignore = end(); }

Result<> ComparedCluster::open(Deployment deployment, const kernels::Graph& graph,
                               const ComparedClusterOptions& options) {
  deployment_ = std::move(deployment);
  ALGEAN_ASSIGN(Layout layout, read_layout(deployment_, context_.states));
  ALGEAN_ASSIGN(client_, connect({Target::Kind::deployment, deployment_.name}, context_.states, options.poll,
                                 options.timeout_ns));
  ALGEAN_TRY(check_ports(deployment_.name, client_->inputs(), graph.ports(graph.inputs)));
  ALGEAN_TRY(check_ports(deployment_.name, client_->outputs(), graph.ports(graph.outputs)));
  const Ask through = ask_through(*client_, options.timeout_ns);
  const Ask ask = [this, through](std::span<const Tensor> inputs) -> Result<Answer> {
    if (interrupts_.arrived()) return failed("interrupted");
    return through(inputs);
  };
  source_ = make_cluster_source(deployment_, std::move(layout), ask,
                                {build_version, options.timeout_ns, interrupts_.fd()}, context_.clock);
  return {};
}

Result<> ComparedCluster::end() {
  source_.reset();  // untaps
  client_.reset();
  if (!std::exchange(temporary_, false)) return {};
  EndOptions options;
  options.software = build_version;
  ALGEAN_ASSIGN(const TakenDown down, take_down(deployment_, context_.states, options, false, context_.clock));
  if (down.removed) return {};
  return failed("{}: {}; `algean stop {}` tries again", deployment_.name, down.problems(), deployment_.name);
}

}  // namespace algean::cluster
