// Windows that slide over a picture or a sequence: convolutions and pooling.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "partitioner/import_keras/config.hpp"
#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

enum class Padding : std::uint8_t { valid, same, causal };

struct Windows {
  std::vector<std::int64_t> size, strides, dilations;  // one an axis, each from 1 to max_size
  Padding padding = Padding::valid;
};

struct Slid {
  std::vector<std::int64_t> outputs;  // extents, one an axis
  std::vector<std::int64_t>
      padding;  // all axes' before, then all axes' after: [before, after], [top, left, bottom, right]
};

// kernel_size or pool_size (`size_key`), strides (null: the size of a pool), dilation_rate and padding of a config.
Result<Windows> read_windows(const Json& config, const char* size_key, std::size_t axes);
// Over the first axes of `input`. SAME: ceil(n / s) outputs, and of the padding that this needs the smaller half
// before.
Result<Slid> slide(const Windows& windows, const Shape& input);
// The transposed: output extents, and what is cropped from the full result (n - 1) s + (k - 1) d + 1; what is cropped
// after may be negative. `output_padding` is empty where Keras works it out.
Result<Slid> spread(const Windows& windows, const std::vector<std::int64_t>& output_padding, const Shape& input);
// A plan for an input of `axes` and channels, which are brought last before and to the front again behind if they come
// first.
Plan channel_last(std::size_t axes, bool channels_first, Applied applied);

}  // namespace algean::partitioner
