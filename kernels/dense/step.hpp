#pragma once

#include <memory>

#include "kernels/dense/kernel.hpp"
#include "kernels/family/family.hpp"

namespace algean::kernels::dense {

// The kernel for an instruction set, or nullptr where this build has none (x86 kernels on another CPU).
const Kernel* find_kernel(InstructionSet instructions);

// The layer packed as kernel.hpp says. The layer is verified and in integer form.
std::unique_ptr<Step> make_step(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                                const Kernel& kernel);

}  // namespace algean::kernels::dense
