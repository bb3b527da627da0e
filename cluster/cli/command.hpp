// The frame of the command line: which commands there are, how one is chosen and run, and what its end means.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cluster/cli/console.hpp"
#include "cluster/cli/json.hpp"
#include "cluster/deploy/state.hpp"
#include "kernels/family/family.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace CLI {
class App;
}

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

// What an option demands of its value, besides its type.
struct Demands {
  bool required = false;
  bool not_empty = false;                // of a text
  std::vector<std::string> one_of = {};  // texts; empty: any
  double low = 0;                        // numbers: low to high, and no nan, where high is not 0
  double high = 0;
};

// One command of the line: a thin cover of CLI11, whose headers only command.cpp reads (they cost seconds a file).
// Values outlive the commands; --help shows them as defaults where they are neither empty nor 0.
class Command {
 public:
  explicit Command(CLI::App& parser) : parser_(&parser) {}
  // A name without dashes is a positional argument, "NET"; else "-o,--output".
  Command& option(const std::string& name, std::string& value, const std::string& help, const Demands& demands = {});
  Command& option(const std::string& name, double& value, const std::string& help, const Demands& demands = {});
  Command& option(const std::string& name, std::size_t& value, const std::string& help, const Demands& demands = {});
  Command& option(const std::string& name, std::vector<std::string>& values, const std::string& help,
                  const Demands& demands = {});
  // Without help it is hidden.
  Command& flag(const std::string& name, bool& value, const std::string& help = "");
  // What the command does; the values are filled by then.
  void on(Action action) { action_ = std::move(action); }

 private:
  friend class Commands;
  CLI::App* parser_;
  Action action_;
};

class Commands {
 public:
  Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;
  ~Commands();

  // Adds a command with --help (which ends with the example) and --json. hidden: not listed.
  Command& add(const std::string& name, const std::string& summary, const std::string& example, bool hidden = false);

  // Parses, runs and prints; returns the exit status.
  int run(std::span<const char* const> arguments, Context& context);

 private:
  Result<> parse(std::span<const char* const> arguments, Console& console);
  Result<Outcome> dispatch(Context& context);

  std::unique_ptr<CLI::App> app_;
  std::deque<Command> commands_;
  bool json_ = false;
  bool version_ = false;
  bool answered_ = false;  // --help was printed
};

// One a command, each in a file of its own.
void add_check(Commands& commands);
void add_import(Commands& commands);
void add_quantise(Commands& commands);
void add_plan(Commands& commands);
void add_build(Commands& commands);
void add_cost(Commands& commands);
void add_calibrate(Commands& commands);
void add_infer(Commands& commands);
void add_evaluate(Commands& commands);
void add_compare(Commands& commands);
void add_bench(Commands& commands);
void add_deploy(Commands& commands);
void add_status(Commands& commands);
void add_logs(Commands& commands);
void add_stop(Commands& commands);
void add_node(Commands& commands);
void add_version(Commands& commands);

}  // namespace algean::cluster
