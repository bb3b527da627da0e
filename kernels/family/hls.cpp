#include "kernels/family/hls.hpp"

#include <algorithm>

namespace algean::kernels {
namespace {

constexpr std::int64_t most_lanes = 256;  // of a layer without a matrix

}  // namespace

std::size_t HlsLayer::repack(std::size_t from, const Stream& to) {
  const HlsStream source = streams[from];
  if (source.form == to) return from;
  HlsStage stage{.function = "repack",
                 .header = "kernels/stream/hls/repack.hpp",
                 .name = "repack" + std::to_string(stages.size()),
                 .numbers = {{"rows", source.form.rows},
                             {"in_elements", source.form.elements},
                             {"in_lanes", source.form.lanes},
                             {"out_elements", to.elements},
                             {"out_lanes", to.lanes}},
                 .types = {{"in_type", source.type}},
                 .tables = {},
                 .inputs = {from},
                 .outputs = {}};
  const std::size_t result = add_stream({to, source.type});
  stage.outputs = {result};
  stages.push_back(std::move(stage));
  return result;
}

Result<HlsStream> hls_stream_of(const TensorType& type, std::int64_t lanes) {
  const ElementType& element = type.element;
  if (!element.is_integer() || (element.bytes() != 1 && element.bytes() != 4)) {
    return bad_input("{}: HLS streams carry int8, uint8 and int32", type.text());
  }
  const std::int64_t elements = type.shape.rank() == 0 ? 1 : type.shape.channels();
  const auto bits = static_cast<std::int64_t>(8 * element.bytes());
  return HlsStream{{type.shape.elements() / elements, elements, std::min(lanes, elements), bits},
                   fmt::format("std::{}int{}_t", element.is_signed() ? "" : "u", bits)};
}

Result<> check_hls_folding(const Folding& folding, std::int64_t most_simd, std::int64_t most_pe) {
  if (folding.simd < 1 || folding.simd > most_simd || folding.pe < 1 || folding.pe > most_pe) {
    return bad_input("folding {} x {}: must be in 1..{} x 1..{}", folding.simd, folding.pe, most_simd, most_pe);
  }
  return {};
}

std::vector<std::int64_t> lane_choices(std::int64_t elements, std::int64_t most) {
  std::vector<std::int64_t> choices;
  // Down the beats a row: the fewest lanes of each number of them.
  for (std::int64_t lanes = std::min(elements, most); lanes >= 1;) {
    const std::int64_t beats = (elements + lanes - 1) / lanes;
    const std::int64_t fewest = (elements + beats - 1) / beats;
    choices.push_back(fewest);
    lanes = fewest - 1;
  }
  std::ranges::reverse(choices);
  return choices;
}

Folding fewest_lanes(std::int64_t rows, std::int64_t elements, std::int64_t passes, std::int64_t interval_cycles) {
  const auto choices = lane_choices(elements, most_lanes);
  for (const std::int64_t lanes : choices) {
    if (rows * ((elements + lanes - 1) / lanes) * passes <= interval_cycles) return {lanes, 1};
  }
  return {choices.back(), 1};
}

std::vector<std::int64_t> in_beats(std::span<const std::int64_t> values, std::int64_t elements, std::int64_t lanes) {
  const std::int64_t width = (elements + lanes - 1) / lanes * lanes;
  const std::int64_t rows = static_cast<std::int64_t>(values.size()) / elements;
  std::vector<std::int64_t> result(static_cast<std::size_t>(rows * width), 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::ranges::copy(values.subspan(static_cast<std::size_t>(row * elements), static_cast<std::size_t>(elements)),
                      result.begin() + row * width);
  }
  return result;
}

}  // namespace algean::kernels
