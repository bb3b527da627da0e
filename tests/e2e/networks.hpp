// Networks and arrays that the black-box tests run the binary on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "runtime/tensor/array_file.hpp"
#include "tests/e2e/harness.hpp"

namespace algean::e2e {

// A file of examples/01_autoencoder.
std::string example(const std::string& file);

// float32 [rows, columns], uniform in [-1, 1).
Tensor random_rows(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 1);

// Writes an array into the place; its path.
std::string write_array(const Place& place, const std::string& file, const Tensor& tensor);
Tensor read_array(const std::string& file);

// A quantised dense network 12-16-8-4 with float32 ports "x" and "y"; written as a graph file, its path.
kernels::Graph small_graph();
std::string write_graph(const Place& place, const std::string& file, const kernels::Graph& graph);
std::string small_net(const Place& place);
// The small network on four rows at a time: no folding takes less than four cycles.
std::string four_rows(const Place& place);

// The integer reference's answers for rows of x, as a client hands them over: float32 [rows, outputs].
Tensor integer_reference(const std::string& graph_file, const Tensor& x);

}  // namespace algean::e2e
