// A user's array file as inferences for a network's ports.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/engine/engine.hpp"

namespace algean::partitioner {

struct Samples {
  std::size_t count = 0;        // inferences, at least 1
  std::vector<Tensor> tensors;  // float32 [count, extents of the port...], in the order of the ports

  // One inference of one port, without the batch axis.
  [[nodiscard]] std::span<const float> of(std::size_t port, std::size_t inference) const;
};

// For one port the file's one array, or the one of its name; for several ports the arrays of their names (in a .npz,
// where others are ignored). Each array has the port's shape behind a batch axis, or holds one inference without it;
// rows of a .csv hold the elements flattened. Integers become float32. bad_input names file, port and rule; `what` is
// what the arrays are ("calibration input").
Result<Samples> read_samples(const std::filesystem::path& path, std::span<const Port> ports, std::string_view what);

}  // namespace algean::partitioner
