#pragma once

#include <memory>

#include "kernels/graph/graph.hpp"
#include "kernels/program/instruction_set.hpp"
#include "partitioner/compare/source.hpp"

namespace algean::partitioner {

// `program_graph` compiled for this CPU, twice: with every tensor kept for a look, and as it is deployed, where tensors
// take turns in memory. bad_input where it lacks a tensor of the integer graph, or has it in another type.
Result<std::unique_ptr<TensorSource>> make_program_source(
    const kernels::Graph& integer_graph, const kernels::Graph& program_graph, kernels::Families families,
    kernels::InstructionSet instructions = kernels::best_instruction_set());

}  // namespace algean::partitioner
