// The hidden command that is a node process: serves one graph until SIGTERM, or until the deploy that holds it goes.
#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <thread>

#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/deploy/control.hpp"
#include "cluster/deploy/interrupts.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/program/program.hpp"
#include "runtime/base/cores.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/udp.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string graph;
  std::string name = "node";
  std::string listen = "127.0.0.1:0";
  std::string poll = "auto";
  std::string cores;
  bool control = false;
};

// Waits for a signal, or for the end of the deploy that has not let go, and says which. `done` wakes it.
std::string await_end(Interrupts& interrupts, Descriptor& control, const Descriptor& done) {
  while (true) {
    std::array<pollfd, 3> wait{pollfd{interrupts.fd(), POLLIN, 0}, pollfd{done.get(), POLLIN, 0},
                               pollfd{control.get(), POLLIN, 0}};
    if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return "cannot wait for its end";
    if (const int signal = interrupts.take(); signal != 0) return fmt::format("signal {} came", signal);
    if (wait[1].revents != 0) return "it was told to";
    if (wait[2].revents == 0) continue;
    const auto message = receive_message(control);
    if (message && message->empty()) return "its deploy is gone";
    if (message && *message == release_message) control.reset();
  }
}

std::shared_ptr<spdlog::logger> make_log() {
  auto log = std::make_shared<spdlog::logger>("node", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  log->flush_on(spdlog::level::info);
  return log;
}

struct Service {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Node> node;
};

Result<Service> make_service(const Options& options, Context& context, const std::shared_ptr<spdlog::logger>& log) {
  if (!options.cores.empty()) {
    ALGEAN_ASSIGN(const auto cores, parse_cores(options.cores));
    ALGEAN_TRY(pin_to(cores));
  }
  Service service;
  ALGEAN_ASSIGN(const auto graph, kernels::read_graph(options.graph, context.families));
  ALGEAN_ASSIGN(service.engine, kernels::make_engine(graph, context.families));
  NodeOptions node;
  ALGEAN_ASSIGN(node.poll, parse_poll(options.poll));
  node.log = [log](std::string_view line) { log->info("{}", line); };
  ALGEAN_ASSIGN(const UdpAddress address, UdpAddress::parse(options.listen));
  ALGEAN_ASSIGN(auto listener, listen_udp(address));
  ALGEAN_ASSIGN(service.node, Node::make(single_node(*service.engine, options.name, build_version), std::move(listener), node, context.clock));
  log->info("{} layers of {} at {}, poll {}", graph.layers.size(), graph.name, service.node->address(), options.poll);
  return service;
}

// Runs until await_end() says why it ends.
void serve(Node& node, Interrupts& interrupts, Descriptor& control, spdlog::logger& log) {
  std::array<int, 2> pipe{};
  ALGEAN_INVARIANT(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const Descriptor done(pipe[0]);
  Descriptor end(pipe[1]);
  std::jthread watcher([&] {
    log.info("stopping: {}", await_end(interrupts, control, done));
    node.stop();
  });
  node.run();
  end.reset();  // wakes the watcher, should the node have ended by itself
}

Result<Outcome> run(const Options& options, Context& context) {
  Interrupts interrupts;  // before any thread starts
  Descriptor control(options.control ? control_fd : -1);
  const auto log = make_log();
  auto service = make_service(options, context, log);
  if (!service) {
    if (control) send_message(control, error_message(service.error()));
    return std::unexpected(service.error());
  }
  const std::string address = service->node->address();
  if (control) {
    if (!send_message(control, ready_message(address))) return failed("its deploy is gone");
  } else {
    context.console.text("{}", address);
    ALGEAN_TRY(context.console.finish());
  }
  serve(*service->node, interrupts, control, *log);
  log->info("stopped");
  return Outcome{0, {{"address", address}}};
}

}  // namespace

void add_serve(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("serve", "be a node process (what deploy starts)",
                                  "algean serve network.graph --listen 127.0.0.1:4000", true);
  command.option("GRAPH", options->graph, "graph file to serve", {.required = true});
  command.option("--name", options->name, "deployment that clients are told");
  command.option("--listen", options->listen, "HOST:PORT, port 0 for any");
  command.option("--poll", options->poll, "auto, spin, yield or block");
  command.option("--cores", options->cores, "cores to run on, such as 1 or 0,2-3");
  command.flag("--control", options->control, "file descriptor 3 is the socket of the deploy that started it");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
