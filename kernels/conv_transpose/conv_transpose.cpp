#include "kernels/conv_transpose/conv_transpose.hpp"

#include <array>

namespace algean::kernels {
namespace {

constexpr std::array<std::string_view, 2> names{"conv1d_transpose", "conv2d_transpose"};

}  // namespace

ConvTranspose::ConvTranspose() : ConvFamily(conv::Direction::transposed, "conv_transpose", names) {}

}  // namespace algean::kernels
