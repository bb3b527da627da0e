#include "runtime/node/kernels.hpp"

#include <algorithm>
#include <new>

#include "runtime/wire/elements.hpp"

namespace algean {

using wire::Drop;
using wire::ErrorCode;

Result<std::unique_ptr<Kernels>> Kernels::make(NodeShared& shared, Dispatch& dispatch, ClientSlots& slots,
                                               PeerLinks& links) {
  std::unique_ptr<Kernels> result(new Kernels(shared, dispatch, slots, links));
  for (std::size_t i = 0; i < shared.config.kernels.size(); ++i) {
    ALGEAN_TRY(result->add(shared.config.kernels[i], i));
  }
  ALGEAN_TRY(result->find_ways_out());
  result->ready_.reserve(64);
  return result;
}

Result<> Kernels::add(const NodeKernel& kernel, std::size_t index) {
  ALGEAN_TRY(map_.put_here(kernel.id, index));
  Engine& engine = *kernel.engine;
  const auto fits = [](const Port& port) { return port.type.bytes() > 0 && port.type.bytes() <= max_tensor_bytes; };
  if (engine.inputs().empty() || engine.inputs().size() > max_ports || engine.outputs().size() > max_ports ||
      !std::ranges::all_of(engine.inputs(), fits) || !std::ranges::all_of(engine.outputs(), fits)) {
    return bad_input("kernel {}: {} inputs and {} outputs, must be 1 to {}, each of 1 to {} bytes", kernel.id,
                     engine.inputs().size(), engine.outputs().size(), max_ports, max_tensor_bytes);
  }
  kernels_.push_back(std::make_unique<Kernel>(kernel.id, engine));
  if (!shared_.config.name.empty()) kernels_.back()->where = fmt::format("kernel {}: ", kernel.id);
  kernels_.back()->by_slot.resize(shared_.options.max_clients);
  return {};
}

Result<> Kernels::find_ways_out() {
  for (std::size_t peer = 0; peer < links_.size(); ++peer) {
    for (const std::uint16_t kernel : links_[peer].node->kernels) ALGEAN_TRY(map_.put_at_peer(kernel, peer));
  }
  for (std::size_t i = 0; i < kernels_.size(); ++i) {
    Kernel& kernel = *kernels_[i];
    auto ways = find_ways(map_, shared_.config.kernels[i].routes, kernel.compute.outputs());
    if (!ways) return std::unexpected(ways.error().within(fmt::format("kernel {}", kernel.id)));
    for (const WaysOut::Local& way : ways->here) {
      const auto ports = kernels_[way.kernel]->compute.input_bytes();
      if (way.port >= ports.size() || ports[way.port] != way.bytes.size()) {
        return bad_input("kernel {}: an output of {} bytes does not fit port {} of kernel {}", kernel.id,
                         way.bytes.size(), way.port, kernels_[way.kernel]->id);
      }
    }
    kernel.ways = *std::move(ways);
  }
  return {};
}

SlotPartials& Kernels::partials(Kernel& kernel, std::uint16_t client_slot) {
  auto& place = kernel.by_slot[client_slot];
  if (!place) {
    place = std::make_unique<SlotPartials>(kernel.compute.input_bytes(), shared_.config.description.max_in_flight);
  }
  return *place;
}

Partial* Kernels::partial(Kernel& kernel, InferenceKey which) {
  SlotPartials& slot = partials(kernel, which.client_slot);
  if (slot.failed(which.inference_id)) return nullptr;
  if (Partial* begun = slot.find(which.inference_id)) return begun;
  const std::uint16_t most = shared_.config.description.max_in_flight;
  if (slot.in_use() == most) {
    Partial* oldest = slot.oldest();
    shared_.counters.evicted.add();
    if (oldest == nullptr || static_cast<std::int32_t>(which.inference_id - oldest->inference_id) < 0) {
      fail(kernel, which, ErrorCode::too_many_in_flight, "at most {} inferences at once: later ones began", most);
      return nullptr;
    }
    const std::uint32_t begun = oldest->inference_id;
    slot.release(*oldest);
    fail(kernel, {which.client_slot, begun}, ErrorCode::too_many_in_flight,
         "at most {} inferences at once: given up when {} began", most, which.inference_id);
  }
  try {
    return slot.begin(which.inference_id, shared_.now_ns);
  } catch (const std::bad_alloc&) {
    fail(kernel, which, ErrorCode::internal, "no memory for another inference");
    return nullptr;
  }
}

void Kernels::take(const wire::Message& message) {
  const wire::MessageHeader& header = message.header;
  const InferenceKey which{header.client_slot, header.inference_id};
  if (const auto kernel = map_.here(header.destination_kernel)) {
    take(*kernels_[*kernel], message);
    return run_ready();
  }
  std::string here;
  for (const auto& kernel : kernels_) here += fmt::format("{}{}", here.empty() ? "" : ", ", kernel->id);
  dispatch_.fail(which, ErrorCode::wrong_kernel, "kernel {} is not here, but {}", header.destination_kernel, here);
}

void Kernels::take(Kernel& kernel, const wire::Message& message) {
  const wire::MessageHeader& header = message.header;
  const InferenceKey which{header.client_slot, header.inference_id};
  SlotPartials& slot = partials(kernel, which.client_slot);
  if (slot.failed(which.inference_id)) return;
  if (header.weight_bank != 0) {
    return fail(kernel, which, ErrorCode::unknown_bank, "weight bank {}: there is only 0", header.weight_bank);
  }
  if ((header.flags & wire::flag_reset) != 0) {
    if (Partial* begun = slot.find(which.inference_id)) slot.release(*begun);
    return;
  }
  Partial* partial = this->partial(kernel, which);
  if (partial == nullptr) return;
  const wire::Piece piece = partial->assembly.add(header, message.payload);
  if (piece == wire::Piece::duplicate) return shared_.counters.drop(Drop::duplicate);
  if (piece != wire::Piece::accepted) {
    slot.release(*partial);
    return on_bad_piece(kernel, header, piece);
  }
  if ((header.flags & wire::flag_trace) != 0) partial->traced = true;
  if_complete(kernel, which, *partial);
}

void Kernels::deliver(Kernel& kernel, std::uint8_t port, std::span<const std::byte> bytes, InferenceKey which,
                      bool traced) {
  Partial* partial = this->partial(kernel, which);
  if (partial == nullptr) return;
  const wire::Piece piece = partial->assembly.add_whole(port, bytes);
  if (piece != wire::Piece::accepted) return shared_.counters.drop(Drop::duplicate);
  if (traced) partial->traced = true;
  if_complete(kernel, which, *partial);
}

void Kernels::if_complete(Kernel& kernel, InferenceKey which, Partial& partial) {
  if (!partial.assembly.complete()) return;
  if (partial.traced) partial.complete_ns = shared_.clock.now_ns();
  ready_.push_back({&kernel, which.client_slot, &partial});
}

void Kernels::on_bad_piece(Kernel& kernel, const wire::MessageHeader& header, wire::Piece piece) {
  const InferenceKey which{header.client_slot, header.inference_id};
  const auto inputs = kernel.wanted.load(std::memory_order_relaxed)->inputs();
  if (piece == wire::Piece::unknown_port) {
    return fail(kernel, which, ErrorCode::unknown_port, "port {}: there are {} inputs", header.destination_port,
                inputs.size());
  }
  const ErrorCode code = piece == wire::Piece::overlap ? ErrorCode::overlap : ErrorCode::bad_length;
  fail(kernel, which, code, "input \"{}\", {} bytes at {} of {}: {}", inputs[header.destination_port].name,
       header.payload_length, header.tensor_offset, kernel.compute.input_bytes()[header.destination_port],
       to_text(piece));
}

void Kernels::run_ready() {
  std::size_t next = 0;
  while (next < ready_.size()) run(ready_[next++]);  // which may make more ready
  ready_.clear();
}

void Kernels::run(Ready ready) {
  Kernel& kernel = *ready.kernel;
  Partial& partial = *ready.partial;
  const InferenceKey which{ready.client_slot, partial.inference_id};
  const bool traced = partial.traced;
  kernel.compute.use(*kernel.wanted.load(std::memory_order_acquire));
  const std::int64_t start_ns = traced ? shared_.clock.now_ns() : 0;
  const auto wrong = kernel.compute.run(partial.assembly);
  if (traced) {
    kernel.traced.add();
    kernel.queue_ns.add(static_cast<std::uint64_t>(start_ns - partial.complete_ns));
    kernel.compute_ns.add(static_cast<std::uint64_t>(shared_.clock.now_ns() - start_ns));
  }
  partials(kernel, which.client_slot).release(partial);
  if (wrong) return fail(kernel, which, ErrorCode::bad_element, "{}", *wrong);
  shared_.counters.inferences.add();
  kernel.runs.add();
  if (RunObserver* observer = shared_.observer.load(std::memory_order_acquire)) {
    observer->on_run(kernel.id, which.client_slot, which.inference_id);
  }
  send(kernel, which, traced);
}

void Kernels::send(Kernel& kernel, InferenceKey which, bool traced) {
  wire::MessageHeader common;
  common.source_kernel = kernel.id;
  common.client_slot = which.client_slot;
  common.inference_id = which.inference_id;
  if (traced) {
    common.flags = wire::flag_trace;
    common.time_stamp = static_cast<std::uint64_t>(shared_.clock.now_ns());
  }
  for (const WaysOut::Peer& way : kernel.ways.peers) dispatch_.to_peer(way.peer, common, way.shipments);
  if (!kernel.ways.client.empty()) dispatch_.to_client(common, kernel.ways.client);
  for (const WaysOut::Local& way : kernel.ways.here) {
    deliver(*kernels_[way.kernel], way.port, way.bytes, which, traced);
  }
}

}  // namespace algean
