// The kernels that run on a node.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/node/compute.hpp"
#include "runtime/node/dispatch.hpp"
#include "runtime/node/partials.hpp"
#include "runtime/node/shared.hpp"
#include "runtime/router/routes.hpp"

namespace algean {

// Assembles inputs, runs a kernel when its inputs are complete, and sends its outputs their ways: to kernels here, to
// other nodes, to the client.
class Kernels {
 public:
  // bad_input for a plan that does not fit together.
  static Result<std::unique_ptr<Kernels>> make(NodeShared& shared, Dispatch& dispatch, ClientSlots& slots,
                                               PeerLinks& links);

  // A piece of an input; its client slot is one that may be. Runs what is complete then.
  void take(const wire::Message& message);
  // A client left or came: what its slot had begun is forgotten.
  void forget(std::uint16_t client_slot);
  // Gives up inferences whose inputs do not come, and frees what was not used for long. When to come back.
  std::int64_t on_time();

  [[nodiscard]] std::vector<KernelStatus> status() const;
  Result<> use(std::uint16_t kernel, Engine& engine);

 private:
  struct Kernel {
    Kernel(std::uint16_t id_, Engine& engine) : id(id_), compute(engine), wanted(&engine) {}
    std::uint16_t id;
    Compute compute;
    std::atomic<Engine*> wanted;
    WaysOut ways;
    std::string where;                                   // begins the texts of errors
    std::vector<std::unique_ptr<SlotPartials>> by_slot;  // null: the slot does not use this kernel
    Counter runs;
    Counter traced;
    Counter queue_ns;
    Counter compute_ns;
  };
  struct Ready {
    Kernel* kernel;
    std::uint16_t client_slot;
    Partial* partial;
  };

  Kernels(NodeShared& shared, Dispatch& dispatch, ClientSlots& slots, PeerLinks& links)
      : shared_(shared), dispatch_(dispatch), slots_(slots), links_(links) {}
  Result<> add(const NodeKernel& kernel, std::size_t index);
  Result<> find_ways_out();
  SlotPartials& partials(Kernel& kernel, std::uint16_t client_slot);
  // The partial of an inference, begun if need be, at the cost of the oldest one; null: it is given up.
  Partial* partial(Kernel& kernel, InferenceKey which);
  void take(Kernel& kernel, const wire::Message& message);
  void deliver(Kernel& kernel, std::uint8_t port, std::span<const std::byte> bytes, InferenceKey which, bool traced);
  void on_bad_piece(Kernel& kernel, const wire::MessageHeader& header, wire::Piece piece);
  void if_complete(Kernel& kernel, InferenceKey which, Partial& partial);
  void run_ready();
  void run(Ready ready);
  void send(Kernel& kernel, InferenceKey which, bool traced);
  void give_up(Kernel& kernel, InferenceKey which, Partial& partial);
  // "; 2 frames were lost on the link from b", where that was lately.
  [[nodiscard]] std::string losses(std::uint16_t client_slot, std::int64_t since_ns) const;
  template <class... Args>
  void fail(Kernel& kernel, InferenceKey which, wire::ErrorCode code, fmt::format_string<Args...> text,
            Args&&... args) {
    partials(kernel, which.client_slot).fail(which.inference_id);
    dispatch_.fail(which, code, "{}{}", kernel.where, fmt::format(text, std::forward<Args>(args)...));
  }

  NodeShared& shared_;
  Dispatch& dispatch_;
  ClientSlots& slots_;
  PeerLinks& links_;
  KernelMap map_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::vector<Ready> ready_;
};

}  // namespace algean
