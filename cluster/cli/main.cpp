// The binary `algean`: makes every part once and hands it to those who use it.
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "cluster/cli/command.hpp"
#include "kernels/library/library.hpp"

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread starts
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace algean;
  using namespace algean::cluster;
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file size limit then is an error of the write, like a full disk
  const SteadyClock clock;
  Console console({stdout, stderr, ::isatty(STDOUT_FILENO) == 1, ::isatty(STDERR_FILENO) == 1}, clock);
  const StateRoot states(state_root_path(environment("XDG_STATE_HOME"), environment("HOME")));
  Commands commands;
  add_check(commands);
  add_import(commands);
  add_quantise(commands);
  add_plan(commands);
  add_build(commands);
  add_cost(commands);
  add_calibrate(commands);
  add_infer(commands);
  add_evaluate(commands);
  add_compare(commands);
  add_bench(commands);
  add_deploy(commands);
  add_status(commands);
  add_logs(commands);
  add_stop(commands);
  add_node(commands);
  add_version(commands);
  Context context{console, clock, kernels::library(), states, "/proc/self/exe"};
  const std::vector<const char*> arguments(argv + std::min(argc, 1), argv + argc);
  return commands.run(arguments, context);
}
