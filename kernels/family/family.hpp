// What every family of layers states. A new layer is a folder that implements this and one line in kernels/library.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/family/hardware.hpp"
#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

class HlsForm;

// Instruction sets that CPU code is written for, slowest first. A CPU may lack one in the middle (AVX-VNNI is younger
// than AVX-512).
enum class InstructionSet : std::uint8_t { portable, avx2, avx_vnni, avx512_vnni };

// One compiled layer of a plan. run() neither allocates nor calls the system. Pointers are 64-byte aligned; every
// buffer may be read (not written) up to the next multiple of 64 bytes, and outputs may be written up to it.
class Step {
 public:
  virtual ~Step() = default;
  // Bytes of scratch memory that run() needs; the program gives all its steps the same piece.
  [[nodiscard]] virtual std::size_t scratch_bytes() const { return 0; }
  // Bytes of constants that run() streams through: packed weights. A program lays those of all its steps side by side,
  // in the order of execution.
  [[nodiscard]] virtual std::size_t constant_bytes() const { return 0; }
  // Moves these constants to `to`: 64-byte aligned, owned by the caller, outlives the step. Called at most once, before
  // run().
  virtual void place_constants(std::byte* to) { (void)to; }
  virtual void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte* scratch) const noexcept = 0;
};

// Real range of a tensor's values as calibration saw it.
struct Range {
  double low = 0;
  double high = 0;
};

// A layer that reads the output of another as its input `position`.
struct Reader {
  const LayerSpec& layer;
  std::span<const TensorType> inputs, outputs;
  std::size_t position = 0;
};

class Family {
 public:
  virtual ~Family() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Names of the operations that this family computes.
  [[nodiscard]] virtual std::span<const std::string_view> operations() const = 0;
  // False: layers of this family must be removed by passes before hardware or integers (batch normalisation, dropout).
  [[nodiscard]] virtual bool hardware() const { return true; }
  // What it states about SystemVerilog; nullptr while it has none.
  [[nodiscard]] virtual const Hardware* circuit() const { return nullptr; }
  // What it states about HLS C++ (kernels/family/hls.hpp); nullptr while it has none.
  [[nodiscard]] virtual const HlsForm* hls() const { return nullptr; }

  // Shapes of the outputs. bad_input for wrong attributes, constants or input shapes; never trusts the layer.
  [[nodiscard]] virtual Result<std::vector<Shape>> infer(const LayerSpec& layer,
                                                         std::span<const TensorType> inputs) const = 0;
  // Element types, attributes and constants fit together; called after infer() agreed with the outputs' shapes.
  [[nodiscard]] virtual Result<> verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs) const = 0;

  // Float reference: float32 in and out, accumulated in binary64. Outputs come allocated.
  virtual void evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                              std::span<Tensor* const> outputs) const = 0;
  // Integer reference: the definition that every other implementation must meet bit for bit.
  virtual void evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                std::span<Tensor* const> outputs) const = 0;

  // The int8 type of output 0 where it does not come from calibration: softmax's is always 1/256, a reshape's is its
  // input's.
  [[nodiscard]] virtual std::optional<ElementType> fixed_output(const LayerSpec& layer,
                                                                std::span<const TensorType> inputs) const {
    (void)layer, (void)inputs;
    return std::nullopt;
  }
  // A float layer as an integer one of the same name, between tensors of the given integer types (arithmetic `scaled`).
  [[nodiscard]] virtual Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                   std::span<const TensorType> outputs) const = 0;
  // What one inference of a verified layer costs, in multiply-accumulates; an operation on an element counts as one of
  // them. Unless a family knows better, that is one for each element it makes.
  [[nodiscard]] virtual double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs) const {
    (void)layer, (void)inputs;
    double elements = 0;
    for (const TensorType& output : outputs) elements += static_cast<double>(output.shape.elements());
    return elements;
  }
  // CPU code for an integer layer that verify() accepted.
  [[nodiscard]] virtual Result<std::unique_ptr<Step>> compile(const LayerSpec& layer,
                                                              std::span<const TensorType> inputs,
                                                              std::span<const TensorType> outputs,
                                                              InstructionSet instructions) const = 0;
  // CPU code for a verified integer layer together with the only reader of its only output: the integers of both, one
  // after the other, without the tensor between them. The step's inputs are the layer's, then the reader's others; its
  // outputs are the reader's. nullptr where there is no such code.
  [[nodiscard]] virtual std::unique_ptr<Step> compile_with(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                           std::span<const TensorType> outputs, const Reader& reader,
                                                           InstructionSet instructions) const {
    (void)layer, (void)inputs, (void)outputs, (void)reader, (void)instructions;
    return nullptr;
  }
};

// The families of a process. kernels/library has the one list; tests may pass their own.
using Families = std::span<const Family* const>;

// The family that computes `operation`, or nullptr.
[[nodiscard]] const Family* find_family(Families families, std::string_view operation);

}  // namespace algean::kernels
