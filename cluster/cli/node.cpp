// The agent: runs parts of deployments for whoever asks at its address, until a signal ends it, or until the deploy
// that started it goes without a word.
#include <poll.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>

#include "cluster/agent/service.hpp"
#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/deploy/control.hpp"
#include "cluster/deploy/interrupts.hpp"
#include "cluster/deploy/process.hpp"
#include "runtime/base/cores.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string listen = "tcp://127.0.0.1:*";
  std::string name;
  std::string cores;
  double lease_s = 5;
  bool control = false;
};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "agent";
}

std::shared_ptr<spdlog::logger> make_log() {
  auto log = std::make_shared<spdlog::logger>("agent", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  log->flush_on(spdlog::level::info);
  return log;
}

Result<std::unique_ptr<AgentService>> make_service(const Options& options, const Context& context,
                                                   const std::shared_ptr<spdlog::logger>& log) {
  if (!options.cores.empty()) {
    ALGEAN_ASSIGN(const auto cores, parse_cores(options.cores));
    ALGEAN_TRY(pin_to(cores));  // and so every thread that is started later
  }
  ALGEAN_ASSIGN(const ProcessId self, identify(::getpid()));
  AgentOptions agent;
  agent.name = options.name.empty() ? host_name() : options.name;
  agent.software = build_version;
  agent.pid = static_cast<std::uint32_t>(self.pid);
  agent.started_ticks = self.started_ticks;
  agent.lease_ns = static_cast<std::int64_t>(options.lease_s * 1e9);
  // A deploy that starts an agent says itself where data may come from.
  agent.loopback_only = !options.control && is_local_control_address(options.listen);
  agent.log = [log](std::string_view line) { log->info("{}", line); };
  return AgentService::listen(options.listen, std::move(agent), context.clock);
}

// Says where it listens: to the deploy that started it, or to people and scripts.
Result<Json> announce(const AgentService& service, const Descriptor& control, Console& console) {
  Json document{{"address", service.address()}, {"pid", ::getpid()}};
  if (control) {
    if (!send_message(control, ready_message(service.address()))) return failed("its deploy is gone");
    return document;
  }
  console.text("{}", service.address());
  console.document(document);
  ALGEAN_TRY(console.finish());
  return document;
}

// Serves until a signal comes, or the deploy that has not let go is gone; says which.
std::string serve(AgentService& service, Interrupts& interrupts, Descriptor& control) {
  while (true) {
    std::array<pollfd, 2> others{pollfd{interrupts.fd(), POLLIN, 0}, pollfd{control.get(), POLLIN, 0}};
    service.step(std::span(others).first(control ? 2 : 1));
    if (const int signal = interrupts.take(); signal != 0) return fmt::format("signal {} came", signal);
    if (others[1].revents == 0) continue;
    const auto message = receive_message(control);
    if (message && message->empty()) return "its deploy is gone";
    if (message && *message == release_message) control.reset();
  }
}

Result<Outcome> run(const Options& options, Context& context) {
  Interrupts interrupts;  // before any thread starts
  Descriptor control(options.control ? control_fd : -1);
  if (!options.control && !is_local_control_address(options.listen)) {
    context.console.warn(
        fmt::format("--listen {}: whoever reaches this address can run networks here, and stop them; there is no "
                    "authentication yet",
                    options.listen));
  }
  const auto log = make_log();
  auto service = make_service(options, context, log);
  if (!service) {
    if (control) send_message(control, error_message(service.error()));
    return std::unexpected(service.error());
  }
  ALGEAN_ASSIGN(Json document, announce(**service, control, context.console));
  log->info("agent of version {} at {}", build_version, (*service)->address());
  log->info("stopping: {}", serve(**service, interrupts, control));
  service->reset();  // ends the parts; their clients are told
  log->info("stopped");
  return Outcome{0, std::move(document)};
}

}  // namespace

void add_node(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("node", "be the agent of this machine: run the parts of deployments that it is sent",
                                  "algean node --listen tcp://10.0.0.2:4700");
  command.option("--listen", options->listen,
                 "control address, tcp://HOST:PORT (port * for any free one) or ipc://PATH", {.not_empty = true});
  command.option("--name", options->name, "what it calls itself (default: the host's name)");
  command.option("--cores", options->cores, "cores that it may use, such as 1 or 0,2-3 (default: all)");
  command.option("--lease", options->lease_s,
                 "seconds without a word of its controller after which a part that is not committed is dropped",
                 {.low = 0.001, .high = 86400});
  command.flag("--control", options->control);
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
