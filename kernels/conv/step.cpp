// CPU code of a layer: its packed form and the kernels of an instruction set.
#include <algorithm>

#include "kernels/conv/conv_family.hpp"
#include "kernels/conv/pack.hpp"
#include "kernels/eltwise/sum.hpp"

namespace algean::kernels::conv {
namespace {

constexpr std::size_t line_bytes = 64;
constexpr std::int64_t largest = std::int64_t{1} << 31;  // kernels count in 32 bits

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

const Kernel* find_kernel(InstructionSet instructions) {
  switch (instructions) {
    case InstructionSet::portable:
      return &portable;
#ifdef __x86_64__
    case InstructionSet::avx2:
      return &avx2;
    case InstructionSet::avx_vnni:
      return &avx_vnni;
    case InstructionSet::avx512_vnni:
      return &avx512_vnni;
#endif
    default:
      return nullptr;
  }
}

// Wider vectors than there are channels would be filled for nothing.
const DepthwiseKernel* find_depthwise_kernel(InstructionSet instructions, std::int64_t channels) {
  switch (instructions) {
    case InstructionSet::portable:
      return &depthwise_portable;
#ifdef __x86_64__
    case InstructionSet::avx2:
      return &depthwise_avx2;
    case InstructionSet::avx_vnni:
      return channels > 16 ? &depthwise_avx_vnni : &depthwise_avx2;
    case InstructionSet::avx512_vnni:
      return channels > 32 ? &depthwise_avx512_vnni : &depthwise_avx2;
#endif
    default:
      return nullptr;
  }
}

class ConvStep final : public Step {
 public:
  // `in_place`: where nothing is padded, the kernel reads the input itself.
  ConvStep(PackedLayer packed, Run kernel, bool in_place) : packed_(std::move(packed)), kernel_(kernel) {
    const Image& image = packed_.image();
    const std::size_t slack = round_up(image.bytes(), line_bytes) - image.bytes();  // behind the input
    in_place_ = in_place && !image.is_padded() && packed_.overread() <= slack;
    if (in_place_) packed_.read_in_place();
  }

  // What the kernels need besides the image.
  void set_kernel_scratch(std::size_t bytes) { kernel_scratch_bytes_ = bytes; }
  // From now on, input 1 is added to the layer's output.
  void add(const Addition& addition, RunAdding kernel) {
    addition_ = addition;
    kernel_adding_ = kernel;
  }

  [[nodiscard]] std::size_t scratch_bytes() const override { return image_bytes() + kernel_scratch_bytes_; }
  [[nodiscard]] std::size_t constant_bytes() const override { return packed_.constant_bytes(); }
  void place_constants(std::byte* to) override { packed_.place_constants(to); }

  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte* scratch) const noexcept override {
    const std::byte* image = inputs[0];
    if (!in_place_) {
      make_image(packed_.image(), reinterpret_cast<const std::int8_t*>(inputs[0]),
                 reinterpret_cast<std::uint8_t*>(scratch));
      image = scratch;
    }
    const auto* x = reinterpret_cast<const std::uint8_t*>(image);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    std::byte* rest = scratch + image_bytes();
    for (const Packed& part : packed_.parts()) {
      if (kernel_adding_ == nullptr) {
        kernel_(part, x, y, rest);
      } else {
        kernel_adding_(part, addition_, x, reinterpret_cast<const std::int8_t*>(inputs[1]), y, rest);
      }
    }
  }

 private:
  [[nodiscard]] std::size_t image_bytes() const {
    return in_place_ ? 0 : round_up(packed_.image().bytes() + line_bytes - 1, line_bytes);
  }

  PackedLayer packed_;
  Run kernel_;
  bool in_place_ = false;
  std::size_t kernel_scratch_bytes_ = 0;
  Addition addition_{};
  RunAdding kernel_adding_ = nullptr;
};

Result<> check_extents(const LayerSpec& layer, std::span<const TensorType> types) {
  const Shape& weight = layer.required("weight").shape();
  if (weight.elements() >= largest) return bad_input("constant 'weight' {} is too large to be compiled", weight.text());
  for (const TensorType& type : types) {
    if (type.shape.elements() < largest) continue;
    return bad_input("{} is too large to be compiled: at most {} elements", type.text(), largest - 1);
  }
  return {};
}

std::unique_ptr<ConvStep> make_step(const LayerSpec& layer, const Geometry& geometry, const TensorType& input,
                                    const TensorType& output, const Kernel& kernel) {
  PackedLayer packed(layer, geometry, input, output, {kernel.largest_group, 0, 1});
  std::size_t scratch = 0;
  for (const Packed& part : packed.parts()) scratch = std::max(scratch, kernel.scratch_bytes(part));
  auto step = std::make_unique<ConvStep>(std::move(packed), kernel.run, kernel.in_place);
  step->set_kernel_scratch(scratch);
  return step;
}

}  // namespace

std::size_t no_scratch(const Packed&) { return 0; }

Result<std::unique_ptr<Step>> ConvFamily::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                  std::span<const TensorType> outputs,
                                                  InstructionSet instructions) const {
  const Kernel* kernel = find_kernel(instructions);
  if (kernel == nullptr) return bad_input("this build has no kernels for the instruction set asked for");
  ALGEAN_TRY(check_extents(layer, inputs));
  ALGEAN_TRY(check_extents(layer, outputs));
  const Geometry g = geometry(layer, direction_, inputs[0].shape);
  if (g.depthwise()) {
    const DepthwiseKernel* depthwise = find_depthwise_kernel(instructions, g.c_out);
    PackedLayer packed(layer, g, inputs[0], outputs[0], {1, depthwise->taps, depthwise->side});
    return std::make_unique<ConvStep>(std::move(packed), depthwise->run, false);
  }
  return make_step(layer, g, inputs[0], outputs[0], *kernel);
}

std::unique_ptr<Step> ConvFamily::compile_with(const LayerSpec& layer, std::span<const TensorType> inputs,
                                               std::span<const TensorType> outputs, const Reader& reader,
                                               InstructionSet instructions) const {
  const Kernel* kernel = find_kernel(instructions);
  if (kernel == nullptr || kernel->run_adding == nullptr) return nullptr;
  const auto sum = eltwise::sum_of(reader.layer, reader.inputs, reader.outputs);
  const Geometry g = geometry(layer, direction_, inputs[0].shape);
  if (!sum || g.depthwise() || !check_extents(layer, inputs) || !check_extents(layer, outputs)) return nullptr;
  Addition addition{sum->m0, sum->m1, sum->offset, sum->shift, sum->zero, sum->low, sum->high};
  if (reader.position == 1) std::swap(addition.m0, addition.m1);
  auto step = make_step(layer, g, inputs[0], outputs[0], *kernel);
  step->add(addition, kernel->run_adding);
  return step;
}

}  // namespace algean::kernels::conv
