// The frame of the command line: which commands there are, how one is chosen and run, and what its end means.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cluster/cli/console.hpp"
#include "cluster/cli/json.hpp"
#include "cluster/deploy/state.hpp"
#include "kernels/family/family.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

// What main wires and commands use. Everything is owned by main.
struct Context {
  Console& console;
  const Clock& clock;
  kernels::Families families;
  const StateRoot& states;
  std::filesystem::path program;  // this executable, started again as a node process
};

// How a command that did its work ended: the exit status (0, or 1 where results differ or a node died) and the
// document.
struct Outcome {
  int status = 0;
  Json document;
};

using Action = std::function<Result<Outcome>(Context&)>;

// A number from low to high; unlike CLI::Range it refuses nan.
CLI::Validator number_between(double low, double high);

class Commands {
 public:
  Commands();

  // Adds a command with --help (which ends with the example) and --json. hidden: not listed.
  CLI::App& add(const std::string& name, const std::string& summary, const std::string& example, bool hidden = false);
  // What `command` does; the options it captures are filled by then.
  void on(CLI::App& command, Action action);

  // Parses, runs and prints; returns the exit status.
  int run(std::span<const char* const> arguments, Context& context);

 private:
  Result<> parse(std::span<const char* const> arguments, Console& console);
  Result<Outcome> dispatch(Context& context);

  CLI::App app_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
  bool json_ = false;
  bool version_ = false;
  bool answered_ = false;  // --help was printed
};

// One a command, each in a file of its own.
void add_check(Commands& commands);
void add_import(Commands& commands);
void add_quantise(Commands& commands);
void add_infer(Commands& commands);
void add_evaluate(Commands& commands);
void add_compare(Commands& commands);
void add_bench(Commands& commands);
void add_deploy(Commands& commands);
void add_status(Commands& commands);
void add_logs(Commands& commands);
void add_stop(Commands& commands);
void add_version(Commands& commands);
void add_serve(Commands& commands);

}  // namespace algean::cluster
