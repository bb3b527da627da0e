#include "cluster/deploy/bring_up.hpp"

#include <optional>
#include <random>
#include <tuple>

#include "cluster/deploy/end.hpp"
#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

constexpr std::int64_t answer_timeout_ns = 10'000'000'000;  // for each inference of the self-check

std::uint64_t random_epoch() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

Result<> write_network(const BringUp& plan, const std::filesystem::path& folder) {
  ALGEAN_TRY(plan.save(folder));
  std::error_code error;
  const std::filesystem::path bundles = folder / bundle_folder;
  std::filesystem::create_directory(bundles, error);
  if (error) return failed("{}: cannot make the folder: {}", bundles.string(), error.message());
  for (const Shipment& part : plan.parts) ALGEAN_TRY(write_shipment(bundles, part));
  return {};
}

Result<> check(const BringUp& plan, const std::string& address, const kernels::Graph& graph, kernels::Families families,
               const Allowance& allowance) {
  ClientOptions options;
  options.poll = Poll::block;  // not the time to compete with the nodes for cores
  ALGEAN_ASSIGN(options.attach_timeout_ns, allowance.left_ns(options.attach_timeout_ns));
  ALGEAN_ASSIGN(const auto client, Client::connect(address, options));
  for (const Inference& inference : plan.inferences) {
    ALGEAN_ASSIGN(const std::int64_t left_ns, allowance.left_ns(answer_timeout_ns));
    ALGEAN_TRY(self_check(*client, graph, families, {&inference, 1}, left_ns));
  }
  return {};
}

std::string port_of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  return colon == std::string::npos ? std::string() : address.substr(colon + 1);
}

// Old and new run side by side for a while, and no two can listen at one port.
Result<> check_ports(const BringUp& plan, const std::optional<Deployment>& former) {
  if (!former) return {};
  for (const Shipment& part : plan.parts) {
    const std::string port = port_of(part.bundle.listen);
    for (const DeployedNode& node : former->nodes) {
      if (port == "0" || node.host != part.host || port_of(node.data) != port) continue;
      return bad_input(
          "node {} is to listen at {}, where node {} of the deployment to replace listens: `algean stop {}` first, or "
          "let it take any port (port 0)",
          part.bundle.name, part.bundle.listen, node.name, former->name);
    }
  }
  return {};
}

// The deployment of that name, to replace it. One whose record cannot be read could not be ended afterwards.
Result<std::optional<Deployment>> find_former(const BringUp& plan, const StateRoot& states) {
  if (!states.exists(plan.name)) return std::nullopt;
  if (!plan.replace) {
    return bad_input("the name `{}` is taken by a deployment; stop it, or give --replace or another --name", plan.name);
  }
  ALGEAN_ASSIGN(Deployment former, states.read(plan.name));
  return former;
}

// Of the folder that was swapped out, if any was.
std::optional<Deployment> former_of(const Staging& staging) {
  if (staging.folder().empty()) return std::nullopt;
  const auto file = staging.folder() / record_file;
  const auto text = read_text(file);
  auto former = text ? parse_deployment(*text, file.string()) : std::unexpected(text.error());
  return former ? std::optional(*std::move(former)) : std::nullopt;
}

void end_former(const BringUp& plan, const Deployment& former, const Clock& clock) {
  EndOptions options;
  options.software = plan.software;
  for (const NodeEnding& node : end_nodes(former, options, clock)) {
    if (node.ending) continue;
    plan.warn(fmt::format("the former deployment's node {} may run on: {}", node.name, node.ending.error().message));
  }
}

AssemblyPlan assembly_plan(const BringUp& plan, const std::optional<Deployment>& former) {
  AssemblyPlan assembly;
  assembly.name = plan.name;
  assembly.epoch = random_epoch();
  assembly.replaces = former ? former->epoch : 0;
  assembly.parts = plan.parts;
  assembly.program = plan.program;
  assembly.software = plan.software;
  assembly.hello_timeout_ns = plan.hello_timeout_ns;
  assembly.link_timeout_ns = plan.link_timeout_ns;
  assembly.warn = plan.warn;
  return assembly;
}

