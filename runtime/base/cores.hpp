#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean {

// "0", "0,2", "1-3": numbers of cores, in order, each once. bad_input otherwise, and for a core that this process may
// not use.
Result<std::vector<unsigned>> parse_cores(const std::string& text);

// Lets this thread, and those that it starts later, run on these cores only. Not empty.
Result<> pin_to(const std::vector<unsigned>& cores);

}  // namespace algean
