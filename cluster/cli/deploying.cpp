#include "cluster/cli/deploying.hpp"

#include "cluster/cli/build.hpp"
#include "cluster/inventory/inventory.hpp"
#include "partitioner/plan/text.hpp"
#include "shell/middleware/middleware.hpp"

namespace algean::cluster {
namespace {

constexpr std::int64_t hello_timeout_ns = 5'000'000'000;

Result<partitioner::Target> measured_target(const std::string& file, Context& context) {
  ALGEAN_ASSIGN(Inventory inventory, read_inventory(file));
  partitioner::Target& target = inventory.target;
  std::vector<DeployedNode> asked;
  for (const auto& node : target.nodes) {
    if (!node.is_local() && !node.speed_gmacs) asked.push_back({node.name, node.host, node.host, "", std::nullopt});
  }
  const auto hello = [](std::size_t) {
    control::Request request;
    request.mutable_hello()->set_measure_speed(true);
    return request;
  };
  context.console.progress("greeting agents", 0, 0);
  const auto replies = ask_nodes(asked, {build_version}, hello, hello_timeout_ns, context.clock);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) return std::unexpected(replies[i].error());
    const double speed = replies[i]->hello().speed_gmacs();
    if (speed > 0) target.nodes[*target.find(asked[i].name)].speed_gmacs = speed;
  }
  return target;
}

Result<std::vector<Shipment>> make_parts(const Planned& planned, const std::string& name) {
  ALGEAN_ASSIGN(auto bundles, shell::make_bundles(planned.plan, planned.loaded.runnable(), name));
  std::vector<Shipment> parts;
  for (shell::NodeBundle& bundle : bundles) {
    Shipment part;
    part.host = planned.plan.nodes[bundle.bundle.node].host;
    for (std::size_t i = 0; i < bundle.files.size(); ++i) {
      part.files.push_back({bundle.bundle.kernels[i].file, std::move(bundle.files[i])});
    }
    part.bundle = std::move(bundle.bundle);
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

Result<Planned> plan_to_deploy(const std::vector<std::string>& files, Context& context) {
  std::optional<partitioner::Target> target;
  if (files.size() == 2) {
    ALGEAN_ASSIGN(target, measured_target(files.front(), context));
  }
  ALGEAN_ASSIGN(Planned planned, plan_net(files, context, target));
  if (std::filesystem::is_directory(files.back())) {  // a bundle
    ALGEAN_ASSIGN(const auto bundles, shell::make_bundles(planned.plan, planned.loaded.runnable(), planned.plan.name));
    ALGEAN_TRY(shell::check_written(files.back(), bundles));
  }
  return planned;
}

Result<BringUp> prepare(const Planned& planned, const std::string& name, double deadline_s, Context& context) {
  BringUp plan;
  plan.name = name;
  ALGEAN_ASSIGN(plan.parts, make_parts(planned, name));
  plan.save = [&planned](const std::filesystem::path& folder) -> Result<> {
    partitioner::Plan copy = planned.plan;
    ALGEAN_TRY(partitioner::write_plan(folder / plan_file, copy, planned.loaded.runnable()));
    return {};
  };
  plan.program = context.program;
  plan.software = build_version;
  const double limit_s = deadline_s > 0 ? deadline_s : static_cast<double>(planned.plan.limits.deploy_deadline_s);
  plan.deadline_ns = context.clock.now_ns() + static_cast<std::int64_t>(limit_s * 1e9);
  plan.progress = [&context](std::string_view step) { context.console.progress(step, 0, 0); };
  plan.warn = [&context](std::string_view line) { context.console.warn(line); };
  return plan;
}

}  // namespace algean::cluster
