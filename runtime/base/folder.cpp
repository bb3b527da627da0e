#include "runtime/base/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "runtime/base/descriptor.hpp"

namespace algean {
namespace {

namespace fs = std::filesystem;

// A hidden folder beside the one in the making; gone with all it holds unless it took its name.
class Staging {
 public:
  explicit Staging(fs::path folder) : folder_(std::move(folder)) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  [[nodiscard]] const fs::path& folder() const { return folder_; }
  void keep() { folder_.clear(); }

 private:
  fs::path folder_;
};

}  // namespace

Result<> write_folder(const fs::path& folder, const std::function<Result<>(const fs::path&)>& check_former,
                      const std::function<Result<>(const fs::path&)>& fill) {
  std::error_code error;
  // Where it is a link, or the current folder by a short name, the folder itself.
  fs::path target = fs::weakly_canonical(folder, error);
  if (error) return failed("{}: {}", folder.string(), error.message());
  if (!target.has_filename()) target = target.parent_path();
  const bool exists = fs::exists(fs::symlink_status(target, error));
  if (exists) ALGEAN_TRY(check_former(target));
  std::string hidden = (target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())).string();
  if (::mkdtemp(hidden.data()) == nullptr) {
    return failed("{}: cannot make a folder: {}", target.string(), system_reason());
  }
  Staging staging(hidden);
  fs::permissions(hidden,
                  fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec,
                  fs::perm_options::add, error);
  ALGEAN_TRY(fill(staging.folder()));
  const unsigned flags = exists ? RENAME_EXCHANGE : RENAME_NOREPLACE;  // what was there is removed with the staging
  if (::renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, target.c_str(), flags) != 0) {
    return failed("{}: cannot take this name: {}", target.string(), system_reason());
  }
  if (!exists) staging.keep();
  return {};
}

}  // namespace algean
