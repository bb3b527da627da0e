// Documents that --json prints: keys stay in the order in which they are set.
#pragma once

#include <nlohmann/json.hpp>

namespace algean::cluster {

using Json = nlohmann::ordered_json;

}  // namespace algean::cluster
