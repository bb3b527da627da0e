// A layer in the form that kernel.hpp states.
#pragma once

#include <memory>
#include <new>
#include <vector>

#include "kernels/conv/geometry.hpp"
#include "kernels/conv/image.hpp"
#include "kernels/conv/kernel.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::conv {

// How constants are to lie: a Kernel's `largest_group`, or a DepthwiseKernel's `taps` and `side`.
struct Layout {
  std::int32_t largest_group = 1;
  std::int32_t taps = 0;  // 0: of a Kernel
  std::int32_t side = 1;
};

// Owns all that the parts point to.
class PackedLayer {
 public:
  // The layer is verified and in integer form. Depthwise layouts are for depthwise layers.
  PackedLayer(const LayerSpec& layer, const Geometry& geometry, const TensorType& input, const TensorType& output,
              const Layout& layout);

  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] const std::vector<Packed>& parts() const { return parts_; }
  // A part's runs read up to this many bytes behind the image.
  [[nodiscard]] std::size_t overread() const { return overread_; }
  [[nodiscard]] std::size_t constant_bytes() const { return constant_bytes_; }
  // Moves the constants to memory of the caller's.
  void place_constants(std::byte* to);
  // The image is the input itself.
  void read_in_place();

 private:
  friend class Packer;
  struct Free {
    void operator()(std::byte* data) const { ::operator delete(data, std::align_val_t{64}); }
  };
  Image image_;
  std::vector<Packed> parts_;
  std::vector<std::vector<std::int64_t>> offsets_;  // of runs, for each pair of lines
  std::vector<std::int32_t> multiplier_, shift_;    // for each group of channels, padded to blocks
  std::size_t overread_ = 0;
  std::size_t constant_bytes_ = 0;
  std::unique_ptr<std::byte, Free> constants_;  // until place_constants()
};

}  // namespace algean::kernels::conv
