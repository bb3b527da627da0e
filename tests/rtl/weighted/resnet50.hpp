// Shapes of ResNet-50 v1 (224x224, the stride in a block's first layer), 3.858 GMAC: Keras' and the trained model's.
#pragma once

#include <array>
#include <cstdint>

namespace algean::rtl {

struct ResNet50Layer {
  const char* name;
  std::int64_t size, channels, filters, kernel, stride;  // input size x size x channels
  int times;
};

inline constexpr std::array<ResNet50Layer, 21> resnet50_layers{{
    {"conv1", 224, 3, 64, 7, 2, 1},
    {"conv2 first", 56, 64, 64, 1, 1, 1},
    {"conv2 in", 56, 256, 64, 1, 1, 2},
    {"conv2 middle", 56, 64, 64, 3, 1, 3},
    {"conv2 out", 56, 64, 256, 1, 1, 4},  // one is a shortcut
    {"conv3 first", 56, 256, 128, 1, 2, 1},
    {"conv3 shortcut", 56, 256, 512, 1, 2, 1},
    {"conv3 in", 28, 512, 128, 1, 1, 3},
    {"conv3 middle", 28, 128, 128, 3, 1, 4},
    {"conv3 out", 28, 128, 512, 1, 1, 4},
    {"conv4 first", 28, 512, 256, 1, 2, 1},
    {"conv4 shortcut", 28, 512, 1024, 1, 2, 1},
    {"conv4 in", 14, 1024, 256, 1, 1, 5},
    {"conv4 middle", 14, 256, 256, 3, 1, 6},
    {"conv4 out", 14, 256, 1024, 1, 1, 6},
    {"conv5 first", 14, 1024, 512, 1, 2, 1},
    {"conv5 shortcut", 14, 1024, 2048, 1, 2, 1},
    {"conv5 in", 7, 2048, 512, 1, 1, 2},
    {"conv5 middle", 7, 512, 512, 3, 1, 3},
    {"conv5 out", 7, 512, 2048, 1, 1, 3},
    {"fc", 1, 2048, 1000, 1, 1, 1},
}};

}  // namespace algean::rtl
