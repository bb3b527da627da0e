// The half that runs inside the contained child.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

// The model packed as onnx_file.cpp unpacks it.
Result<std::vector<std::byte>> pack_onnx(std::span<const std::byte> bytes, std::string_view where);

}  // namespace algean::partitioner
