// What a node becomes.
#pragma once

#include "partitioner/import_onnx/converter.hpp"

namespace algean::partitioner {

// What the node's outputs stand for, in order; those at the end that nobody may use can be missing. Errors say what is
// not supported: "transA is 1, 0 expected".
Result<std::vector<OnnxMeaning>> convert_node(OnnxConverter& converter, const OnnxNode& node);

namespace operators {

// At most Shape::max_elements elements, were extents of 0 ones of 1: no product of some of them overflows.
bool has_fair_extents(const std::vector<std::int64_t>& extents);

// Real numbers that the file has as integers `from`, as the real numbers of other integers: `to` says what the same
// integers stand for. With `to` of scale 1 and zero point 0 these are the integers themselves.
Result<PlacedValue> as_codes(OnnxConverter& converter, const PlacedValue& value, const OnnxCodes& from,
                             const OnnxCodes& to, const std::string& name);

}  // namespace operators
}  // namespace algean::partitioner
