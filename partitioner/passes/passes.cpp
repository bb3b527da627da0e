#include "partitioner/passes/passes.hpp"

#include <array>

namespace algean::partitioner {
namespace {

constexpr std::array<Pass, 7> list = {{
    {"remove_dead", remove_dead, "remove layers that no output depends on"},
    {"merge_transposes", merge_transposes, "make one transpose of two, and a reshape of one that moves no element"},
    {"remove_reshape", remove_reshape, "remove reshapes that only relabel"},
    {"fold_batch_norm", fold_batch_norm, "fold batch normalisation into the weights before or behind it"},
    {"fuse_relu", fuse_relu, "make a relu the activation of the layer before it"},
    {"fold_pad", fold_pad, "make a pad of zeros the padding of the convolutions or pools behind it"},
    {"fuse_scores", fuse_scores, "make one layer of a mean squared error or KL divergence at an output"},
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
