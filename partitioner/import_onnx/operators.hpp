// What a node becomes.
#pragma once

#include "partitioner/import_onnx/converter.hpp"

namespace algean::partitioner {

// What the node's first output stands for. Errors say what is not supported: "transA is 1, 0 expected".
Result<OnnxMeaning> convert_node(OnnxConverter& converter, const OnnxNode& node);

}  // namespace algean::partitioner
