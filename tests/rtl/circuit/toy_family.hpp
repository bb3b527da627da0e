// A family that only moves elements, so that joining, printing and simulating are tested without any other.
#pragma once

#include <algorithm>
#include <array>

#include "kernels/graph/graph.hpp"

namespace algean::rtl {

// Operation `copy`: the input's elements in the same order, in the shape of attribute `shape` (the input's, if left
// out). A folding of SIMD x PE takes SIMD elements a beat and gives PE.
class CopyFamily final : public kernels::Family, public kernels::Hardware {
 public:
  using Spec = kernels::LayerSpec;
  using Types = std::span<const TensorType>;

  [[nodiscard]] std::string_view name() const override { return "copy"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override { return operations_; }
  [[nodiscard]] const kernels::Hardware* circuit() const override { return this; }
  [[nodiscard]] Result<std::vector<Shape>> infer(const Spec& layer, Types inputs) const override {
    if (inputs.size() != 1) return bad_input("copy has 1 input");
    if (!layer.attributes.has("shape")) return std::vector{inputs[0].shape};
    ALGEAN_ASSIGN(auto extents, layer.attributes.integers("shape"));
    ALGEAN_ASSIGN(const Shape shape, Shape::make(std::move(extents)));
    if (shape.elements() != inputs[0].shape.elements()) return bad_input("copy keeps the number of elements");
    return std::vector{shape};
  }
  [[nodiscard]] Result<> verify(const Spec&, Types, Types) const override { return {}; }
  void evaluate_float(const Spec&, std::span<const Tensor* const> inputs,
                      std::span<Tensor* const> outputs) const override {
    std::ranges::copy(inputs[0]->bytes(), outputs[0]->bytes().begin());
  }
  void evaluate_integer(const Spec& layer, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override {
    evaluate_float(layer, inputs, outputs);
  }
  [[nodiscard]] Result<Spec> quantise(const Spec& layer, Types, Types) const override { return layer; }
  [[nodiscard]] Result<std::unique_ptr<kernels::Step>> compile(const Spec&, Types, Types,
                                                               kernels::InstructionSet) const override {
    return bad_input("not compiled here");
  }

  [[nodiscard]] Result<std::vector<kernels::Folding>> foldings(const Spec&, Types inputs, Types outputs,
                                                               const kernels::HardwareOptions&) const override {
    std::vector<kernels::Folding> list;
    const std::int64_t most = std::min(inputs[0].shape.channels(), outputs[0].shape.channels());
    for (std::int64_t lanes = 1; lanes <= most; lanes *= 2) list.push_back({lanes, lanes});
    return list;
  }
  [[nodiscard]] Result<kernels::Netlist> netlist(const Spec& layer, Types inputs, Types outputs,
                                                 const kernels::Folding& folding,
                                                 const kernels::HardwareOptions&) const override {
    if (layer.attributes.has("refused")) return bad_input("attribute 'refused': no hardware for it");
    const kernels::Stream in = stream(inputs[0], folding.simd);
    const kernels::Stream out = stream(outputs[0], folding.pe);
    kernels::Netlist list;
    list.inputs = {list.add_stream(in)};
    const std::size_t middle = list.add_stream(in);
    list.outputs = {list.add_stream(out)};
    list.instances.push_back({.module = "algean_repack",
                              .name = "repack",
                              .parameters = {{"BITS", in.bits},
                                             {"ROWS", in.rows},
                                             {"IN_ELEMENTS", in.elements},
                                             {"IN_LANES", in.lanes},
                                             {"OUT_ELEMENTS", out.elements},
                                             {"OUT_LANES", out.lanes}},
                              .inputs = {middle},
                              .outputs = list.outputs});
    list.instances.push_back({.module = "algean_fifo",
                              .name = "fifo",
                              .parameters = {{"BITS", in.bits}, {"LANES", in.lanes}, {"DEPTH", std::int64_t{2}}},
                              .inputs = list.inputs,
                              .outputs = {middle}});
    return list;
  }
  // Exact where the lanes of both sides are equal: a register and wires.
  [[nodiscard]] kernels::Cycles cycles(const Spec&, Types inputs, Types outputs, const kernels::Folding& folding,
                                       const kernels::HardwareOptions&) const override {
    const std::int64_t beats =
        std::max(stream(inputs[0], folding.simd).beats(), stream(outputs[0], folding.pe).beats());
    return {.interval = beats, .latency = beats, .lag_beats = 1};
  }

 private:
  static kernels::Stream stream(const TensorType& type, std::int64_t lanes) {
    const std::int64_t elements = type.shape.channels();
    return {
        .rows = type.shape.elements() / elements, .elements = elements, .lanes = lanes, .bits = type.element.bits()};
  }
  static constexpr std::array<std::string_view, 1> operations_{"copy"};
};

inline const CopyFamily copy_family;
inline const std::array<const kernels::Family*, 1> toy_families{&copy_family};

}  // namespace algean::rtl
