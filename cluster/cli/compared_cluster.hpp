// The cluster that `compare` looks into: a running deployment, or one that is there only for that.
#pragma once

#include <memory>
#include <string>

#include "cluster/cli/command.hpp"
#include "cluster/cli/planning.hpp"
#include "cluster/deploy/bring_up.hpp"
#include "cluster/deploy/interrupts.hpp"
#include "partitioner/compare/source.hpp"
#include "runtime/client/client.hpp"

namespace algean::cluster {

struct ComparedClusterOptions {
  Poll poll = Poll::automatic;
  std::int64_t timeout_ns = 5'000'000'000;  // of each inference and of each answer of an agent
};

class ComparedCluster {
 public:
  // `graph`: the integer reference. bad_input where the deployment has other inputs or outputs.
  static Result<std::unique_ptr<ComparedCluster>> running(const std::string& name, const kernels::Graph& graph,
                                                          const ComparedClusterOptions& options, Context& context);
  // Brings one up, under a name of its own; it ends with this.
  static Result<std::unique_ptr<ComparedCluster>> temporary(const Planned& planned,
                                                            const ComparedClusterOptions& options, Context& context);
  ComparedCluster(const ComparedCluster&) = delete;
  ComparedCluster& operator=(const ComparedCluster&) = delete;
  ~ComparedCluster();

  // Its runs fail once a signal has come.
  [[nodiscard]] partitioner::TensorSource& source() { return *source_; }
  // Ends what is temporary, as the destructor does, but says what went wrong.
  Result<> end();

 private:
  explicit ComparedCluster(Context& context) : context_(context) {}
  Result<> open(Deployment deployment, const kernels::Graph& graph, const ComparedClusterOptions& options);

  Context& context_;
  Interrupts interrupts_;  // from here on, a signal undoes what was begun
  Deployment deployment_;
  bool temporary_ = false;
  std::unique_ptr<Client> client_;
  std::unique_ptr<partitioner::TensorSource> source_;
};

}  // namespace algean::cluster
