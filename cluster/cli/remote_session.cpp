#include <algorithm>
#include <filesystem>

#include "cluster/cli/session.hpp"

namespace algean::cluster {
namespace {

class RemoteSession final : public Session {
 public:
  RemoteSession(std::unique_ptr<Client> client, std::int64_t timeout_ns)
      : client_(std::move(client)), timeout_ns_(timeout_ns) {}
  [[nodiscard]] std::span<const Port> inputs() const override { return client_->inputs(); }
  [[nodiscard]] std::span<const Port> outputs() const override { return client_->outputs(); }

  Result<std::vector<NamedArray>> infer(const Batch& batch, const Progress& progress) override {
    std::vector<NamedTensor> inputs;
    for (std::size_t i = 0; i < batch.tensors.size(); ++i) {
      inputs.push_back({client_->inputs()[i].name, batch.tensors[i]});
    }
    ALGEAN_ASSIGN(auto outputs, client_->infer_batch(inputs, timeout_ns_, progress));
    std::vector<NamedArray> arrays;
    for (NamedTensor& output : outputs) arrays.push_back({std::move(output.name), std::move(output.tensor)});
    return arrays;
  }

 private:
  std::unique_ptr<Client> client_;
  std::int64_t timeout_ns_;
};

bool looks_like_address(const std::string& word) {
  const std::size_t colon = word.rfind(':');
  return colon != std::string::npos && colon > 0 && colon + 1 < word.size() &&
         word.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

}  // namespace

Result<Target> resolve(const std::string& word, const StateRoot& states) {
  std::error_code ignored;
  const auto status = std::filesystem::status(word, ignored);
  const bool is_file = std::filesystem::exists(status) && !std::filesystem::is_directory(status);
  if (is_file && states.exists(word)) {
    return bad_input(
        "`{0}` is a deployment and also a file here: write ./{0} for the file, or the deployment's address "
        "(`algean status {0}`) for the other",
        word);
  }
  if (states.exists(word)) return Target{Target::Kind::deployment, word};
  if (std::filesystem::exists(status)) return Target{Target::Kind::net, word};
  if (looks_like_address(word)) return Target{Target::Kind::address, word};
  return bad_input("`{}` is neither a file nor a running deployment (`algean status` lists those)", word);
}

Result<std::unique_ptr<Client>> connect(const Target& target, const StateRoot& states, Poll poll,
                                        std::int64_t timeout_ns) {
  std::string address = target.word;
  if (target.kind == Target::Kind::deployment) {
    ALGEAN_ASSIGN(const Deployment deployment, states.read(target.word));
    for (const DeployedNode& node : deployment.nodes) {
      if (!node.process || is_alive(*node.process)) continue;
      return failed("deployment `{0}`: node {1} is dead: its process {2} has ended (`algean logs {0}` may say why)",
                    target.word, node.name, node.process->pid);
    }
    address = deployment.address;
  }
  ClientOptions options;
  options.poll = poll;
  options.attach_timeout_ns = std::min(options.attach_timeout_ns, timeout_ns);
  auto client = Client::connect(address, options);
  if (!client && target.kind == Target::Kind::deployment) {
    return std::unexpected(client.error().within(fmt::format("deployment `{}`", target.word)));
  }
  return client;
}

Result<std::unique_ptr<Session>> open_remote(const Target& target, const StateRoot& states, Poll poll,
                                             std::int64_t timeout_ns) {
  ALGEAN_ASSIGN(auto client, connect(target, states, poll, timeout_ns));
  return std::make_unique<RemoteSession>(std::move(client), timeout_ns);
}

}  // namespace algean::cluster
