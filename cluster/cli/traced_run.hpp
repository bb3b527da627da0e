// A run of traced inferences of a deployment, and what its nodes say of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cluster/cli/command.hpp"
#include "cluster/cli/time_table.hpp"
#include "cluster/inspect/layout.hpp"
#include "cluster/inspect/trace_sums.hpp"
#include "runtime/client/client.hpp"

namespace algean::cluster {

class TracedRun {
 public:
  // Both outlive it.
  TracedRun(Client& client, Context& context) : client_(client), context_(context) {}
  TracedRun(const TracedRun&) = delete;
  TracedRun& operator=(const TracedRun&) = delete;
  ~TracedRun() { client_.set_trace(false); }

  // From here on the client's inferences are traced. `deployment`: that it is attached to.
  Result<> begin(const std::string& deployment);
  // An inference is sent.
  void count() { ++inferences_; }
  // mean_ns: of these inferences. Others that are traced meanwhile blur what nodes say.
  Result<TimeReport> end(double mean_ns);

 private:
  struct Sums {
    std::vector<NodeSums> nodes;
    std::map<std::string, TraceSum> to_client;
  };
  [[nodiscard]] Result<Sums> look() const;

  Client& client_;
  Context& context_;
  Deployment deployment_;
  Layout layout_;
  Sums before_;
  std::size_t inferences_ = 0;
};

}  // namespace algean::cluster
