#pragma once

#include <filesystem>
#include <string>

#include "partitioner/target/target.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

// cluster.yaml, version 1.
struct Inventory {
  std::filesystem::path file;  // empty: there is none
  std::string name;
  partitioner::Target target;
};

// bad_input with file:line:column for whatever breaks a rule of cluster.schema.json, and for what JSON Schema has no
// words for: names that stand twice, links of nodes that are not there, addresses that other hosts cannot reach.
Result<Inventory> read_inventory(const std::filesystem::path& path);

// One CPU node of this host: what a command uses that is given no cluster.yaml.
[[nodiscard]] Inventory local_inventory();

}  // namespace algean::cluster
