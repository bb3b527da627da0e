// The half that runs inside the contained child.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

// The file's content packed as hdf5_file.cpp unpacks it. May crash or hang on hostile bytes: call it in a child only.
Result<std::vector<std::byte>> pack_hdf5(std::span<const std::byte> bytes, std::string_view where);

}  // namespace algean::partitioner
