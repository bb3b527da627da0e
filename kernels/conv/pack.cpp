#include "kernels/conv/pack.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/conv/runs.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/weighted/bytes.hpp"

namespace algean::kernels::conv {
namespace {

constexpr std::size_t lanes = 16;       // output channels of a block
constexpr std::size_t line_bytes = 64;  // of a block's biases, or of its weights for a quad

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }
std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }
std::int64_t signed_size(std::size_t value) { return static_cast<std::int64_t>(value); }
std::int32_t small(std::size_t value) { return static_cast<std::int32_t>(value); }

// Writes the constants of one part, whose last output channel comes before `end`.
class PartWriter {
 public:
  PartWriter(const WeightBytes& weights, const Requantiser& requantiser, std::span<const std::int32_t> bias,
             std::int64_t zero_x, std::size_t inputs, std::size_t end, const Runs& runs)
      : weights_(weights),
        requantiser_(requantiser),
        bias_(bias),
        zero_x_(zero_x),
        inputs_(inputs),
        end_(end),
        runs_(runs.all()),
        quads_((runs.bytes(inputs) + 3) / 4) {}

  // A group of `blocks` blocks from channel o on, for a Kernel.
  std::byte* write_group(std::byte* to, std::size_t o, std::size_t blocks) {
    to_ = to;
    std::vector<std::size_t> order(blocks * lanes);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = o + i;
    for (const std::size_t at : order) put(biased(at));
    for (const ByteRun& run : runs_) {
      for (std::size_t quad = 0; quad < quads_; ++quad) {
        for (const std::size_t at : order) {
          for (std::size_t i = 4 * quad; i < 4 * quad + 4; ++i) put(weight(at, run, i));
        }
      }
    }
    put_ratios(order);
    return to_;
  }

  // `side` blocks from channel o on, for a DepthwiseKernel.
  std::byte* write_side_by_side(std::byte* to, std::size_t o, std::size_t taps, std::size_t side) {
    to_ = to;
    std::vector<std::size_t> order;  // of channels
    for (std::size_t i = 0; i < side * lanes; ++i) order.push_back(o + i / 4 % side * lanes + i / 4 / side * 4 + i % 4);
    for (const std::size_t at : order) put(biased(at));
    for (std::size_t run = 0; run < runs_.size(); run += taps) {
      for (const std::size_t at : order) {
        for (std::size_t i = run; i < run + taps; ++i) put(weight(at, runs_[i], 0));
      }
    }
    while ((to_ - to) % static_cast<std::ptrdiff_t>(line_bytes) != 0) put(std::int8_t{0});
    put_ratios(order);
    return to_;
  }

 private:
  template <class T>
  void put(const T value) {
    std::memcpy(to_, &value, sizeof(value));
    to_ += sizeof(value);
  }

  [[nodiscard]] std::int8_t weight(std::size_t o, const ByteRun& run, std::size_t byte) const {
    if (o >= end_ || byte >= run.taps.size() * inputs_) return 0;
    return weights_.at(o, run.taps[byte / inputs_] * inputs_ + byte % inputs_, run.copy);
  }

  [[nodiscard]] std::uint32_t biased(std::size_t o) const {
    if (o >= end_) return 0;
    std::int64_t sum = 0;
    for (const ByteRun& run : runs_) {
      if (run.copy != 0) continue;
      for (const std::size_t tap : run.taps) sum += weights_.sum(o, tap * inputs_, inputs_);
    }
    return static_cast<std::uint32_t>(bias_[o] - sum * (zero_x_ + 128));
  }

  void put_ratios(std::span<const std::size_t> channels) {
    const bool is_scaled = requantiser_.arithmetic() == Arithmetic::scaled;
    for (const std::size_t o : channels) {
      const auto [multiplier, shift] = o < end_ ? requantiser_.channels()[o] : Requantiser::Channel{0, 1};
      const auto integer = static_cast<std::int32_t>(multiplier);
      if (is_scaled) {
        put(static_cast<float>(scaled::real_ratio({integer, shift})));
      } else {
        put(integer);
      }
    }
    for (const std::size_t o : channels) {
      put(is_scaled || o >= end_ ? std::int32_t{0} : requantiser_.channels()[o].shift);
    }
  }

