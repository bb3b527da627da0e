#include "tests/support/photographs.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <set>

#include "runtime/base/file.hpp"

namespace algean::testing_support {
namespace {

constexpr std::size_t channels = 3;

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
}

// PNG specification, section 9.4: the neighbour nearest to left + above - corner.
int paeth(int left, int above, int corner) {
  const int guess = left + above - corner;
  const int to_left = std::abs(guess - left);
  const int to_above = std::abs(guess - above);
  const int to_corner = std::abs(guess - corner);
  if (to_left <= to_above && to_left <= to_corner) return left;
  return to_above <= to_corner ? above : corner;
}

// A row of bytes whose neighbours were subtracted, in place.
void restore(std::span<std::uint8_t> row, int kind, std::span<const std::uint8_t> before) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = i >= channels ? row[i - channels] : 0;
    const int corner = i >= channels ? before[i - channels] : 0;
    const int above = before[i];
    const std::array<int, 5> predicted{0, left, above, (left + above) / 2, paeth(left, above, corner)};
    row[i] = static_cast<std::uint8_t>(row[i] + predicted.at(static_cast<std::size_t>(kind)));
  }
}

struct Parts {
  std::vector<std::uint8_t> header, data;
};

Parts split(std::span<const std::uint8_t> file) {
  Parts parts;
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const std::size_t size = std::min<std::size_t>(big_endian(file.subspan(at)), file.size() - at - 12);
    const std::string kind(file.begin() + static_cast<std::ptrdiff_t>(at + 4),
                           file.begin() + static_cast<std::ptrdiff_t>(at + 8));
    const auto content = file.subspan(at + 8, size);
    if (kind == "IHDR") parts.header.assign(content.begin(), content.end());
    if (kind == "IDAT") parts.data.insert(parts.data.end(), content.begin(), content.end());
    at += size + 12;
  }
  return parts;
}

}  // namespace

Result<Photograph> read_photograph(const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const auto bytes, read_file(path));
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const Parts parts = split({first, bytes.size()});
  const auto refused = [&] { return bad_input("{}: must be a square colour PNG of 8 bits a channel", path.string()); };
  if (parts.header.size() != 13) return refused();
  const std::size_t side = big_endian(parts.header);
  const bool is_plain = parts.header[8] == 8 && parts.header[9] == 2 && parts.header[12] == 0;
  if (!is_plain || side == 0 || side > 4096 || big_endian(std::span(parts.header).subspan(4)) != side) return refused();
  std::vector<std::uint8_t> rows(side * (side * channels + 1));
  uLongf size = rows.size();
  if (uncompress(rows.data(), &size, parts.data.data(), parts.data.size()) != Z_OK || size != rows.size()) {
    return refused();
  }
  Photograph result{side, {}};
  std::vector<std::uint8_t> above(side * channels);
  for (std::size_t y = 0; y < side; ++y) {
    const auto row = std::span(rows).subspan(y * (side * channels + 1), side * channels + 1);
    if (row[0] > 4) return refused();
    restore(row.subspan(1), row[0], above);
    std::ranges::copy(row.subspan(1), above.begin());
    result.pixels.insert(result.pixels.end(), above.begin(), above.end());
  }
  return result;
}

Result<std::vector<Photograph>> read_photographs(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".png") files.insert(entry.path());
  }
  if (files.size() != 10) return bad_input("{}: {} photographs, 10 are expected", folder.string(), files.size());
  std::vector<Photograph> result;
  for (const auto& file : files) {
    ALGEAN_ASSIGN(Photograph photograph, read_photograph(file));
    result.push_back(std::move(photograph));
  }
  return result;
}

Photograph random_view(const Photograph& photograph, Random& random) {
  const std::size_t side = photograph.side;
  const double scale = 0.7 + 0.3 * random.unit();  // of the side
  const double room = static_cast<double>(side - 1) * (1 - scale);
  const double top = room * random.unit();
  const double left = room * random.unit();
  const bool mirrored = random.unit() < 0.5;
  Photograph result{side, std::vector<float>(photograph.pixels.size())};
  const auto pixel = [&](std::size_t y, std::size_t x, std::size_t c) {
    return static_cast<double>(photograph.pixels[(y * side + x) * channels + c]);
  };
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      const double from_y = top + scale * static_cast<double>(y);
      const double from_x = left + scale * static_cast<double>(mirrored ? side - 1 - x : x);
      const auto y0 = std::min(static_cast<std::size_t>(from_y), side - 2);
      const auto x0 = std::min(static_cast<std::size_t>(from_x), side - 2);
      const double dy = from_y - static_cast<double>(y0);
      const double dx = from_x - static_cast<double>(x0);
      for (std::size_t c = 0; c < channels; ++c) {
        const double upper = (1 - dx) * pixel(y0, x0, c) + dx * pixel(y0, x0 + 1, c);
        const double lower = (1 - dx) * pixel(y0 + 1, x0, c) + dx * pixel(y0 + 1, x0 + 1, c);
        result.pixels[(y * side + x) * channels + c] = static_cast<float>((1 - dy) * upper + dy * lower);
      }
    }
  }
  return result;
}

Photograph shrunk(const Photograph& photograph, std::size_t side) {
  const std::size_t square = photograph.side / side;
  Photograph result{side, std::vector<float>(side * side * channels)};
  for (std::size_t y = 0; y < side * square; ++y) {
    for (std::size_t x = 0; x < side * square; ++x) {
      for (std::size_t c = 0; c < channels; ++c) {
        result.pixels[(y / square * side + x / square) * channels + c] +=
            photograph.pixels[(y * photograph.side + x) * channels + c] / static_cast<float>(square * square);
      }
    }
  }
  return result;
}

std::vector<float> caffe_input(const Photograph& photograph) {
  constexpr std::array<float, channels> means{103.939F, 116.779F, 123.68F};  // blue, green, red
  std::vector<float> result(photograph.pixels.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::size_t c = i % channels;
    result[i] = photograph.pixels[i - c + (channels - 1 - c)] - means.at(c);
  }
  return result;
}

}  // namespace algean::testing_support
