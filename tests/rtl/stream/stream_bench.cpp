// Modules of kernels/stream against what they are to give: the elements that came, in their order.
#include <algorithm>

#include "tests/rtl/harness/bench.hpp"

namespace algean::rtl {
namespace {

std::vector<Elements> copies(const Case& what, const std::vector<Elements>& inputs) {
  return std::vector<Elements>(what.outputs.size(), inputs[0]);
}

std::size_t beats_of_the_busier_side(const Case& what) {
  return std::max(what.inputs[0].beats(), what.outputs[0].beats());
}

}  // namespace

Models models() {
  const Model moves{copies, beats_of_the_busier_side, {}};
  return {{"algean_register", moves}, {"algean_fifo", moves}, {"algean_clone", moves}, {"algean_repack", moves}};
}

}  // namespace algean::rtl