  const WeightBytes& weights_;
  const Requantiser& requantiser_;
  std::span<const std::int32_t> bias_;
  std::int64_t zero_x_;
  std::size_t inputs_, end_;
  std::span<const ByteRun> runs_;
  std::size_t quads_;
  std::byte* to_ = nullptr;
};

Image image_of(const Geometry& g, const TensorType& input, const Layout& layout) {
  const bool depthwise = layout.taps != 0;
  const Border rows = border(g.rows, g.in_h);
  const Border columns = border(g.columns, g.in_w);
  Image image;
  image.rows = size(g.in_h);
  image.columns = size(g.in_w);
  image.channels = size(g.c_in);
  image.top = size(rows.before);
  image.bottom = size(rows.after);
  image.left = size(columns.before);
  image.right = size(columns.after);
  image.repeats = depthwise ? size(g.c_out / g.c_in) : 1;
  image.pixel_bytes = depthwise ? round_up(size(g.c_out), lanes * size(layout.side)) : size(g.c_in);
  image.padding = static_cast<std::uint8_t>(input.element.quantisation()->zero_point() + 128);
  return image;
}

}  // namespace

// Makes a PackedLayer, part by part.
class Packer {
 public:
  Packer(const LayerSpec& layer, const Geometry& geometry, const TensorType& input, const TensorType& output,
         const Layout& layout, PackedLayer& to)
      : g_(geometry),
        layout_(layout),
        depthwise_(layout.taps != 0),
        weights_(layer),
        requantiser_(layer, output),
        bias_(layer.required("bias").elements<std::int32_t>()),
        zero_x_(input.element.quantisation()->zero_point()),
        groups_(depthwise_ ? 1 : size(geometry.groups)),
        channels_(size(geometry.c_out) / groups_),
        blocks_(round_up(channels_, lanes * size(layout.side)) / lanes),
        inputs_(size(geometry.inputs())),
        to_(to) {
    const std::size_t largest = size(layout.largest_group);
    block_groups_ = depthwise_ ? blocks_ / size(layout.side) : (blocks_ + largest - 1) / largest;
  }

  void pack() {
    add_ratios();
    const std::size_t multiple = depthwise_ ? size(layout_.taps) : 1;
    for (const Line& rows : g_.rows) {
      for (const Line& columns : g_.columns) {
        runs_.emplace_back(g_, rows, columns, to_.image_, weights_.copies(), multiple);
        to_.offsets_.push_back(runs_.back().offsets());
        to_.constant_bytes_ += groups_ * part_bytes(runs_.back());
      }
    }
    to_.constants_.reset(static_cast<std::byte*>(::operator new(to_.constant_bytes_, std::align_val_t{line_bytes})));
    std::byte* at = to_.constants_.get();
    for (std::size_t pair = 0; pair < runs_.size(); ++pair) {
      for (std::size_t group = 0; group < groups_; ++group) at = add_part(at, pair, group);
    }
  }

 private:
  void add_ratios() {
    to_.multiplier_.assign(groups_ * blocks_ * lanes, 0);
    to_.shift_.assign(groups_ * blocks_ * lanes, 1);
    for (std::size_t o = 0; o < size(g_.c_out); ++o) {
      const std::size_t at = o / channels_ * blocks_ * lanes + o % channels_;
      to_.multiplier_[at] = static_cast<std::int32_t>(requantiser_.channels()[o].multiplier);
      to_.shift_[at] = requantiser_.channels()[o].shift;
    }
  }

  [[nodiscard]] std::size_t quads(const Runs& runs) const { return (runs.bytes(inputs_) + 3) / 4; }
  [[nodiscard]] std::size_t part_bytes(const Runs& runs) const {
    const std::size_t count = runs.all().size();
    const std::size_t weight_bytes =
        depthwise_ ? round_up(count * lanes, line_bytes) : count * quads(runs) * line_bytes;
    return blocks_ * (weight_bytes + 3 * line_bytes);
  }

