#pragma once

#include <functional>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::kernels {

// Called with every value as soon as it is known: graph inputs first, then each layer's outputs. The tensor is there
// during the call only.
using Observer = std::function<void(ValueId value, const Tensor& tensor)>;

// The reference: one inference, layer by layer. A layer between float32 tensors runs its family's float reference, a
// layer between integer tensors its integer reference. inputs[i] has the type of graph.inputs[i]'s value (its integers
// may come without their quantisation); bad_input otherwise. `graph` is one that verify() accepted. Tensors go with
// their last reader.
Result<std::vector<Tensor>> interpret(const Graph& graph, Families families, std::span<const Tensor> inputs,
                                      const Observer& observe = {});

}  // namespace algean::kernels
