#pragma once

#include <string_view>

#include "partitioner/import_keras/model.hpp"

namespace algean::partitioner {

// Fills in the calls, inputs and outputs of a Functional model whose layers are read: `config` is the model's own,
// `layers` its list. Errors have `where` ("net.json: inner: ") in front.
Result<> connect(const Json& config, const Json& layers, std::string_view where, KerasModel& model);

}  // namespace algean::partitioner