  std::byte* add_part(std::byte* at, std::size_t pair, std::size_t group) {
    const Runs& runs = runs_[pair];
    to_.overread_ = std::max(to_.overread_, 4 * quads(runs) - std::min(4 * quads(runs), runs.bytes(inputs_)));
    to_.parts_.push_back(describe(at, pair, group));
    PartWriter writer(weights_, requantiser_, bias_, zero_x_, inputs_, (group + 1) * channels_, runs);
    std::size_t o = group * channels_;
    for (std::size_t b = 0; b < block_groups_; ++b) {
      const std::size_t count = blocks_ / block_groups_ + (b < blocks_ % block_groups_ ? 1 : 0);
      at = depthwise_ ? writer.write_side_by_side(at, o, size(layout_.taps), count) : writer.write_group(at, o, count);
      o += count * lanes;
    }
    return at;
  }

  [[nodiscard]] Packed describe(const std::byte* at, std::size_t pair, std::size_t group) const {
    const Line& rows = g_.rows[pair / g_.columns.size()];
    const Line& columns = g_.columns[pair % g_.columns.size()];
    Packed part{};
    part.constants = reinterpret_cast<const std::uint8_t*>(at);
    part.blocks = small(blocks_);
    part.groups = small(block_groups_);
    part.runs = small(runs_[pair].all().size());
    part.quads = depthwise_ ? 1 : small(quads(runs_[pair]));
    part.run_offsets = to_.offsets_[pair].data();
    part.rows = static_cast<std::int32_t>(rows.count);
    part.columns = static_cast<std::int32_t>(columns.count);
    part.first = signed_size(group * inputs_);
    part.row_step = rows.stride * signed_size(to_.image_.row_bytes());
    part.column_step = columns.stride * signed_size(to_.image_.pixel_bytes);
    part.y_first = (rows.first * g_.out_w + columns.first) * g_.c_out + signed_size(group * channels_);
    part.y_row_step = rows.step * g_.out_w * g_.c_out;
    part.y_column_step = columns.step * g_.c_out;
    part.channels = small(channels_);
    part.tflite = requantiser_.arithmetic() == Arithmetic::tflite;
    part.zero_y = requantiser_.zero();
    part.low = requantiser_.codes().low;
    part.high = requantiser_.codes().high;
    part.multiplier = &to_.multiplier_[group * blocks_ * lanes];
    part.shift = &to_.shift_[group * blocks_ * lanes];
    state_bounds(part, group);
    return part;
  }

  void state_bounds(Packed& part, std::size_t group) const {
    if (part.tflite) return;
    part.is_narrow = part.is_exact = true;
    for (std::size_t o = group * channels_; o < (group + 1) * channels_; ++o) {
      const std::int64_t largest = weights_.largest_sum(o, bias_[o], zero_x_);
      const auto [multiplier, shift] = requantiser_.channels()[o];
      const double ratio = scaled::real_ratio({static_cast<std::int32_t>(multiplier), shift});
      part.is_exact = part.is_exact && largest < 1 << 24;
      part.is_narrow = part.is_narrow && static_cast<double>(largest) * ratio < (1 << 15) - 512;
    }
  }

  const Geometry& g_;
  Layout layout_;
  bool depthwise_;
  WeightBytes weights_;
  Requantiser requantiser_;
  std::span<const std::int32_t> bias_;
  std::int32_t zero_x_;
  std::size_t groups_, channels_;  // groups of channels, and outputs of one
  std::size_t blocks_, block_groups_ = 0;
  std::size_t inputs_;
  std::vector<Runs> runs_;  // for each pair of lines
  PackedLayer& to_;
};

PackedLayer::PackedLayer(const LayerSpec& layer, const Geometry& geometry, const TensorType& input,
                         const TensorType& output, const Layout& layout)
    : image_(image_of(geometry, input, layout)) {
  Packer(layer, geometry, input, output, layout, *this).pack();
}

void PackedLayer::place_constants(std::byte* to) {
  std::memcpy(to, constants_.get(), constant_bytes_);
  for (Packed& part : parts_) {
    const auto* old = reinterpret_cast<const std::uint8_t*>(constants_.get());
    part.constants = reinterpret_cast<const std::uint8_t*>(to) + (part.constants - old);
  }
  constants_.reset();
}

void PackedLayer::read_in_place() {
  for (Packed& part : parts_) part.flip = 0x80;
}

}  // namespace algean::kernels::conv
