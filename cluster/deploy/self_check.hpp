// Whether a running node answers as the reference does.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "runtime/base/result.hpp"
#include "runtime/client/client.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::cluster {

// The tensors that one inference takes, in the order of the graph's inputs, in the form of a user: float32 or integers.
using Inference = std::vector<Tensor>;

// What the reference says: integers quantised from the floats and back, as a client does it, where a port's form is
// float32.
Result<std::vector<Tensor>> reference(const kernels::Graph& graph, kernels::Families families, const Inference& inputs);

// Sends each inference to the node, one after the other. failed with inference, output and element where the answer is
// not the reference's, bit for bit.
Result<> self_check(Client& client, const kernels::Graph& graph, kernels::Families families,
                    std::span<const Inference> inferences, std::int64_t timeout_ns);

}  // namespace algean::cluster
