#include "kernels/dense/step.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/dense/dense.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/requantise/requantise.hpp"
#include "kernels/weighted/bytes.hpp"

namespace algean::kernels::dense {
namespace {

constexpr std::size_t lanes = 16;       // output channels of a block
constexpr std::size_t line_bytes = 64;  // of a block and quad

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Writes the packed form of kernel.hpp.
class Packer {
 public:
  Packer(const LayerSpec& layer, const WeightBytes& weights, const Requantiser& requantiser, std::int32_t zero_x,
         std::int32_t largest_group)
      : weights_(weights),
        requantiser_(requantiser),
        bias_(layer.required("bias").elements<std::int32_t>()),
        zero_x_(zero_x),
        largest_group_(static_cast<std::size_t>(largest_group)) {}

  [[nodiscard]] std::size_t blocks() const { return round_up(bias_.size(), lanes) / lanes; }
  [[nodiscard]] std::size_t groups() const { return (blocks() + largest_group_ - 1) / largest_group_; }
  [[nodiscard]] std::size_t quads() const { return round_up(columns(), 4) / 4; }
  // Numbers of a row: the inputs, once for each summand that the weights are made of.
  [[nodiscard]] std::size_t columns() const { return weights_.taps() * static_cast<std::size_t>(weights_.copies()); }
  [[nodiscard]] std::size_t bytes() const { return blocks() * (quads() + 2) * line_bytes; }

  void write(std::byte* to) const {
    std::size_t first = 0;  // block
    for (std::size_t g = 0; g < groups(); ++g) {
      const std::size_t size = blocks() / groups() + (g < blocks() % groups() ? 1 : 0);
      to = write_group(to, first * lanes, size);
      first += size;
    }
  }

 private:
  std::byte* write_group(std::byte* to, std::size_t first, std::size_t size) const {
    const auto put = [&to](const auto value) {
      std::memcpy(to, &value, sizeof(value));
      to += sizeof(value);
    };
    for (std::size_t o = first; o < first + size * lanes; ++o) put(o < bias_.size() ? biased(o) : 0U);
    for (std::size_t quad = 0; quad < quads(); ++quad) {
      for (std::size_t o = first; o < first + size * lanes; ++o) {
        for (std::size_t i = 4 * quad; i < 4 * quad + 4; ++i) put(weight(o, i));
      }
    }
    for (std::size_t o = first; o < first + size * lanes; ++o) put(o < bias_.size() ? scale(o) : 0.0F);
    return to;
  }

  [[nodiscard]] std::int8_t weight(std::size_t o, std::size_t i) const {
    if (o >= bias_.size() || i >= columns()) return 0;
    return weights_.at(o, i % weights_.taps(), static_cast<int>(i / weights_.taps()));
  }
  [[nodiscard]] std::uint32_t biased(std::size_t o) const {
    return static_cast<std::uint32_t>(bias_[o] - weights_.sum(o, 0, weights_.taps()) * (zero_x_ + 128));
  }
  // Of `scaled` only.
  [[nodiscard]] float scale(std::size_t o) const {
    if (requantiser_.arithmetic() != Arithmetic::scaled) return 0;
    const auto [multiplier, shift] = requantiser_.channels()[o];
    return static_cast<float>(scaled::real_ratio({static_cast<std::int32_t>(multiplier), shift}));
  }

  const WeightBytes& weights_;
  const Requantiser& requantiser_;
  std::span<const std::int32_t> bias_;
  std::int64_t zero_x_;
  std::size_t largest_group_;
};

struct Free {
  void operator()(std::byte* data) const { ::operator delete(data, std::align_val_t{line_bytes}); }
};

class DenseStep final : public Step {
 public:
  DenseStep(const LayerSpec& layer, const TensorType& input, const TensorType& output, const Kernel& kernel)
      : run_(kernel.run), requantiser_(layer, output) {
    const WeightBytes weights(layer);
    n_in_ = weights.taps();
    copies_ = static_cast<std::size_t>(weights.copies());
    n_out_ = requantiser_.channels().size();
    rows_ = static_cast<std::size_t>(input.shape.elements()) / n_in_;
    const Packer packer(layer, weights, requantiser_, input.element.quantisation()->zero_point(), kernel.largest_group);
    constant_bytes_ = packer.bytes();
    owned_.reset(static_cast<std::byte*>(::operator new(constant_bytes_, std::align_val_t{line_bytes})));
    packer.write(owned_.get());
    is_scaled_ = requantiser_.arithmetic() == Arithmetic::scaled;
    multiplier_.resize(packer.blocks() * lanes, 0);
    shift_.resize(packer.blocks() * lanes, 1);
    for (std::size_t o = 0; is_scaled_ && o < n_out_; ++o) {
      multiplier_[o] = static_cast<std::int32_t>(requantiser_.channels()[o].multiplier);
      shift_[o] = static_cast<std::uint8_t>(requantiser_.channels()[o].shift);
    }
    packed_ = {reinterpret_cast<const std::uint8_t*>(owned_.get()),
               static_cast<std::int32_t>(packer.blocks()),
               static_cast<std::int32_t>(packer.groups()),
               static_cast<std::int32_t>(packer.quads()),
               requantiser_.zero(),
               requantiser_.codes().low,
               requantiser_.codes().high,
               multiplier_.data(),
               shift_.data()};
  }