Deployment record(const BringUp& plan, std::uint64_t epoch, const Assembly& assembly) {
  const Bundle& bundle = plan.parts.front().bundle;
  return {plan.name, assembly.nodes()[bundle.home].data, epoch, bundle.network, assembly.nodes()};
}

// All steps up to a deployment that answers as the reference does.
Result<> assemble(const BringUp& plan, Assembly& assembly, const kernels::Graph& graph, kernels::Families families,
                  const Allowance& allowance) {
  plan.progress("starting agents");
  ALGEAN_TRY(assembly.open());
  plan.progress("loading the parts");
  ALGEAN_TRY(assembly.load());
  plan.progress("connecting the nodes");
  ALGEAN_TRY(assembly.start());
  ALGEAN_TRY(assembly.await_links());
  plan.progress("checking answers");
  auto checked = check(plan, assembly.nodes()[plan.parts.front().bundle.home].data, graph, families, allowance);
  if (!checked) {
    // A node that died says more than what became of the inference; that time is over says less.
    const auto alive = assembly.check_alive();
    return alive || alive.error().kind == ErrorKind::deadline ? checked : alive;
  }
  return {};
}

}  // namespace

Result<Deployed> bring_up(const BringUp& plan, const kernels::Graph& graph, kernels::Families families,
                          const StateRoot& states, const Clock& clock, const Interrupts& interrupts) {
  ALGEAN_INVARIANT(!plan.parts.empty());
  const Allowance allowance{clock, interrupts, plan.deadline_ns};
  ALGEAN_ASSIGN(const std::optional<Deployment> former, find_former(plan, states));
  ALGEAN_TRY(check_ports(plan, former));
  EndOptions ending;
  ending.software = plan.software;
  clear_abandoned(states, ending, clock);
  ALGEAN_ASSIGN(Staging staging, states.stage(plan.name));
  plan.progress("writing the network");
  ALGEAN_TRY(write_network(plan, staging.folder()));
  AssemblyPlan assembly_options = assembly_plan(plan, former);
  assembly_options.logs = staging.folder() / "log";
  Assembly assembly(assembly_options, allowance);
  ALGEAN_TRY(assemble(plan, assembly, graph, families, allowance));
  Deployed deployed{record(plan, assembly_options.epoch, assembly), {}, {}};
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    deployed.nodes.push_back({assembly.pids()[i], plan.parts[i].layers(), assembly.links()[i]});
  }
  // The record first: should we be killed between commit and publish, it tells whoever comes next what to end.
  ALGEAN_TRY(write_text(staging.folder() / record_file, to_text(deployed.deployment)));
  ALGEAN_TRY(assembly.commit());
  ALGEAN_TRY(states.publish(staging, plan.name, plan.replace));
  const auto swapped_out = former_of(staging);  // not always what was there at first
  auto released = assembly.release();
  if (!released) {
    const bool back = swapped_out && states.publish(staging, plan.name, true);
    if (!back) std::ignore = states.remove(plan.name, deployed.deployment.epoch);
    return std::unexpected(released.error());
  }
  deployed.agents = *std::move(released);
  if (swapped_out) end_former(plan, *swapped_out, clock);
  return deployed;
}

Result<> greet_agents(const BringUp& plan, const Clock& clock, const Interrupts& interrupts) {
  std::vector<DeployedNode> nodes;
  for (const Shipment& part : plan.parts) {
    if (part.host != local_host) nodes.push_back({part.bundle.name, part.host, part.host, "", std::nullopt});
  }
  const Allowance allowance{clock, interrupts, plan.deadline_ns};
  ALGEAN_ASSIGN(const std::int64_t left_ns, allowance.left_ns(plan.hello_timeout_ns));
  const auto hello = [](std::size_t) {
    control::Request request;
    request.mutable_hello();
    return request;
  };
  for (const auto& reply : ask_nodes(nodes, {plan.software, interrupts.fd()}, hello, left_ns, clock)) {
    if (!reply) return std::unexpected(reply.error());
  }
  return {};
}

}  // namespace algean::cluster
