// The parts of one deployment on their agents, in the making.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/control/client.hpp"
#include "cluster/deploy/allowance.hpp"
#include "cluster/deploy/lease_keeper.hpp"
#include "cluster/deploy/node_process.hpp"
#include "cluster/deploy/roll_call.hpp"
#include "cluster/deploy/shipment.hpp"
#include "cluster/deploy/state.hpp"

namespace algean::cluster {

struct AssemblyPlan {
  std::string name;
  std::uint64_t epoch = 0;
  std::uint64_t replaces = 0;       // epoch of the deployment whose place it takes; 0: none
  std::span<const Shipment> parts;  // by node; outlive the assembly
  std::filesystem::path program;    // this executable: agents of local nodes are `algean node`
  std::filesystem::path logs;       // folder of theirs
  std::string software;
  std::int64_t hello_timeout_ns = 5'000'000'000;  // for an agent's first answer
  std::int64_t link_timeout_ns = 10'000'000'000;  // for the links, once the parts run
  std::function<void(std::string_view)> warn = [](std::string_view) {};
};

struct LinkView {
  std::string peer;
  std::int64_t rtt_ns = 0;
};

// A local agent, started by us.
struct LocalAgent {
  std::size_t node = 0;
  NodeProcess process;
};

// Steps in this order, each on all agents at once. Whatever fails, an interrupt too, leaves the assembly to its
// destructor, which undoes everything: parts are dropped and local agents ended.
class Assembly {
 public:
  // Clock and interrupts outlive the assembly.
  Assembly(AssemblyPlan plan, Allowance allowance);
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;
  ~Assembly();

  // Local agents start, all are greeted, versions compared.
  Result<> open();
  // Agents get their parts, check hashes, compile.
  Result<> load();
  // Agents learn each other's addresses; parts run.
  Result<> start();
  // Until every link has carried a packet of full size there and back. The error names the link and its ends.
  Result<> await_links();
  // From here on the parts outlive us.
  Result<> commit();
  // Lets go of everything: the destructor undoes nothing any more.
  Result<std::vector<LocalAgent>> release();

  // Whether each part still runs.
  Result<> check_alive();

  // Known as far as the steps have come.
  [[nodiscard]] const std::vector<DeployedNode>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<std::vector<LinkView>>& links() const { return links_; }
  [[nodiscard]] const std::vector<std::uint32_t>& pids() const { return pids_; }

 private:
  Result<> start_local_agents();
  Result<> connect_agents();
  void keep_leases();
  void undo();
  void drop_parts();
  // Replies of all; the first error, with what became of a local agent that died.
  Result<std::vector<control::Reply>> ask(const Question& question, std::int64_t at_most_ns);
  Error explain(Error error, std::size_t node);
  [[nodiscard]] control::PartId part(std::size_t node) const { return part_id(plan_.name, plan_.epoch, node); }
  [[nodiscard]] Result<bool> take_links(std::size_t node, const control::StatusReport& report);
  [[nodiscard]] std::string link_text(std::size_t node, const std::string& peer) const;

  AssemblyPlan plan_;
  Allowance allowance_;
  std::vector<DeployedNode> nodes_;
  std::vector<std::uint32_t> pids_;
  std::vector<std::vector<LinkView>> links_;
  std::string waiting_link_;  // the first that is not up yet
  std::vector<LocalAgent> local_;
  std::vector<std::unique_ptr<ControlClient>> agents_;  // by node
  std::int64_t lease_ns_ = 0;
  std::unique_ptr<LeaseKeeper> keeper_;
  bool loading_ = false;  // agents may have parts of ours
  bool released_ = false;
};

}  // namespace algean::cluster
