// Something that answers inferences: a network in this process, or a deployment behind the client library.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cluster/cli/batch.hpp"
#include "cluster/deploy/state.hpp"
#include "kernels/graph/graph.hpp"
#include "runtime/base/result.hpp"
#include "runtime/client/client.hpp"
#include "runtime/engine/engine.hpp"

namespace algean::cluster {

class Session {
 public:
  using Progress = std::function<void(std::size_t done, std::size_t total)>;

  virtual ~Session() = default;
  [[nodiscard]] virtual std::span<const Port> inputs() const = 0;
  [[nodiscard]] virtual std::span<const Port> outputs() const = 0;
  // Outputs of every inference of the batch, in the ports' order, of the ports' user types behind a batch axis.
  virtual Result<std::vector<NamedArray>> infer(const Batch& batch, const Progress& progress) = 0;
};

// Whatever kernels/program makes of the graph: compiled for integers, the float reference for floats.
Result<std::unique_ptr<Session>> open_local(const kernels::Graph& graph, kernels::Families families);

// What a user means by N|NET.
struct Target {
  enum class Kind : std::uint8_t { net, deployment, address };
  Kind kind = Kind::net;
  std::string word;  // the path, the name, or HOST:PORT
};

// A path that exists is a NET; the name of a deployment is that, before a folder of that name; else HOST:PORT is the
// address of a node. bad_input, with the meanings, where it is none, and where it is a deployment and a file.
Result<Target> resolve(const std::string& word, const StateRoot& states);

// A client of a deployment or address, attached within timeout_ns (at most the client's default). failed where the
// deployment's node process is dead.
Result<std::unique_ptr<Client>> connect(const Target& target, const StateRoot& states, Poll poll,
                                        std::int64_t timeout_ns);

// timeout_ns is for each inference.
Result<std::unique_ptr<Session>> open_remote(const Target& target, const StateRoot& states, Poll poll,
                                             std::int64_t timeout_ns);

}  // namespace algean::cluster
