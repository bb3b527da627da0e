// deployment.json: written whole by deploy, read strictly by everybody.
#include <limits>
#include <nlohmann/json.hpp>

#include "cluster/deploy/state.hpp"
#include "runtime/document/document.hpp"

namespace algean::cluster {
namespace {

using Json = nlohmann::ordered_json;

constexpr int record_version = 1;

Result<std::string> text_of(const Element& root, std::string_view key) {
  ALGEAN_ASSIGN(const Element value, root.at(key));
  return value.string();
}

Result<std::int64_t> number_of(const Element& root, std::string_view key, std::int64_t highest) {
  ALGEAN_ASSIGN(const Element value, root.at(key));
  return value.integer(1, highest);
}

}  // namespace

std::string to_text(const Deployment& deployment) {
  const Json document{{"version", record_version},     {"name", deployment.name},
                      {"pid", deployment.process.pid}, {"started", deployment.process.started_ticks},
                      {"address", deployment.address}, {"graph", deployment.graph.string()}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Deployment> parse_deployment(const std::string& text, const std::string& where) {
  ALGEAN_ASSIGN(const Document document, Document::parse(text, where));
  const Element root = document.root();
  ALGEAN_TRY(root.check_keys({"version", "name", "pid", "started", "address", "graph"}));
  ALGEAN_TRY(number_of(root, "version", record_version));
  Deployment deployment;
  ALGEAN_ASSIGN(deployment.name, text_of(root, "name"));
  ALGEAN_ASSIGN(const std::int64_t pid, number_of(root, "pid", std::numeric_limits<pid_t>::max()));
  ALGEAN_ASSIGN(const std::int64_t started, number_of(root, "started", std::numeric_limits<std::int64_t>::max()));
  deployment.process = {static_cast<pid_t>(pid), static_cast<std::uint64_t>(started)};
  ALGEAN_ASSIGN(deployment.address, text_of(root, "address"));
  ALGEAN_ASSIGN(deployment.graph, text_of(root, "graph"));
  return deployment;
}

}  // namespace algean::cluster
