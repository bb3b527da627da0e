// The ONNX project's own node tests (Debian's libonnx-testdata), turned into models that we can be asked to import.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace algean::partitioner::testing_onnx {

struct NodeCase {
  std::string name;
  onnx::ModelProto model;
  std::map<std::string, onnx::TensorProto> inputs;  // by the graph's names
  std::vector<onnx::TensorProto> outputs;           // in the graph's order
};

// How a case, which knows no batch, is run by an importer whose first axis is the batch.
struct Reading {
  bool wrapped = false;  // an axis of extent 1 is put in front of what is fed, and axes in attributes and in constant
                         // inputs are counted one further; else the first axis of the case is the batch
  bool all_fed = false;  // every input that can be is fed, else the first alone; what is not fed becomes a constant
};

// Folders of the cases, in order of their names; none where the package is absent.
std::vector<std::filesystem::path> node_case_folders();

// Nothing for a case whose files hold something else than tensors (sequences, optional values).
std::optional<NodeCase> read_node_case(const std::filesystem::path& folder);

struct Prepared {
  onnx::ModelProto model;
  std::vector<std::string> fed;  // names of the inputs that are left
};

// The case as this reading has it; nothing where the reading does not apply (wrapping a graph of several nodes, or an
// operator whose meaning would change).
std::optional<Prepared> prepare(const NodeCase& node_case, const Reading& reading);

// Elements of a tensor as real numbers; nothing for strings and complex numbers.
std::optional<std::vector<double>> elements_of(const onnx::TensorProto& tensor);

}  // namespace algean::partitioner::testing_onnx
