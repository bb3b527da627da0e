#include "runtime/client/lookup.hpp"

#include <cstdlib>

#include "runtime/document/document.hpp"

namespace algean {
std::filesystem::path default_state_folder() {
  // NOLINTBEGIN(concurrency-mt-unsafe): the environment is only read
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::filesystem::path(state) / "algean";
  }
  const char* home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  return std::filesystem::path(home != nullptr ? home : "/") / ".local/state/algean";
}

Result<std::string> find_deployment(const std::filesystem::path& state_folder, const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos) {
    return bad_input("\"{}\" is neither a deployment's name nor HOST:PORT", name);
  }
  const auto file = state_folder / name / "deployment.json";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return bad_input("no deployment is called \"{}\" ({} is missing)", name, file.string());
  }
  ALGEAN_ASSIGN(const Document document, Document::read(file));
  ALGEAN_ASSIGN(const Element address, document.root().at("address"));
  return address.string();
}

}  // namespace algean
