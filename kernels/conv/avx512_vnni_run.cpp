// A part of a convolution as tiles: how they cover the grid, in which order, and what is fetched ahead.
#include "kernels/conv/tile.hpp"

namespace algean::kernels::conv {
namespace {

constexpr int tile_pixels = 2 * half_pixels;

// The grid as tiles take it: rows that follow each other without a gap are one long row.
struct Grid {
  std::int64_t rows, columns;
  std::int64_t pieces;  // of a row, or 1 where a tile takes two rows
  bool pairs;           // of rows
};

Grid make_grid(const Packed& p) {
  Grid grid{p.rows, p.columns, 1, false};
  if (p.row_step == grid.columns * p.column_step && p.y_row_step == grid.columns * p.y_column_step) {
    grid.columns *= grid.rows;
    grid.rows = 1;
  }
  grid.pairs = grid.columns <= half_pixels;
  if (!grid.pairs) grid.pieces = (grid.columns + tile_pixels - 1) / tile_pixels;
  return grid;
}

// Where a tile lies. Its halves may share a pixel, which then is computed twice.
struct Place {
  std::int64_t x[2], y[2];  // bytes
  int pixels;               // of a half
  int halves;
};

Place make_place(const Packed& p, const Grid& grid, std::int64_t row, std::int64_t piece) {
  const std::int64_t x = p.first + row * p.row_step;
  const std::int64_t y = p.y_first + row * p.y_row_step;
  if (grid.pairs) {
    return {{x, x + p.row_step}, {y, y + p.y_row_step}, static_cast<int>(grid.columns), row + 1 < grid.rows ? 2 : 1};
  }
  const std::int64_t base = grid.columns / grid.pieces;
  const std::int64_t larger = grid.columns % grid.pieces;  // pieces that have a pixel more
  const std::int64_t first = piece * base + (piece < larger ? piece : larger);
  const std::int64_t count = base + (piece < larger ? 1 : 0);
  const std::int64_t half = (count + 1) / 2;
  const std::int64_t second = first + count - half;
  return {{x + first * p.column_step, x + second * p.column_step},
          {y + first * p.y_column_step, y + second * p.y_column_step},
          static_cast<int>(half),
          2};
}

// A group of vectors.
struct Group {
  const std::uint8_t* constants;
  std::int64_t bytes;  // of the constants
  int first;           // vector
  int vectors;
};

std::int64_t weight_lines(const Packed& p) { return std::int64_t{p.runs} * p.quads; }  // of a vector

Group first_group(const Packed& p) {
  const int vectors = p.blocks < tile_vectors ? p.blocks : tile_vectors;
  return {p.constants, (weight_lines(p) + 3) * vectors * line_bytes, 0, vectors};
}

Group next_group(const Packed& p, const Group& group) {
  const int first = group.first + group.vectors;
  const int vectors = p.blocks - first < tile_vectors ? p.blocks - first : tile_vectors;
  return {group.constants + group.bytes, (weight_lines(p) + 3) * vectors * line_bytes, first, vectors};
}

class Part {
 public:
  Part(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte* scratch)
      : p_(packed), grid_(make_grid(packed)), image_(image), y_(y), sums_(reinterpret_cast<std::int32_t*>(scratch)) {}

  void add(const Addition& addition, const std::int8_t* other) {
    addition_ = &addition;
    other_ = other;
  }

  void run() {
    const std::int64_t weights = weight_lines(p_) * line_bytes * p_.blocks;
    if (weights > p_.rows * p_.row_step) {
      for (Group group = first_group(p_); group.first < p_.blocks; group = next_group(p_, group)) run_group(group);
    } else {
      for_places([this](const Place& place, std::int64_t) {
        for (Group group = first_group(p_); group.first < p_.blocks; group = next_group(p_, group)) {
          run_tile(group, place, group.constants, 0);
        }
      });
    }
  }

 private:
  template <class Function>
  void for_places(const Function& function) const {
    std::int64_t tile = 0;
    for (std::int64_t row = 0; row < grid_.rows; row += grid_.pairs ? 2 : 1) {
      for (std::int64_t piece = 0; piece < grid_.pieces; ++piece) {
        function(make_place(p_, grid_, row, piece), tile++);
      }
    }
  }

  // All tiles of a group, whose weights stay near, while those of the next group come nearer: as many lines a tile as
  // it has quads. Behind the last group lie the constants of the next layer.
  void run_group(const Group& group) const {
    for_places([&](const Place& place, std::int64_t tile) {
      const std::int64_t fetched = tile * weight_lines(p_) * line_bytes;
      const bool done = fetched >= group.bytes;
      run_tile(group, place, group.constants + (done ? 0 : group.bytes + fetched), done ? 0 : line_bytes);
    });
  }

  void run_tile(const Group& group, const Place& place, const std::uint8_t* ahead, std::int64_t ahead_step) const {
    const Tile tile{
        {image_ + place.x[0], image_ + place.x[1]}, p_.column_step, group.constants, ahead, ahead_step, sums_};
    avx512_accumulate[group.vectors - 1][place.pixels - 1][place.halves - 1](p_, tile);
    const Requantise requantise = (p_.tflite ? avx512_tflite : avx512_scaled)[group.vectors - 1];
    const int rest = p_.channels - group.first * lanes;
    const int channels = rest < group.vectors * lanes ? rest : group.vectors * lanes;
    Outputs outputs{sums_,
                    group.constants + (weight_lines(p_) + 1) * group.vectors * line_bytes,
                    place.pixels,
                    channels,
                    y_ + place.y[0] + group.first * lanes,
                    p_.y_column_step};
    if (place.halves == 2 && place.y[1] == place.y[0] + place.pixels * p_.y_column_step) {
      outputs.pixels *= 2;
      return finish(requantise, outputs);
    }
    finish(requantise, outputs);
    if (place.halves == 1) return;
    outputs.sums += place.pixels * group.vectors * lanes;
    outputs.y = y_ + place.y[1] + group.first * lanes;
    finish(requantise, outputs);  // after all of the first half: the halves may share a pixel, which is added to once
  }

  void finish(Requantise requantise, const Outputs& outputs) const {
    if (addition_ == nullptr) return requantise(p_, outputs);
    avx512_requantise_adding(p_, requantise, outputs, *addition_, other_ + (outputs.y - y_));
  }

  const Packed& p_;
  Grid grid_;
  const std::uint8_t* image_;
  std::int8_t* y_;
  std::int32_t* sums_;
  const Addition* addition_ = nullptr;
  const std::int8_t* other_ = nullptr;
};

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte* scratch) noexcept {
  Part(packed, image, y, scratch).run();
}

void run_adding(const Packed& packed, const Addition& addition, const std::uint8_t* image, const std::int8_t* other,
                std::int8_t* y, std::byte* scratch) noexcept {
  Part part(packed, image, y, scratch);
  part.add(addition, other);
  part.run();
}

std::size_t scratch_bytes(const Packed&) { return tile_bytes; }

}  // namespace

const Kernel avx512_vnni{run, tile_vectors, true, scratch_bytes, run_adding};

}  // namespace algean::kernels::conv
