#include "cluster/cli/command.hpp"
#include "cluster/cli/table.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::string name;
};

std::string age_text(double age_s) {
  const auto seconds = static_cast<std::int64_t>(age_s);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

Json describe(const Deployment& deployment, const std::string& state, std::optional<double> age) {
  Json document{{"name", deployment.name},
                {"state", state},
                {"address", deployment.address},
                {"pid", deployment.process.pid},
                {"graph", deployment.graph.string()}};
  if (age) document["age_s"] = *age;
  return document;
}

void add_row(Table& table, Json& list, const Deployment& deployment) {
  const auto age = age_s(deployment.process);
  const std::string state = age ? "running" : "dead";
  table.add({deployment.name, state, deployment.address, std::to_string(deployment.process.pid),
             age ? age_text(*age) : "", deployment.graph.string()});
  list.push_back(describe(deployment, state, age));
}

Result<Outcome> run(const Options& options, Context& context) {
  Table table({{"name"}, {"state"}, {"address"}, {"pid", true}, {"up", true}, {"graph"}});
  Json list = Json::array();
  if (!options.name.empty()) {
    ALGEAN_ASSIGN(const Deployment deployment, context.states.read(options.name));
    add_row(table, list, deployment);
    context.console.block(table.text());
    return Outcome{0, std::move(list[0])};
  }
  for (const std::string& name : context.states.names()) {
    const auto deployment = context.states.read(name);
    if (deployment) {
      add_row(table, list, *deployment);
    } else if (context.states.exists(name)) {  // not one that was stopped just now
      context.console.warn(deployment.error().message);
      table.add({name, "unreadable", "", "", "", ""});
      list.push_back({{"name", name}, {"state", "unreadable"}, {"message", deployment.error().message}});
    }
  }
  if (list.empty()) {
    context.console.text("no deployments in {}", context.states.path().string());
  } else {
    context.console.block(table.text());
  }
  return Outcome{0, {{"deployments", std::move(list)}}};
}

}  // namespace

void add_status(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command = commands.add("status", "list the deployments, or show one", "algean status jet");
  command.option("N", options->name, "name of a deployment (default: all)");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
