// What kernels do beside running: time, figures, other engines.
#include <algorithm>
#include <limits>

#include "runtime/node/kernels.hpp"

namespace algean {

using wire::ErrorCode;

void Kernels::forget(std::uint16_t client_slot) {
  for (const auto& kernel : kernels_) {
    if (auto& slot = kernel->by_slot[client_slot]) slot->release_all();
  }
}

std::int64_t Kernels::on_time() {
  std::int64_t next_ns = std::numeric_limits<std::int64_t>::max();
  const NodeOptions& options = shared_.options;
  for (const auto& kernel : kernels_) {
    for (std::size_t i = 0; i < kernel->by_slot.size(); ++i) {
      auto& slot = kernel->by_slot[i];
      if (!slot) continue;
      const auto index = static_cast<std::uint16_t>(i);
      for (const auto& partial : slot->all()) {
        if (!partial->used) continue;
        const std::int64_t due_ns = partial->since_ns + options.partial_timeout_ns;
        if (shared_.now_ns >= due_ns) {
          give_up(*kernel, {index, partial->inference_id}, *partial);
        } else {
          next_ns = std::min(next_ns, due_ns);
        }
      }
      if (slot->in_use() == 0 && shared_.now_ns - slot->used_ns() >= options.idle_timeout_ns) slot.reset();
    }
  }
  return next_ns;
}

void Kernels::give_up(Kernel& kernel, InferenceKey which, Partial& partial) {
  const auto missing = partial.assembly.missing();
  const std::int64_t since_ns = partial.since_ns;
  partials(kernel, which.client_slot).release(partial);
  const auto inputs = kernel.wanted.load(std::memory_order_relaxed)->inputs();
  fail(kernel, which, ErrorCode::incomplete, "input \"{}\" lacks byte {} of {}{}", inputs[missing.port].name,
       missing.byte, missing.of, losses(which.client_slot, since_ns));
}

std::string Kernels::losses(std::uint16_t client_slot, std::int64_t since_ns) const {
  std::string text;
  const auto look = [&](const Channel& channel, std::string_view from) {
    if (channel.gaps() == 0 || channel.gap_ns() < since_ns - shared_.options.partial_timeout_ns) return;
    text += fmt::format("; {} frame{} lost on the link from {}", channel.gaps(),
                        channel.gaps() == 1 ? " was" : "s were", from);
  };
  if (const ClientSlot* slot = slots_.at(client_slot)) look(slot->channel, "the client");
  for (std::size_t peer = 0; peer < links_.size(); ++peer) {
    if (links_[peer].channel) look(*links_[peer].channel, links_[peer].node->name);
  }
  return text;
}

std::vector<KernelStatus> Kernels::status() const {
  std::vector<KernelStatus> result;
  for (const auto& kernel : kernels_) {
    result.push_back({kernel->id, kernel->runs.value(), kernel->traced.value(), kernel->queue_ns.value(),
                      kernel->compute_ns.value()});
  }
  return result;
}

Result<> Kernels::use(std::uint16_t kernel, Engine& engine) {
  const auto index = map_.here(kernel);
  if (!index) return bad_input("kernel {} is not here", kernel);
  const Engine& present = *kernels_[*index]->wanted.load(std::memory_order_relaxed);
  if (!std::ranges::equal(present.inputs(), engine.inputs()) ||
      !std::ranges::equal(present.outputs(), engine.outputs())) {
    return bad_input("kernel {}: the other engine has other ports", kernel);
  }
  kernels_[*index]->wanted.store(&engine, std::memory_order_release);
  return {};
}

}  // namespace algean
