#include "partitioner/passes/passes.hpp"

#include <array>

namespace algean::partitioner {
namespace {

constexpr std::array<Pass, 4> list = {{
    {"remove_dead", remove_dead, "remove layers that no output depends on"},
    {"remove_reshape", remove_reshape, "remove reshapes that only relabel"},
    {"fold_batch_norm", fold_batch_norm, "fold batch normalisation into the dense layer before or behind it"},
    {"fuse_relu", fuse_relu, "make a relu the activation of the dense layer before it"},
}};

}  // namespace

std::span<const Pass> float_passes() { return list; }

Result<> simplify(kernels::Graph& graph, kernels::Families families) {
  ALGEAN_TRY(kernels::verify(graph, families));
  for (const Pass& pass : list) {
    if (auto done = pass.run(graph, families); !done) return std::unexpected(done.error().within(pass.name));
    if (auto good = kernels::verify(graph, families); !good) {
      return failed("pass {} left a graph that is not well formed: {}", pass.name, good.error().message);
    }
  }
  return {};
}

}  // namespace algean::partitioner
