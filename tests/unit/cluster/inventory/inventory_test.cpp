#include "cluster/inventory/inventory.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>

#include "runtime/base/file.hpp"
#include "tests/support/schema_verdicts.hpp"
#include "tests/unit/cluster/inventory/corpus.hpp"

namespace algean::cluster {
namespace {

class ClusterFile : public ::testing::Test {
 protected:
  ClusterFile() : folder_(std::filesystem::temp_directory_path() / fmt::format("algean-cluster-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~ClusterFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Result<Inventory> read(std::string_view text, const std::string& name = "cluster.json") const {
    EXPECT_TRUE(write_text(folder_ / name, text));
    return read_inventory(folder_ / name);
  }

  std::filesystem::path folder_;
};

std::string text(const partitioner::TargetNode& node) {
  return fmt::format("{} {} {} {} {} {}", node.name, node.host, node.listen, node.poll,
                     node.cores.empty() ? "any" : node.cores, node.speed_gmacs.value_or(0));
}

TEST_F(ClusterFile, KeepsEverything) {
  const auto inventory = read(whole_cluster);
  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_EQ(inventory->file, folder_ / "cluster.json");
  EXPECT_EQ(inventory->name, "lab.2");
  const partitioner::Target& target = inventory->target;
  ASSERT_EQ(target.nodes.size(), 3U);
  EXPECT_EQ(text(target.nodes[0]), "a local 10.0.0.1:4000 spin 0,2-3 200.5");
  EXPECT_EQ(text(target.nodes[1]), "b-2 tcp://10.0.0.2:7300 10.0.0.2:0 auto any 0");
  EXPECT_EQ(text(target.nodes[2]), "c local host.example:0 auto 1 0");
  EXPECT_EQ(target.default_link, (partitioner::LinkProperties{"tcp", 1400, {}, {}}));
  ASSERT_EQ(target.links.size(), 1U);
  EXPECT_EQ(target.links[0], (partitioner::TargetLink{0, 1, {"tcp", 9000, 10, 0}}));
  EXPECT_EQ(target.limits, (partitioner::Limits{500, 30, 8, 4}));
}

TEST_F(ClusterFile, MayBeYaml) {
  const auto inventory = read(
      "version: 1\n"
      "name: lab  # of two\n"
      "nodes:\n"
      "  - {name: a, kind: cpu, cores: 0}\n"
      "  - {name: b, kind: cpu, cores: \"0-1\"}\n",
      "cluster.yaml");
  ASSERT_TRUE(inventory) << inventory.error().message;
  ASSERT_EQ(inventory->target.nodes.size(), 2U);
  EXPECT_EQ(inventory->target.nodes[0].cores, "0");
  EXPECT_EQ(inventory->target.nodes[1].cores, "0-1");
  EXPECT_EQ(inventory->target.limits, partitioner::Limits{});
}

TEST_F(ClusterFile, OneTransportHoldsForAllLinks) {
  const auto inventory = read(R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"},
 {"name": "b", "kind": "cpu"}, {"name": "c", "kind": "cpu"}], "links": {"a-b": {"transport": "tcp"}, "b-c": {}}})");
  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_EQ(inventory->target.default_link.transport, "tcp");
  EXPECT_EQ(inventory->target.link(2, 1).transport, "tcp");
}

TEST_F(ClusterFile, EveryCaseOfTheCorpus) {
  for (const ClusterCase& test : cluster_cases) {
    const auto inventory = read(test.text);
    std::string wanted(test.message);
    if (!wanted.empty()) wanted.insert(0, (folder_ / "cluster.json").string() + ":");
    EXPECT_EQ(inventory ? std::string() : inventory.error().message, wanted) << test.text;
    if (!inventory) {
      EXPECT_EQ(inventory.error().kind, ErrorKind::bad_input);
    }
  }
}

TEST_F(ClusterFile, AMissingFileIsNamed) {
  const auto inventory = read_inventory(folder_ / "gone.yaml");
  ASSERT_FALSE(inventory);
  EXPECT_EQ(inventory.error().message, (folder_ / "gone.yaml").string() + ": cannot read: No such file or directory");
}

TEST(LocalInventory, IsOneNodeOfThisHost) {
  const Inventory inventory = local_inventory();
  EXPECT_EQ(inventory.file, "");
  ASSERT_EQ(inventory.target.nodes.size(), 1U);
  EXPECT_TRUE(inventory.target.nodes[0].is_local());
}

TEST_F(ClusterFile, TheSchemaGivesTheSameVerdicts) {
  testing_support::expect_same_verdicts(folder_, "cluster/inventory/cluster.schema.json", cluster_cases);
}

}  // namespace
}  // namespace algean::cluster
