// Photographs for tests of accuracy: read from PNG files, cropped, mirrored, resized.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/base/result.hpp"

namespace algean::testing_support {

// Square, RGB, row by row, 0..255.
struct Photograph {
  std::size_t side = 0;
  std::vector<float> pixels;  // side * side * 3
};

// Colour PNG of 8 bits a channel, square, not interlaced; bad_input for any other file.
Result<Photograph> read_photograph(const std::filesystem::path& path);

// The ten of models/imagenet_samples, in order.
Result<std::vector<Photograph>> read_photographs(const std::filesystem::path& folder);

// A random square of 70 to 100 % of the side, half of them mirrored, brought back to the side (bilinear).
Photograph random_view(const Photograph& photograph, Random& random);

// Each pixel the mean of a square; `side` divides the photograph's.
Photograph shrunk(const Photograph& photograph, std::size_t side);

// As ResNet-50's authors want it: blue, green, red, each less its mean over ImageNet.
std::vector<float> caffe_input(const Photograph& photograph);

}  // namespace algean::testing_support