  [[nodiscard]] std::size_t scratch_bytes() const override {
    return kernel_scratch_bytes() + input_bytes() + output_bytes();
  }
  [[nodiscard]] std::size_t constant_bytes() const override { return constant_bytes_; }
  void place_constants(std::byte* to) override {
    std::memcpy(to, packed_.constants, constant_bytes_);
    packed_.constants = reinterpret_cast<const std::uint8_t*>(to);
    owned_.reset();
  }

  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte* scratch) const noexcept override {
    const auto* x = reinterpret_cast<const std::int8_t*>(inputs[0]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    auto* kernel_scratch = reinterpret_cast<std::int16_t*>(scratch);
    if (is_direct()) return run_(packed_, x, {y, nullptr}, kernel_scratch);
    std::byte* copies = scratch + kernel_scratch_bytes();
    std::byte* result = copies + input_bytes();
    for (std::size_t row = 0; row < rows_; ++row) {
      run_row(x + row * n_in_, y + row * n_out_, kernel_scratch, reinterpret_cast<std::int8_t*>(copies), result);
    }
  }

 private:
  // A kernel writes whole blocks, so that rows go through scratch.
  void run_row(const std::int8_t* x, std::int8_t* y, std::int16_t* kernel_scratch, std::int8_t* copies,
               std::byte* result) const noexcept {
    if (copies_ > 1) {
      for (std::size_t copy = 0; copy < copies_; ++copy) std::memcpy(copies + copy * n_in_, x, n_in_);
      x = copies;
    }
    if (is_scaled_) {
      run_(packed_, x, {reinterpret_cast<std::int8_t*>(result), nullptr}, kernel_scratch);
      std::memcpy(y, result, n_out_);
      return;
    }
    auto* sums = reinterpret_cast<std::int32_t*>(result);
    run_(packed_, x, {nullptr, sums}, kernel_scratch);
    for (std::size_t o = 0; o < n_out_; ++o) y[o] = requantiser_(sums[o], o);
  }

  [[nodiscard]] bool is_direct() const { return rows_ == 1 && copies_ == 1 && is_scaled_; }
  [[nodiscard]] std::size_t kernel_scratch_bytes() const {
    return round_up(8 * static_cast<std::size_t>(packed_.quads), line_bytes);
  }
  [[nodiscard]] std::size_t input_bytes() const {
    return copies_ == 1 ? 0 : round_up(4 * static_cast<std::size_t>(packed_.quads), line_bytes);
  }
  [[nodiscard]] std::size_t output_bytes() const {
    if (is_direct()) return 0;
    const auto elements = lanes * static_cast<std::size_t>(packed_.blocks);
    return round_up(is_scaled_ ? elements : elements * sizeof(std::int32_t), line_bytes);
  }

  Run run_;
  Requantiser requantiser_;
  std::size_t n_in_ = 0, n_out_ = 0, rows_ = 0, copies_ = 1;
  bool is_scaled_ = true;
  std::size_t constant_bytes_ = 0;
  std::unique_ptr<std::byte, Free> owned_;  // until place_constants()
  std::vector<std::int32_t> multiplier_;
  std::vector<std::uint8_t> shift_;
  Packed packed_{};
};

}  // namespace

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

std::unique_ptr<Step> make_step(const LayerSpec& layer, const TensorType& input, const TensorType& output,
                                const Kernel& kernel) {
  return std::make_unique<DenseStep>(layer, input, output, kernel);
}

}  // namespace algean::kernels::dense

namespace algean::kernels {

Result<std::unique_ptr<Step>> Dense::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                             std::span<const TensorType> outputs, InstructionSet instructions) const {
  const dense::Kernel* kernel = dense::find_kernel(instructions);
  if (kernel == nullptr) return bad_input("this build has no dense kernel for the instruction set asked for");
  for (const std::int64_t extent : layer.required("weight").shape().extents()) {
    if (extent > dense::largest_extent) {
      return bad_input("constant 'weight' {}: at most {} inputs and outputs are compiled",
                       layer.required("weight").shape().text(), dense::largest_extent);
    }
  }
  return dense::make_step(layer, inputs[0], outputs[0], *kernel);
}

}  // namespace algean::kernels
