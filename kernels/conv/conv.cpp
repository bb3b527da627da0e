#include "kernels/conv/conv.hpp"

#include <array>

#include "kernels/conv/hardware.hpp"

namespace algean::kernels {
namespace {

constexpr std::array<std::string_view, 2> names{"conv1d", "conv2d"};

}  // namespace

const Hardware* Conv::circuit() const {
  static const conv::ConvHardware hardware;
  return &hardware;
}

Conv::Conv() : ConvFamily(conv::Direction::forward, "conv", names) {}

}  // namespace algean::kernels
