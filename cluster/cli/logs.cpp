#include <poll.h>

#include <algorithm>

#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/deploy/interrupts.hpp"
#include "cluster/deploy/journal.hpp"
#include "cluster/deploy/survey.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string name;
  std::string node;
  std::size_t lines = 50;
  bool follow = false;
};

constexpr std::int64_t agent_timeout_ns = 2'000'000'000;

void print(const std::vector<JournalLine>& lines, std::size_t name_width, Console& console) {
  for (const JournalLine& line : lines) console.text("{:<{}}  {}", line.node, name_width, line.text);
}

// Whether the deployment is gone, or none of its nodes lives any more.
bool has_ended(const Deployment& deployment, Context& context) {
  const auto now = context.states.read(deployment.name);
  if (!now || now->epoch != deployment.epoch) return true;
  return std::ranges::all_of(deployment.nodes,
                             [](const DeployedNode& node) { return node.process && !is_alive(*node.process); });
}

// Prints what comes until a signal, or until the deployment has ended.
Result<> follow(Journal& journal, const Deployment& deployment, std::size_t name_width, Context& context) {
  Interrupts interrupts;
  while (true) {
    const bool last = interrupts.arrived() || has_ended(deployment, context);
    print(journal.read(0), name_width, context.console);
    ALGEAN_TRY(context.console.finish());
    if (last) return {};
    constexpr int look_ms = 100;
    pollfd wait{interrupts.fd(), POLLIN, 0};
    (void)::poll(&wait, 1, look_ms);
  }
}

Result<Outcome> run(const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Deployment deployment, context.states.read(options.name));
  const auto has_name = [&](const DeployedNode& node) { return node.name == options.node; };
  if (!options.node.empty() && std::ranges::none_of(deployment.nodes, has_name)) {
    return bad_input("deployment `{}` has no node `{}`; `algean status {}` lists them", options.name, options.node,
                     options.name);
  }
  std::size_t name_width = 0;
  for (const DeployedNode& node : deployment.nodes) name_width = std::max(name_width, node.name.size());
  Journal journal(deployment, context.states.log_folder(options.name), options.node, build_version, agent_timeout_ns,
                  context.clock);
  std::vector<JournalLine> lines = journal.read(options.lines);
  if (lines.size() > options.lines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(options.lines));
  }
  for (const std::string& problem : journal.problems()) context.console.warn(problem);
  const bool complete = journal.problems().empty();
  print(lines, name_width, context.console);
  if (options.follow) ALGEAN_TRY(follow(journal, deployment, name_width, context));
  Json list = Json::array();
  for (const JournalLine& line : lines) {
    list.push_back({{"node", line.node}, {"unix_time_ms", line.unix_time_ms}, {"text", line.text}});
  }
  return Outcome{complete ? 0 : 1, {{"name", options.name}, {"lines", std::move(list)}}};
}

}  // namespace

void add_logs(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("logs", "print what a deployment's nodes logged, in the order of time",
                                  "algean logs jet --lines 100");
  command.option("N", options->name, "name of a deployment", {.required = true});
  command.option("--node", options->node, "only this node's", {.not_empty = true});
  command.option("--lines", options->lines, "how many lines of the end", {.high = 1e9});
  command.flag("-f,--follow", options->follow, "print new lines as they come, until Ctrl-C or the deployment ends");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
