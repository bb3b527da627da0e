// A real deployment over agents in this process, one node of which has a weight with a bit flipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cluster/deploy/bring_up.hpp"
#include "cluster/deploy/end.hpp"
#include "cluster/inspect/cluster_source.hpp"
#include "kernels/graph/interpreter.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/compare/compare.hpp"
#include "shell/middleware/middleware.hpp"
#include "tests/unit/cluster/agent/serving.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::cluster {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::size_t batch = 10;

using testing_support::Serving;

// A bit of a layer's weights, and the first inference in whose output it shows.
struct Bit {
  std::size_t element = 0;
  std::size_t inference = 0;
};

kernels::Graph flip(kernels::Graph graph, const std::string& layer, std::size_t element) {
  const auto found = std::ranges::find(graph.layers, layer, [](const auto& each) { return each.spec.name; });
  auto weight = std::make_shared<Tensor>(found->spec.required("weight"));
  weight->elements<std::int8_t>()[element] ^= 0x40;
  found->spec.constants["weight"] = weight;
  return graph;
}

// Four layers: 1 and 3 on a, 2 and 4 on b, so that each node has two kernels.
class FlippedBit : public testing::Test {
 public:
  FlippedBit(const FlippedBit&) = delete;
  FlippedBit& operator=(const FlippedBit&) = delete;

 protected:
  FlippedBit() {
    std::string folder = (std::filesystem::temp_directory_path() / "algean_flipped.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
    states_ = StateRoot(base_ / "algean");
    for (const auto& [name, address] : {std::pair("a", a_.address()), std::pair("b", b_.address())}) {
      partitioner::TargetNode& node = target_.nodes.emplace_back();
      node.name = name;
      node.host = address;
      node.poll = "block";
    }
    Random random(3);
    inputs_ = Tensor({ElementType::int8(), {batch, 6}});
    for (std::int8_t& element : inputs_.elements<std::int8_t>()) {
      element = static_cast<std::int8_t>(random.between(-128, 127));
    }
  }
  ~FlippedBit() override { std::filesystem::remove_all(base_); }

  // The output of a layer, of each inference.
  std::vector<Tensor> outputs_of(const kernels::Graph& graph, const std::string& layer) {
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < batch; ++i) {
      const auto all = std::as_const(inputs_).elements<std::int8_t>();
      const Tensor input({ElementType::int8(), {6}}, all.subspan(i * 6, 6));
      const auto keep = [&](kernels::ValueId id, const Tensor& tensor) {
        if (graph.values[id].name == layer + "_out") outputs.push_back(tensor);
      };
      EXPECT_TRUE(kernels::interpret(graph, kernels::library(), {&input, 1}, keep).has_value());
    }
    return outputs;
  }

  std::optional<Bit> live_bit(const std::string& layer) {
    const auto expected = outputs_of(graph_, layer);
    for (std::size_t element = 0; element < 20; ++element) {
      const auto got = outputs_of(flip(graph_, layer, element), layer);
      for (std::size_t i = 0; i < batch; ++i) {
        if (expected[i] != got[i]) return Bit{element, i};
      }
    }
    return std::nullopt;
  }

  // Deploys the graph, with one kernel's file changed as `change` says, and compares.
  Result<partitioner::CompareReport> deploy_and_compare(
      const std::function<void(const std::string& node, kernels::Graph&)>& change = [](const auto&, auto&) {}) {
    ALGEAN_ASSIGN(const auto plan, partitioner::make_plan(graph_, kernels::library(), target_, {1, 1}, {0, 1, 0, 1}));
    ALGEAN_ASSIGN(auto bundles, shell::make_bundles(plan, graph_, "one"));
    BringUp bring;
    bring.name = "one";
    bring.software = "0.1.0";
    bring.deadline_ns = clock_.now_ns() + minute_ns;
    std::vector<Bundle> laid;
    for (shell::NodeBundle& node : bundles) {
      Shipment part{plan.nodes[node.bundle.node].host, std::move(node.bundle), {}};
      for (std::size_t k = 0; k < node.files.size(); ++k) {
        BundleKernel& kernel = part.bundle.kernels[k];
        ALGEAN_ASSIGN(kernels::Graph graph, kernels::parse(node.files[k], kernel.file));
        change(part.bundle.name, graph);
        part.files.push_back({kernel.file, kernels::serialise(graph)});
        kernel.sha256 = sha256_hex(part.files.back().bytes);
        kernel.bytes = part.files.back().bytes.size();
      }
      laid.push_back(part.bundle);
      bring.parts.push_back(std::move(part));
    }
    const Interrupts interrupts;
    ALGEAN_ASSIGN(const Deployed deployed, bring_up(bring, graph_, kernels::library(), states_, clock_, interrupts));
    auto report = compare(deployed.deployment, layout_of(laid));
    ALGEAN_ASSIGN(const TakenDown down, take_down(deployed.deployment, states_, {"0.1.0"}, false, clock_));
    EXPECT_TRUE(down.removed) << down.problems();
    return report;
  }

  Result<partitioner::CompareReport> compare(const Deployment& deployment, Layout layout) {
    ClientOptions options;
    options.poll = Poll::block;
    ALGEAN_ASSIGN(const auto client, Client::connect(deployment.address, options));
    const auto source = make_cluster_source(deployment, std::move(layout), ask_through(*client, minute_ns),
                                            {"0.1.0", minute_ns}, clock_);
    partitioner::TensorSource* const sources[] = {source.get()};
    return partitioner::compare({}, graph_, kernels::library(), sources, {&inputs_, 1});
  }

  SteadyClock clock_;
  Serving a_;
  Serving b_;
  std::filesystem::path base_;
  StateRoot states_{""};
  partitioner::Target target_;
  kernels::Graph graph_ = kernels::testing::dense_network(kernels::library(), {6, 9, 8, 7, 4}, 5);
  Tensor inputs_;
};

TEST_F(FlippedBit, WithoutOneEveryTensorIsEqual) {
  const auto report = deploy_and_compare();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->difference(), nullptr);
  for (const auto& tensor : report->tensors) {
    EXPECT_EQ(tensor.sources[0].shown, !tensor.layer.empty()) << tensor.tensor;
    EXPECT_EQ(tensor.sources[0].differs + tensor.sources[0].untapped, 0U);
  }
}

TEST_F(FlippedBit, IsFoundInEveryLayerAndItsNodeNamed) {
  for (const std::string layer : {"dense_1", "dense_2", "dense_3", "dense_4"}) {
    SCOPED_TRACE(layer);
    const auto bit = live_bit(layer);
    ASSERT_TRUE(bit.has_value()) << "the layer is dead";
    const std::string node = layer == "dense_1" || layer == "dense_3" ? "a" : "b";
    int flipped = 0;
    const auto report = deploy_and_compare([&](const std::string& on, kernels::Graph& graph) {
      if (std::ranges::find(graph.layers, layer, [](const auto& each) { return each.spec.name; }) == graph.layers.end())
        return;
      EXPECT_EQ(on, node);
      graph = flip(graph, layer, bit->element);
      ++flipped;
    });
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(flipped, 1);
    const partitioner::Difference* found = report->difference();
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->source, "cluster");
    EXPECT_EQ(found->layer, layer);
    EXPECT_EQ(found->node, node);
    EXPECT_EQ(found->inference, bit->inference);
    EXPECT_TRUE(found->tapped);
    for (const auto& tensor : report->tensors) {
      EXPECT_EQ(tensor.sources[0].differs == 0, tensor.layer < layer) << tensor.tensor;
    }
  }
}

}  // namespace
}  // namespace algean::cluster
