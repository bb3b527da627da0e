#pragma once

#include "cluster/cli/command.hpp"

namespace algean::cluster {

// Prints which layers each file format may hold and which operations the families compute; the same as a document.
Json show_operators(Context& context);

}  // namespace algean::cluster
