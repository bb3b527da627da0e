#pragma once

#include <string_view>

#include "partitioner/import_keras/model.hpp"

namespace algean::partitioner {

// Fills model.order: every call after the calls that it reads, in the file's order where that leaves a choice (Kahn,
// "Topological sorting of large networks", CACM 1962). bad_input, with `where` in front, for a circle.
Result<> sort_calls(KerasModel& model, std::string_view where);

}  // namespace algean::partitioner
