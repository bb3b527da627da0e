// Plan and graph -> a bundle a node.
//
//   ALGEAN_ASSIGN(const auto bundles, shell::make_bundles(plan, graph, "jets"));
//   for (const shell::NodeBundle& node : bundles) {
//     // node.bundle is node.json (to_text(node.bundle)); node.files[i] are the bytes of node.bundle.kernels[i].file;
//     // plan.nodes[node.bundle.node].host says where its agent is.
//   }
//   ALGEAN_TRY(shell::write_bundles("bundle", bundles, plan, graph));   // or send them without writing
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "partitioner/plan/plan.hpp"
#include "runtime/bundle/bundle.hpp"

namespace algean::shell {

struct NodeBundle {
  Bundle bundle;
  std::vector<std::vector<std::byte>> files;  // of bundle.kernels, in their order
};

struct BundleOptions {
  // False: kernels report no values, so that `compare` cannot look into them.
  bool taps = true;
};

// One for each node of the plan, in its order. The plan passes verify() for this graph, which is verified. Each bundle
// passes check() and reads back as it was printed; bad_input for names that JSON cannot carry.
Result<std::vector<NodeBundle>> make_bundles(const partitioner::Plan& plan, const kernels::Graph& graph,
                                             const std::string& deployment, const BundleOptions& options = {});

// Bundles as files below `folder`, which exists and is empty: NODE/node.json and graphs, plan.json and plan.graph.
Result<> write_files(const std::filesystem::path& folder, const std::vector<NodeBundle>& bundles,
                     const partitioner::Plan& plan, const kernels::Graph& graph);

// The same, but `folder` appears as a whole: it is written under a hidden name beside it and renamed. A bundle that was
// there before is replaced by an exchange of names and then removed. bad_input where `folder` holds anything that is
// not of a bundle, or is a file.
Result<> write_bundles(const std::filesystem::path& folder, const std::vector<NodeBundle>& bundles,
                       const partitioner::Plan& plan, const kernels::Graph& graph);

// Whether a bundle's folder holds for each node what these bundles say, whatever the deployment's name: bad_input names
// the first file that was lost or changed since.
Result<> check_written(const std::filesystem::path& folder, const std::vector<NodeBundle>& bundles);

}  // namespace algean::shell
