#include "kernels/program/buffers.hpp"

#include <algorithm>

namespace algean::kernels {
namespace {

constexpr std::size_t alignment_bytes = 64;

struct Life {
  ValueId value = 0;
  std::size_t bytes = 0;
  std::size_t first = 0, last = 0;  // steps: 0 is before the first layer, layer i is step i + 1
  std::size_t offset = 0;
};

std::vector<Life> lives(const Graph& graph, std::span<const ValueId> kept) {
  std::vector<Life> result(graph.values.size());
  for (ValueId id = 0; id < result.size(); ++id) result[id].value = id;
  const auto give_bytes = [&](ValueId id) {
    const std::size_t bytes = graph.values[id].type.bytes();
    result[id].bytes = (bytes + alignment_bytes - 1) / alignment_bytes * alignment_bytes;
  };
  for (const GraphPort& port : graph.inputs) give_bytes(port.value);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const ValueId id : graph.layers[i].outputs) {
      give_bytes(id);
      result[id].first = result[id].last = i + 1;
    }
    for (const ValueId id : graph.layers[i].inputs) {
      give_bytes(id);
      result[id].last = i + 1;
    }
  }
  for (const GraphPort& port : graph.outputs) result[port.value].last = graph.layers.size() + 1;
  for (const ValueId id : kept) result[id].last = graph.layers.size() + 1;
  return result;
}

// The lowest offset where `life` fits between the lives it overlaps.
std::size_t first_fit(const Life& life, std::vector<Life> placed) {
  std::erase_if(placed, [&](const Life& other) { return other.last < life.first || other.first > life.last; });
  std::ranges::sort(placed, {}, &Life::offset);
  std::size_t offset = 0;
  for (const Life& other : placed) {
    if (offset + life.bytes <= other.offset) break;
    offset = std::max(offset, other.offset + other.bytes);
  }
  return offset;
}

}  // namespace

BufferPlan plan_buffers(const Graph& graph, std::span<const ValueId> kept) {
  std::vector<Life> waiting = lives(graph, kept);
  std::ranges::sort(waiting, {}, [](const Life& life) { return std::pair(life.first, life.value); });
  BufferPlan plan;
  plan.offsets_bytes.resize(waiting.size());
  std::vector<Life> placed;
  for (Life& life : waiting) {
    // Only lives that reach to this one's birth can overlap a later one's.
    std::erase_if(placed, [&](const Life& other) { return other.last < life.first; });
    life.offset = first_fit(life, placed);
    plan.offsets_bytes[life.value] = life.offset;
    plan.bytes = std::max(plan.bytes, life.offset + life.bytes);
    placed.push_back(life);
  }
  return plan;
}

}  // namespace algean::kernels
