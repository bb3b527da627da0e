// deployment.json: written whole by deploy, read strictly by everybody.
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "cluster/deploy/state.hpp"

namespace algean::cluster {
namespace {

using Json = nlohmann::ordered_json;

constexpr int record_version = 1;

// The document, or an error for bad JSON and doubled keys.
Result<Json> parse_json(const std::string& text, const std::string& where) {
  std::set<std::string> seen;
  std::string doubled;
  const auto notice = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1 && !seen.insert(value.get<std::string>()).second) {
      doubled = value.get<std::string>();
    }
    return true;
  };
  try {
    Json document = Json::parse(text, notice);
    if (!doubled.empty()) return bad_input("{}: the key `{}` stands there twice", where, doubled);
    if (!document.is_object()) return bad_input("{}: not a JSON object", where);
    return document;
  } catch (const Json::exception& error) {
    return bad_input("{}: {}", where, error.what());
  }
}

Result<std::string> text_of(const Json& document, const std::string& key, const std::string& where) {
  const auto found = document.find(key);
  if (found == document.end()) return bad_input("{}: the key `{}` is missing", where, key);
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
    return bad_input("{}: `{}` must be a string that is not empty", where, key);
  }
  return found->get<std::string>();
}

Result<std::uint64_t> number_of(const Json& document, const std::string& key, std::uint64_t highest,
                                const std::string& where) {
  const auto found = document.find(key);
  if (found == document.end()) return bad_input("{}: the key `{}` is missing", where, key);
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() < 1 || found->get<std::uint64_t>() > highest) {
    return bad_input("{}: `{}` must be an integer of 1 to {}", where, key, highest);
  }
  return found->get<std::uint64_t>();
}

}  // namespace

std::string to_text(const Deployment& deployment) {
  const Json document{{"version", record_version},     {"name", deployment.name},
                      {"pid", deployment.process.pid}, {"started", deployment.process.started_ticks},
                      {"address", deployment.address}, {"graph", deployment.graph.string()}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Deployment> parse_deployment(const std::string& text, const std::string& where) {
  ALGEAN_ASSIGN(const Json document, parse_json(text, where));
  static const std::set<std::string> keys{"version", "name", "pid", "started", "address", "graph"};
  for (const auto& [key, value] : document.items()) {
    if (!keys.contains(key)) return bad_input("{}: `{}` is no key of deployment.json", where, key);
  }
  Deployment deployment;
  ALGEAN_TRY(number_of(document, "version", record_version, where));
  ALGEAN_ASSIGN(deployment.name, text_of(document, "name", where));
  ALGEAN_ASSIGN(const std::uint64_t pid, number_of(document, "pid", std::numeric_limits<pid_t>::max(), where));
  ALGEAN_ASSIGN(deployment.process.started_ticks,
                number_of(document, "started", std::numeric_limits<std::uint64_t>::max(), where));
  deployment.process.pid = static_cast<pid_t>(pid);
  ALGEAN_ASSIGN(deployment.address, text_of(document, "address", where));
  ALGEAN_ASSIGN(deployment.graph, text_of(document, "graph", where));
  return deployment;
}

}  // namespace algean::cluster
