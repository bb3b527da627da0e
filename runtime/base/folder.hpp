// Folders that appear whole or not at all.
#pragma once

#include <filesystem>
#include <functional>

#include "runtime/base/result.hpp"

namespace algean {

// Makes `folder` ("bundle/" is "bundle"): `fill` writes a hidden neighbour, which then takes its name. What is there
// under this name is replaced where `check_former` has nothing against it, and stays as it is otherwise, or when
// anything fails.
Result<> write_folder(const std::filesystem::path& folder,
                      const std::function<Result<>(const std::filesystem::path& former)>& check_former,
                      const std::function<Result<>(const std::filesystem::path& made)>& fill);

}  // namespace algean
