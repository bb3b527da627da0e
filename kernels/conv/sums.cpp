#include "kernels/conv/sums.hpp"

#include <algorithm>
#include <vector>

#include "kernels/conv/sums_row.hpp"

namespace algean::kernels::conv {
namespace {

constexpr std::size_t lanes = sum_lanes;

const SumKernel& best_kernel() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return sums_avx2;
#endif
  return sums_portable;
}

// The input with what its columns need around it. Rows outside the input are left out of the sums instead.
struct Image {
  std::size_t channels = 0;  // of a pixel; of a depthwise layer as many as outputs, each input repeated
  std::size_t left = 0;      // columns before the first
  std::size_t row = 0;       // numbers of a row
  std::vector<double> numbers;
};

Image make_image(const Geometry& g, const ReadRow& read) {
  const Border columns = border(g.columns, g.in_w);
  const auto width = static_cast<std::size_t>(g.in_w);
  const auto inputs = static_cast<std::size_t>(g.c_in);
  Image image;
  image.channels = static_cast<std::size_t>(g.depthwise() ? g.c_out : g.c_in);
  image.left = static_cast<std::size_t>(columns.before);
  image.row = (image.left + width + static_cast<std::size_t>(columns.after)) * image.channels;
  image.numbers.resize(static_cast<std::size_t>(g.in_h) * image.row + lanes);  // a last vector may reach further
  const std::size_t repeats = image.channels / inputs;
  std::vector<double> row(width * inputs);
  for (std::int64_t y = 0; y < g.in_h; ++y) {
    double* to = &image.numbers[static_cast<std::size_t>(y) * image.row + image.left * image.channels];
    if (repeats == 1) {
      read(y, to);
      continue;
    }
    read(y, row.data());
    for (const double value : row) to = std::fill_n(to, repeats, value);
  }
  return image;
}

// One pair of lines: a convolution without gaps in its outputs.
class Grid {
 public:
  Grid(const Geometry& geometry, const Line& rows, const Line& columns, const Image& image, const SumKernel& kernel)
      : g_(geometry), rows_(rows), columns_(columns), image_(image), kernel_(kernel) {
    inputs_ = static_cast<std::size_t>(g_.inputs());
    packed_.resize(rows.taps.size() * columns.taps.size() * inputs_ * lanes);
    sums_.resize(static_cast<std::size_t>(columns.count) * lanes);
  }

  // Channels o .. o + count - 1, all of one group unless the layer is depthwise.
  void run(std::size_t o, std::size_t count, std::span<const float> weights, std::span<const double> bias,
           const WriteSums& write) {
    pack(o, count, weights);
    double start[lanes] = {};
    if (!bias.empty()) std::copy_n(&bias[o], count, start);
    const std::size_t group = o / static_cast<std::size_t>(g_.outputs());
    const std::size_t channel = g_.depthwise() ? o : group * inputs_;
    for (std::int64_t i = 0; i < rows_.count; ++i) {
      run_row(i, channel, start);
      const std::int64_t y = rows_.first + i * rows_.step;
      for (std::int64_t j = 0; j < columns_.count; ++j) {
        const std::int64_t pixel = y * g_.out_w + columns_.first + j * columns_.step;
        write(static_cast<std::size_t>(pixel * g_.c_out) + o, {&sums_[static_cast<std::size_t>(j) * lanes], count});
      }
    }
  }

 private:
  // [row taps][column taps][inputs][lanes]
  void pack(std::size_t o, std::size_t count, std::span<const float> weights) {
    const auto width = static_cast<std::size_t>(g_.k_w);
    const std::size_t of_output = static_cast<std::size_t>(g_.k_h) * width * inputs_;
    std::ranges::fill(packed_, 0.0);
    double* to = packed_.data();
    for (const Tap& row : rows_.taps) {
      for (const Tap& column : columns_.taps) {
        const std::size_t tap = static_cast<std::size_t>(row.kernel) * width + static_cast<std::size_t>(column.kernel);
        for (std::size_t lane = 0; lane < count; ++lane) {
          const float* from = &weights[(o + lane) * of_output + tap * inputs_];
          for (std::size_t i = 0; i < inputs_; ++i) to[i * lanes + lane] = static_cast<double>(from[i]);
        }
        to += inputs_ * lanes;
      }
    }
  }

  void run_row(std::int64_t i, std::size_t channel, const double* start) {
    x_.clear();
    weights_.clear();
    const std::size_t tap_size = inputs_ * lanes;
    for (std::size_t r = 0; r < rows_.taps.size(); ++r) {
      const std::int64_t y = i * rows_.stride + rows_.taps[r].shift;
      if (y < 0 || y >= g_.in_h) continue;
      const double* row = &image_.numbers[static_cast<std::size_t>(y) * image_.row + channel];
      for (std::size_t c = 0; c < columns_.taps.size(); ++c) {
        const std::int64_t column = columns_.taps[c].shift + static_cast<std::int64_t>(image_.left);
        x_.push_back(row + static_cast<std::size_t>(column) * image_.channels);
        weights_.push_back(&packed_[(r * columns_.taps.size() + c) * tap_size]);
      }
    }
    const SumRow row{x_.data(),
                     weights_.data(),
                     x_.size(),
                     inputs_,
                     static_cast<std::size_t>(columns_.stride) * image_.channels,
                     static_cast<std::size_t>(columns_.count),
                     start,
                     sums_.data()};
    (g_.depthwise() ? kernel_.depthwise : kernel_.full)(row);
  }

  const Geometry& g_;
  const Line& rows_;
  const Line& columns_;
  const Image& image_;
  const SumKernel& kernel_;
  std::size_t inputs_ = 0;  // of a group
  std::vector<double> packed_, sums_;
  std::vector<const double*> x_, weights_;
};

}  // namespace

void sums(const Geometry& g, const ReadRow& read, std::span<const float> weights, std::span<const double> bias,
          const WriteSums& write) {
  const Image image = make_image(g, read);
  const SumKernel& kernel = best_kernel();
  const auto c_out = static_cast<std::size_t>(g.c_out);
  const std::size_t group = g.depthwise() ? c_out : static_cast<std::size_t>(g.outputs());
  for (const Line& rows : g.rows) {
    for (const Line& columns : g.columns) {
      Grid grid(g, rows, columns, image, kernel);
      for (std::size_t first = 0; first < c_out; first += group) {
        for (std::size_t o = first; o < first + group; o += lanes) {
          grid.run(o, std::min(lanes, first + group - o), weights, bias, write);
        }
      }
    }
  }
}

}  // namespace algean::kernels::conv
