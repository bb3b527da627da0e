#pragma once

#include <filesystem>
#include <string>

#include "runtime/base/result.hpp"

namespace algean {

// $XDG_STATE_HOME/algean, else $HOME/.local/state/algean: a folder for each deployment.
std::filesystem::path default_state_folder();

// Address in NAME/deployment.json of the state folder. bad_input when there is no such deployment, or its file is no
// such file.
Result<std::string> find_deployment(const std::filesystem::path& state_folder, const std::string& name);

}  // namespace algean
