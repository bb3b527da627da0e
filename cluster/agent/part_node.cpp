#include "cluster/agent/part_node.hpp"

#include <algorithm>
#include <exception>
#include <new>

#include "runtime/base/cores.hpp"

namespace algean::cluster {

namespace {

control::LinkStatus message_of(const LinkStatus& link) {
  control::LinkStatus message;
  message.set_peer(link.name);
  message.set_state(link.state == LinkState::up     ? control::LINK_UP
                    : link.state == LinkState::down ? control::LINK_DOWN
                                                    : control::LINK_WAITING);
  message.set_rtt_ns(link.rtt_ns);
  message.set_clock_offset_ns(link.clock_offset_ns);
  message.set_frames_in(link.counts.frames_in);
  message.set_frames_out(link.counts.frames_out);
  message.set_bytes_in(link.counts.bytes_in);
  message.set_bytes_out(link.counts.bytes_out);
  message.set_gaps(link.counts.gaps);
  message.set_lost(link.counts.lost);
  message.set_queued_bytes(link.counts.queued_bytes);
  message.set_queued_most_bytes(link.counts.queued_most);
  message.set_blocked_ns(static_cast<std::int64_t>(link.counts.blocked_ns));
  message.set_traced(link.wire.count);
  message.set_wire_ns(static_cast<std::int64_t>(link.wire.sum_ns));
  return message;
}

control::NodeCounts message_of(const NodeCounts& counts) {
  control::NodeCounts message;
  message.set_datagrams(counts.datagrams);
  message.set_inferences(counts.inferences);
  message.set_attached(counts.attached);
  message.set_freed(counts.freed);
  message.set_errors(counts.errors);
  message.set_evicted(counts.evicted);
  message.set_lost_replies(counts.lost_replies);
  for (std::size_t cause = 0; cause < counts.dropped.size(); ++cause) {
    if (counts.dropped[cause] == 0) continue;
    control::Dropped* dropped = message.add_dropped();
    dropped->set_cause(std::string(wire::to_text(static_cast<wire::Drop>(cause))));
    dropped->set_frames(counts.dropped[cause]);
  }
  return message;
}

}  // namespace

Result<std::unique_ptr<PartNode>> PartNode::make(const Bundle& bundle, std::uint64_t epoch, const Engines& engines,
                                                 const NodeAddresses& addresses, std::unique_ptr<Listener> listener,
                                                 PartNodeOptions options, const Clock& clock) {
  ALGEAN_ASSIGN(NodeConfig config, configure_node(bundle, epoch, engines, addresses, options.software));
  ALGEAN_ASSIGN(NodeOptions node, node_options(bundle));
  node.log = options.log;
  std::unique_ptr<PartNode> part(new PartNode(bundle, engines, std::move(options)));
  ALGEAN_ASSIGN(part->node_, Node::make(std::move(config), std::move(listener), std::move(node), clock));
  return part;
}

PartNode::~PartNode() {
  stopping_ = true;
  if (!thread_.joinable()) return;
  node_->stop();
  thread_.join();
}

void PartNode::start() {
  thread_ = std::thread([this] {
    try {
      run();
    } catch (const std::exception& exception) {  // out of memory
      error_ = exception.what();
    }
    ended_ = !stopping_;
    options_.wake();
  });
}

void PartNode::run() {
  if (!bundle_.cores.empty()) {
    const auto cores = parse_cores(bundle_.cores);
    const auto pinned = cores ? pin_to(*cores) : std::unexpected(cores.error());
    if (!pinned) {
      error_ = pinned.error().message;
      return;
    }
  }
  node_->run();
  error_ = "its data thread has ended by itself";
}

void PartNode::use(const Engines& engines) {
  for (std::size_t i = 0; i < engines.size(); ++i) {
    const auto used = node_->use(bundle_.kernels[i].id, *engines[i]);
    ALGEAN_INVARIANT(used);  // the same kernels, of the same files
  }
}

void PartNode::tap(const Engines* tapped) {
  if (tapped == nullptr) {
    node_->observe(nullptr);
    tapped_ = nullptr;
    use(*engines_);
    return;
  }
  use(*tapped);
  tapped_ = tapped;
  node_->observe(this);
}

// On the node's thread. A run that began before the engines were changed has kept nothing, or what the last one did.
void PartNode::on_run(std::uint16_t kernel, std::uint16_t client_slot, std::uint32_t inference_id) noexcept {
  const Engines* tapped = tapped_;
  const auto found = std::ranges::find(bundle_.kernels, kernel, &BundleKernel::id);
  if (tapped == nullptr || found == bundle_.kernels.end() || found->taps.empty()) return;
  if (!taps_.wants(client_slot)) return;
  const auto& engine = *(*tapped)[static_cast<std::size_t>(found - bundle_.kernels.begin())];
  try {
    std::vector<TapTensor> tensors;
    for (const std::string& name : found->taps) tensors.push_back({kernel, name, engine.tap(name)});
    taps_.add(client_slot, inference_id, kernel, std::move(tensors));
  } catch (const std::bad_alloc&) {  // these are not kept: whoever asks for them waits in vain
    options_.log("no memory for tapped tensors");
  }
  options_.wake();
}

std::size_t PartNode::tapped_kernels() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(bundle_.kernels, [](const BundleKernel& kernel) { return !kernel.taps.empty(); }));
}

void PartNode::report(control::PartStatus& status) const {
  *status.mutable_counts() = message_of(node_->counts());
  *status.mutable_clients() = message_of(node_->clients());
  for (const LinkStatus& link : node_->links()) *status.add_links() = message_of(link);
  for (const KernelStatus& kernel : node_->kernels()) {
    control::KernelStatus* to = status.add_kernels();
    to->set_kernel(kernel.id);
    to->set_runs(kernel.runs);
    to->set_traced(kernel.traced);
    to->set_queue_ns(static_cast<std::int64_t>(kernel.queue_ns));
    to->set_compute_ns(static_cast<std::int64_t>(kernel.compute_ns));
  }
}

}  // namespace algean::cluster
