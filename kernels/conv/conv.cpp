#include "kernels/conv/conv.hpp"

#include <array>

namespace algean::kernels {
namespace {

constexpr std::array<std::string_view, 2> names{"conv1d", "conv2d"};

}  // namespace

Conv::Conv() : ConvFamily(conv::Direction::forward, "conv", names) {}

}  // namespace algean::kernels
