// A graph as a file: text for people (values, layers, attributes, one line each), then the constants' bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::kernels {

inline constexpr std::string_view graph_magic = "algean-graph 1\n";  // first line of every graph file

// The text part alone; constants show as type, offset and CRC-32C.
std::string print(const Graph& graph);
// Text, the line "---", padding to a multiple of 64 bytes, constants (each at a multiple of 64, little endian).
std::vector<std::byte> serialise(const Graph& graph);
// Inverse of serialise(). Errors carry `where` (a file name), the line, and the rule; the result is not yet verified.
Result<Graph> parse(std::span<const std::byte> bytes, std::string_view where);

Result<Graph> read_graph(const std::filesystem::path& path, Families families);  // parsed and verified
Result<> write_graph(const std::filesystem::path& path, const Graph& graph);

}  // namespace algean::kernels
