// Layers with weights, as float and as quantised operators share them.
#pragma once

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

// operators_dense.cpp
// A weight as [n_out, n_in]: `weight` is that where `out_first`, else [n_in, n_out]; leading ones are left out. n_in
// must be the extent of the input's axis `contracted`.
Result<OnnxTensor> dense_weight(OnnxConverter& converter, const OnnxTensor& weight, const PlacedValue& input,
                                std::size_t contracted, bool out_first);
// The dense layer over the axis `contracted`, whose place in the model the channels take.
Result<PendingDense> make_dense(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                                std::size_t contracted, const OnnxTensor& weight);

// operators_conv.cpp
Result<Outputs> conv(OnnxConverter& converter, const OnnxNode& node);
Result<Outputs> conv_transpose(OnnxConverter& converter, const OnnxNode& node);
// A convolution by these constants; the node has the attributes of Conv.
Result<Outputs> make_conv(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                          const OnnxTensor& weight, const OnnxTensor* bias);

// operators_conv.cpp: what convolutions and pooling say of their windows, an entry a spatial axis.
struct Windows {
  Extents window, strides, dilations;
  Extents before, after;                  // padding
  Extents uncounted;                      // what of `after` is there for ceil_mode alone
  [[nodiscard]] Extents padding() const;  // [before..., after...]
};
// `extents`: the input's, an entry a spatial axis. ceil_mode and auto_pad are resolved.
Result<Windows> windows(const OnnxNode& node, const Extents& window, const Extents& extents);

}  // namespace algean::partitioner::operators
