#include <poll.h>

#include <fstream>

#include "cluster/cli/command.hpp"
#include "cluster/deploy/interrupts.hpp"
#include "cluster/deploy/log_tail.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string name;
  std::size_t lines = 50;
  bool follow = false;
};

// What was appended since `position`.
std::string read_on(std::ifstream& log, std::streamoff& position) {
  log.clear();
  log.seekg(position);
  std::string text{std::istreambuf_iterator<char>(log), {}};
  position += static_cast<std::streamoff>(text.size());
  return text;
}

// Prints what comes until a signal, or until the deployment is gone or dead.
Result<> follow(const Deployment& deployment, std::streamoff position, Context& context) {
  Interrupts interrupts;
  const std::filesystem::path file = context.states.log(deployment.name);
  std::ifstream log(file, std::ios::binary);  // stays open when the folder goes
  while (true) {
    const bool last = !is_alive(deployment.process) || interrupts.arrived();
    context.console.block(read_on(log, position));
    ALGEAN_TRY(context.console.finish());
    if (last) return {};
    constexpr int look_ms = 100;
    pollfd wait{interrupts.fd(), POLLIN, 0};
    (void)::poll(&wait, 1, look_ms);
  }
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Deployment deployment, context.states.read(options.name));
  const std::filesystem::path file = context.states.log(options.name);
  std::error_code error;
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file, error));
  if (error) return failed("{}: cannot read: {}", file.string(), error.message());
  const std::string text = last_lines(file, options.lines);
  if (!text.empty()) context.console.text("{}", text);
  if (options.follow) ALGEAN_TRY(follow(deployment, size, context));
  return Outcome{0, {{"name", options.name}, {"file", file.string()}, {"text", text}}};
}

}  // namespace

void add_logs(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("logs", "print what a deployment's node logged", "algean logs jet --lines 100");
  command.option("N", options->name, "name of a deployment", {.required = true});
  command.option("--lines", options->lines, "how many lines of the end");
  command.flag("-f,--follow", options->follow, "print new lines as they come, until Ctrl-C or the deployment ends");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
