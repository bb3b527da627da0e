// Pooling, as float and as quantised operators share it.
#pragma once

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

// The node has the attributes of MaxPool or AveragePool. The result is channel last.
Result<PlacedValue> make_pool(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input, bool maximum,
                              const std::string& value_name);
// `operation` over all spatial axes, which stay with extent 1.
Result<PlacedValue> make_global(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                                const std::string& operation);

}  // namespace algean::partitioner::operators
