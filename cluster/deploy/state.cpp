#include "cluster/deploy/state.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

namespace fs = std::filesystem;

constexpr auto staging_mark = ".making.";  // hidden folders are ROOT/.making.NAME.XXXXXX

// The open folder with an exclusive lock, or none where somebody else holds it or it is gone.
Descriptor lock_folder(const fs::path& folder) {
  Descriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open_folder && ::flock(open_folder.get(), LOCK_EX | LOCK_NB) != 0) open_folder.reset();
  return open_folder;
}

Result<> rename_folder(const fs::path& from, const fs::path& to, unsigned flags) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return {};
  return failed("{}: cannot take this name: {}", to.string(), system_reason());
}

}  // namespace

Result<> check_deployment_name(const std::string& name) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
  };
  const bool first = !name.empty() && std::isalnum(static_cast<unsigned char>(name[0])) != 0;
  if (first && name.size() <= max_name_characters && std::ranges::all_of(name, fits)) return {};
  return bad_input(
      "`{}` is no deployment name: letters, digits, `.`, `_` and `-`, first a letter or digit, at most {} characters",
      name, max_name_characters);
}

fs::path state_root_path(const std::string& xdg_state_home, const std::string& home) {
  if (fs::path(xdg_state_home).is_absolute()) return fs::path(xdg_state_home) / "algean";
  if (fs::path(home).is_absolute()) return fs::path(home) / ".local" / "state" / "algean";
  return {};
}

Staging::~Staging() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

bool StateRoot::exists(const std::string& name) const {
  std::error_code ignored;
  return !path_.empty() && check_deployment_name(name) && fs::exists(folder(name), ignored);
}

std::vector<std::string> StateRoot::names() const {
  std::vector<std::string> found;
  std::error_code error;
  if (path_.empty()) return found;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (check_deployment_name(name) && entry->is_directory(error)) found.push_back(name);
  }
  std::ranges::sort(found);
  return found;
}

Result<Deployment> StateRoot::read(const std::string& name) const {
  ALGEAN_TRY(check_deployment_name(name));
  if (!exists(name)) return bad_input("no deployment `{}` in {}; `algean status` lists them", name, path_.string());
  const fs::path file = folder(name) / record_file;
  ALGEAN_ASSIGN(const std::string text, read_text(file, std::size_t{1} << 20U));
  ALGEAN_ASSIGN(Deployment deployment, parse_deployment(text, file.string()));
  if (deployment.name != name) {
    return bad_input("{}: says `name` {}, but lies in the folder of {}", file.string(), deployment.name, name);
  }
  return deployment;
}

std::vector<Staging> StateRoot::take_abandoned() const {
  std::vector<Staging> taken;
  std::error_code error;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(staging_mark)) continue;
    if (Descriptor lock = lock_folder(entry->path())) taken.emplace_back(entry->path(), std::move(lock));
  }
  return taken;
}

Result<Staging> StateRoot::stage(const std::string& name) const {
  ALGEAN_TRY(check_deployment_name(name));
  if (path_.empty()) return bad_input("neither XDG_STATE_HOME nor HOME names an absolute folder for deployments");
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) return failed("{}: cannot make the state folder: {}", path_.string(), error.message());
  constexpr int attempts = 16;  // another's take_abandoned() may be faster than our lock
  for (int attempt = 0; attempt < attempts; ++attempt) {
    std::string folder = (path_ / (staging_mark + name + ".XXXXXX")).string();
    if (::mkdtemp(folder.data()) == nullptr) return failed("{}: cannot make a folder: {}", folder, system_reason());
    Descriptor lock = lock_folder(folder);
    if (!lock) continue;
    Staging staging(folder, std::move(lock));
    if (fs::create_directory(staging.folder() / "log", error)) return staging;
    if (error != std::errc::no_such_file_or_directory) break;
  }
  return failed("{}: cannot make a folder for `{}`: {}", path_.string(), name, error.message());
}

Result<> StateRoot::publish(Staging& staging, const std::string& name, bool replace) const {
  const fs::path target = folder(name);
  if (::renameat2(AT_FDCWD, staging.folder_.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
    staging.folder_.clear();
    return {};
  }
  if (errno != EEXIST) return failed("{}: cannot take this name: {}", target.string(), system_reason());
  if (!replace)
    return bad_input("the name `{}` is taken by a deployment; stop it, or give --replace or another --name", name);
  return rename_folder(staging.folder_, target, RENAME_EXCHANGE);
}

Result<> StateRoot::remove(const std::string& name, std::uint64_t epoch) const {
  const auto now = read(name);
  if (!now || now->epoch != epoch) return {};  // gone, or another deployment's by now
  std::string hidden = (path_ / (staging_mark + name + ".XXXXXX")).string();
  if (::mkdtemp(hidden.data()) == nullptr) return failed("{}: cannot make a folder: {}", hidden, system_reason());
  const Staging doomed(hidden, lock_folder(hidden));
  auto renamed = rename_folder(folder(name), fs::path(hidden) / name, 0);
  if (!renamed && !exists(name)) return {};  // somebody else removed it meanwhile
  return renamed;
}

}  // namespace algean::cluster
