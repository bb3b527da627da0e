#include "cluster/inspect/cluster_source.hpp"

#include <cstring>
#include <unordered_map>

#include "cluster/deploy/roll_call.hpp"

namespace algean::cluster {
namespace {

// A tensor as an agent sent it: nothing of it is taken for granted.
Result<Tensor> read_tensor(const control::TappedTensor& tapped) {
  ALGEAN_ASSIGN(const ElementType element, ElementType::parse(tapped.element_type()));
  ALGEAN_ASSIGN(Shape shape, Shape::make({tapped.extents().begin(), tapped.extents().end()}));
  const TensorType type{element, std::move(shape)};
  if (type.bytes() != tapped.data().size()) {
    return failed("{} takes {} bytes, {} came", type.text(), type.bytes(), tapped.data().size());
  }
  Tensor tensor(type);
  std::memcpy(tensor.bytes().data(), tapped.data().data(), tapped.data().size());
  return tensor;
}

class ClusterSource final : public partitioner::TensorSource {
 public:
  ClusterSource(Deployment deployment, Layout layout, Ask ask, ClusterSourceOptions options, const Clock& clock)
      : deployment_(std::move(deployment)),
        layout_(std::move(layout)),
        ask_(std::move(ask)),
        options_(std::move(options)),
        clock_(&clock) {}
  ClusterSource(const ClusterSource&) = delete;
  ClusterSource& operator=(const ClusterSource&) = delete;
  ~ClusterSource() override {
    if (tapped_) std::ignore = ask_to_tap(false);
  }

  [[nodiscard]] std::string_view name() const override { return "cluster"; }

  Result<> tap(bool on) override {
    if (!on && !tapped_) return {};
    if (on) slot_ = answer_.slot;  // of the runs before: others' inferences are not kept, so that they push nothing out
    tapped_ = true;                // also where only some agents have heard
    ALGEAN_TRY(ask_to_tap(on));
    tapped_ = on;
    return {};
  }

  Result<> run(std::span<const Tensor> inputs) override {
    ALGEAN_ASSIGN(answer_, ask_(inputs));
    tensors_.clear();
    return tapped_ ? fetch() : Result<>();
  }

  [[nodiscard]] const Tensor& output(std::size_t index) const override { return answer_.outputs.at(index); }
  [[nodiscard]] std::optional<Tensor> tensor(std::string_view value) const override {
    const auto found = tensors_.find(std::string(value));
    return found == tensors_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::string_view node(std::string_view layer) const override {
    const auto found = layout_.node_of_layer.find(layer);
    return found == layout_.node_of_layer.end() ? std::string_view() : found->second;
  }

 private:
  // By connections of its own, so that an interrupt does not keep taps on.
  Result<> ask_to_tap(bool on) {
    const auto question = [&](std::size_t node) {
      control::Request request;
      *request.mutable_tap()->mutable_part() = part_id(deployment_.name, deployment_.epoch, node);
      request.mutable_tap()->set_on(on);
      if (slot_) request.mutable_tap()->set_slot(*slot_);
      return request;
    };
    ControlClientOptions options;
    options.software = options_.software;
    if (on) options.interrupt_fd = options_.interrupt_fd;
    for (const auto& reply : ask_nodes(deployment_.nodes, options, question, options_.timeout_ns, *clock_)) {
      if (!reply) return std::unexpected(reply.error());
    }
    return {};
  }

  Result<> connect() {
    ControlClientOptions options;
    options.software = options_.software;
    options.interrupt_fd = options_.interrupt_fd;
    for (const DeployedNode& node : deployment_.nodes) {
      ALGEAN_ASSIGN(auto agent, ControlClient::connect(node.name, node.control, options, *clock_));
      agents_.push_back(std::move(agent));
    }
    return {};
  }

  Result<> fetch() {
    if (agents_.empty()) ALGEAN_TRY(connect());
    const auto question = [&](std::size_t node) {
      control::Request request;
      *request.mutable_taps()->mutable_part() = part_id(deployment_.name, deployment_.epoch, node);
      request.mutable_taps()->set_slot(answer_.slot.value_or(0));
      request.mutable_taps()->set_inference(answer_.inference);
      return request;
    };
    const auto replies = ask_all(agents_, question, options_.timeout_ns);
    for (std::size_t node = 0; node < replies.size(); ++node) {
      if (!replies[node]) return std::unexpected(replies[node].error());
      for (const control::TappedTensor& tapped : replies[node]->taps().tensors()) {
        auto tensor = read_tensor(tapped);
        if (!tensor) {
          return std::unexpected(
              tensor.error().within(fmt::format("node {}: tensor '{}'", deployment_.nodes[node].name, tapped.name())));
        }
        tensors_.insert_or_assign(tapped.name(), *std::move(tensor));
      }
    }
    return {};
  }

  Deployment deployment_;
  Layout layout_;
  Ask ask_;
  ClusterSourceOptions options_;
  const Clock* clock_;
  std::vector<std::unique_ptr<ControlClient>> agents_;
  bool tapped_ = false;
  std::optional<std::uint16_t> slot_;
  Answer answer_;
  std::unordered_map<std::string, Tensor> tensors_;  // of the last run
};

}  // namespace

Ask ask_through(Client& client, std::int64_t timeout_ns) {
  return [&client, timeout_ns](std::span<const Tensor> inputs) -> Result<Answer> {
    Answer answer;
    for (const Port& port : client.outputs()) answer.outputs.emplace_back(port.type);
    std::vector<std::span<const std::byte>> from;
    std::vector<std::span<std::byte>> to;
    for (const Tensor& input : inputs) from.push_back(input.bytes());
    for (Tensor& output : answer.outputs) to.push_back(output.bytes());
    ALGEAN_TRY(client.infer_into(from, to, timeout_ns));
    answer.slot = client.slot();
    answer.inference = client.last_ticket().inference_id;
    return answer;
  };
}

std::unique_ptr<partitioner::TensorSource> make_cluster_source(Deployment deployment, Layout layout, Ask ask,
                                                               ClusterSourceOptions options, const Clock& clock) {
  return std::make_unique<ClusterSource>(std::move(deployment), std::move(layout), std::move(ask), std::move(options),
                                         clock);
}

}  // namespace algean::cluster
