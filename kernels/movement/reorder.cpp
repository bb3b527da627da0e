#include "kernels/movement/reorder.hpp"

#include <algorithm>
#include <array>

#include "kernels/family/streams.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t max_elements = std::int64_t{1} << 20;
constexpr std::int64_t filler_word = std::int64_t{1} << 23;
constexpr std::size_t loops = 4;

using Words = std::vector<std::int64_t>;  // what each index of a loop adds, or filler_word

// Rows of the last axis go as they are.
bool keeps_rows(const Reorder& reorder) {
  const std::int64_t channels = reorder.input.shape.channels();
  if (reorder.output.shape.channels() != channels || reorder.axes.empty()) return false;
  const AxisRuns& inner = reorder.axes.back();
  if (inner.size() != 1 || inner[0].from != 0 || inner[0].count != channels) return false;
  if (inner[0].step != 1 && channels > 1) return false;
  return std::ranges::all_of(reorder.axes.begin(), reorder.axes.end() - 1, [&](const AxisRuns& axis) {
    return std::ranges::all_of(axis, [&](const Run& run) {
      return run.from == Run::nothing || (run.from % channels == 0 && run.step % channels == 0);
    });
  });
}

// In elements where unit is 1; else an addend of `unit` elements becomes `beats`.
Words words_of(const AxisRuns& axis, std::int64_t unit, std::int64_t beats) {
  Words result;
  for (const Run& run : axis) {
    for (std::int64_t i = 0; i < run.count; ++i) {
      result.push_back(run.from == Run::nothing ? filler_word : (run.from + i * run.step) / unit * beats);
    }
  }
  return result;
}

// One loop instead of two.
Words merged(const Words& outer, const Words& inner) {
  Words result;
  for (const std::int64_t a : outer) {
    for (const std::int64_t b : inner) {
      result.push_back(((a | b) & filler_word) != 0 ? filler_word : a + b);
    }
  }
  return result;
}

// Exactly `loops` of them: the two neighbours with the fewest indices become one until there are no more.
std::vector<Words> loops_of(const Reorder& reorder, std::int64_t lanes) {
  std::vector<Words> result;
  const std::int64_t channels = reorder.input.shape.channels();
  const std::int64_t beats = row_stream(reorder.input.shape, lanes).beats_per_row();
  for (std::size_t i = 0; i < reorder.axes.size(); ++i) {
    const bool is_row = lanes > 1 && i + 1 == reorder.axes.size();
    const AxisRuns row{{0, 1, beats}};
    result.push_back(is_row ? words_of(row, 1, 1)
                            : words_of(reorder.axes[i], lanes > 1 ? channels : 1, lanes > 1 ? beats : 1));
  }
  while (result.size() > loops) {
    std::size_t best = 0;
    const auto size = [&](std::size_t i) { return result[i].size() * result[i + 1].size(); };
    for (std::size_t i = 1; i + 1 < result.size(); ++i) {
      if (size(i) < size(best)) best = i;
    }
    result[best] = merged(result[best], result[best + 1]);
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  while (result.size() < loops) result.insert(result.begin(), Words{0});
  return result;
}

std::int64_t bits_of(const Reorder& reorder) { return static_cast<std::int64_t>(reorder.input.element.bytes()) * 8; }

}  // namespace

Result<std::vector<Folding>> reorder_foldings(const Reorder& reorder) {
  const std::int64_t elements = std::max(reorder.input.shape.elements(), reorder.output.shape.elements());
  if (elements > max_elements) {
    return bad_input("{} elements in another order: there is hardware for at most {}", elements, max_elements);
  }
  if (keeps_rows(reorder)) return lane_foldings(reorder.input.shape.channels());
  return std::vector<Folding>{{1, 1}};
}

Netlist reorder_netlist(const Reorder& reorder, std::int64_t lanes) {
  const std::int64_t bits = bits_of(reorder);
  Netlist netlist;
  netlist.inputs = {netlist.add_stream(row_stream(reorder.input.shape, lanes, bits))};
  netlist.outputs = {netlist.add_stream(row_stream(reorder.output.shape, lanes, bits))};
  std::vector<ModuleParameter> parameters{{"BITS", bits},
                                          {"LANES", lanes},
                                          {"BEATS", netlist.streams[netlist.inputs[0]].beats()},
                                          {"ELEMENTS", reorder.output.shape.channels()},
                                          {"FILLER", reorder.filler}};
  const std::vector<Words> all = loops_of(reorder, lanes);
  for (std::size_t i = 0; i < all.size(); ++i) {
    parameters.push_back({fmt::format("COUNT_{}", i), static_cast<std::int64_t>(all[i].size())});
    parameters.push_back(
        add_image(netlist, fmt::format("OFFSETS_{}", i), make_image(fmt::format("offsets{}", i), 24, all[i])));
  }
  add_instance(netlist, "algean_move", "move", std::move(parameters), netlist.inputs, netlist.outputs);
  return netlist;
}

Cycles reorder_cycles(const Reorder& reorder, std::int64_t lanes) {
  const std::int64_t from = row_stream(reorder.input.shape, lanes).beats();
  const std::int64_t to = row_stream(reorder.output.shape, lanes).beats();
  return {std::max(from, to), from + to + 1, from};
}

}  // namespace algean::kernels
