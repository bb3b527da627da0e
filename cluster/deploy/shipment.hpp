// A node's part of a deployment as it is shipped: node.json and the graph files that it names.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/bundle/bundle.hpp"

namespace algean::cluster {

struct GraphFile {
  std::string name;
  std::vector<std::byte> bytes;
};

struct Shipment {
  std::string host;  // "local", or tcp://HOST:PORT of the agent that takes it
  Bundle bundle;
  std::vector<GraphFile> files;

  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::vector<std::string> layers() const;
};

// FOLDER/NODE/node.json and its graph files. The folder exists.
Result<> write_shipment(const std::filesystem::path& folder, const Shipment& shipment);
// What lies in the folder of one node, sizes and hashes checked.
Result<Shipment> read_shipment(const std::filesystem::path& folder, const std::string& host);

}  // namespace algean::cluster
