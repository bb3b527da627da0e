#include "runtime/node/peer_links.hpp"

#include <algorithm>

namespace algean {
namespace {

constexpr std::size_t ip_and_udp_bytes = 28;

}  // namespace

PeerLinks::PeerLinks(NodeShared& shared, Listener& listener) : shared_(shared), listener_(listener) {
  for (const NodePeer& node : shared_.config.peers) {
    links_.push_back(std::make_unique<PeerLink>());
    links_.back()->node = &node;
  }
}

Result<> PeerLinks::dial() {
  for (const auto& link : links_) {
    if (!link->node->dial) continue;
    auto transport = listener_.dial(link->node->address);
    if (!transport) return std::unexpected(transport.error().within(fmt::format("node {}", link->node->name)));
    begin(*link, std::move(*transport));
  }
  return {};
}

void PeerLinks::begin(PeerLink& link, std::unique_ptr<Transport> transport) {
  ChannelOptions options;
  options.max_outbox_bytes = shared_.options.max_peer_queued_bytes;
  options.probe_ns = std::min(shared_.options.probe_ns, shared_.options.link_timeout_ns / 4);
  if (link.node->mtu != 0) {
    options.max_datagram_bytes =
        std::max(link.node->mtu, ip_and_udp_bytes + wire::min_datagram_bytes) - ip_and_udp_bytes;
  }
  wire::MessageHeader identity;
  identity.destination_kernel = link.node->kernels.front();
  identity.source_kernel = shared_.config.kernels.front().id;
  identity.client_slot = wire::any_slot;
  link.channel = std::make_unique<Channel>(std::move(transport), options, link.counters);
  link.channel->begin(shared_.config.epoch, identity, shared_.now_ns);
  link.ping_at_ns = shared_.now_ns;
}

PeerLink* PeerLinks::with_kernel(std::uint16_t kernel) const {
  const auto found = std::ranges::find_if(links_, [&](const auto& link) {
    return std::ranges::find(link->node->kernels, kernel) != link->node->kernels.end();
  });
  return found == links_.end() ? nullptr : found->get();
}

void PeerLinks::take_in(PeerLink& link, const Peer& from) {
  auto transport = listener_.connect(from);
  if (!transport)
    return shared_.log(fmt::format("no link with node {}: {}", link.node->name, transport.error().message));
  begin(link, std::move(*transport));
}

bool PeerLinks::accept(PeerLink& link, const wire::Datagram& datagram, std::int64_t now_ns) {
  Channel& channel = *link.channel;
  if (const wire::Drop cause = channel.accept(datagram, now_ns); cause != wire::Drop::none) {
    shared_.counters.drop(cause);
    return false;
  }
  if (datagram.type() != wire::FrameType::pong) return true;
  link.rtt_ns = channel.rtt_ns();
  link.clock_offset_ns = channel.clock_offset_ns();
  if (link.is_up() || !channel.path_is_whole()) return true;
  link.state = LinkState::up;
  shared_.log(fmt::format("link with {} at {} is up: {} bytes there and back in {:.1f} us", link.node->name,
                          channel.link().peer(), channel.max_datagram_bytes(),
                          static_cast<double>(channel.rtt_ns()) / 1000));
  return true;
}

void PeerLinks::go_down(PeerLink& link, std::string_view why) {
  link.channel->clear_refused();
  if (!link.is_up()) return;
  link.state = LinkState::down;
  link.channel->drop_queued();
  link.channel->doubt_path();
  link.ping_at_ns = shared_.now_ns + retry_ns;
  shared_.log(fmt::format("link with {} at {} is down: {}", link.node->name, link.channel->link().peer(), why));
  if (on_down_) on_down_(index_of(link), why);
}

std::int64_t PeerLinks::bring_up(PeerLink& link) {
  if (shared_.now_ns >= link.ping_at_ns) {
    link.channel->ping(shared_.clock.now_ns(), true);
    link.channel->clear_refused();
    const bool is_down = link.state.load(std::memory_order_relaxed) == LinkState::down;
    link.ping_at_ns = shared_.now_ns + (is_down ? retry_ns : bring_up_ns);
  }
  return link.ping_at_ns;
}

std::int64_t PeerLinks::on_time() {
  std::int64_t next_ns = Channel::never_ns;
  for (const auto& link : links_) {
    if (!link->channel) continue;
    if (!link->is_up()) {
      next_ns = std::min(next_ns, bring_up(*link));
      continue;
    }
    next_ns = std::min(next_ns, link->channel->on_time(shared_.now_ns));
    if (link->channel->refused()) {
      go_down(*link, "nobody answers there: connection refused");
    } else if (link->channel->is_silent(shared_.now_ns, shared_.options.link_timeout_ns)) {
      go_down(*link, fmt::format("silent for {} ms", (shared_.now_ns - link->channel->heard_ns()) / 1'000'000));
    }
  }
  return next_ns;
}

bool PeerLinks::all_up() const {
  return std::ranges::all_of(links_, [](const auto& link) { return link->is_up(); });
}

std::size_t PeerLinks::index_of(const PeerLink& link) const {
  return static_cast<std::size_t>(link.node - shared_.config.peers.data());
}

std::vector<LinkStatus> PeerLinks::status() const {
  std::vector<LinkStatus> result;
  for (const auto& link : links_) {
    result.push_back({link->node->name, link->state, link->rtt_ns, link->clock_offset_ns, link->counters.counts(),
                      link->wire.times()});
  }
  return result;
}

}  // namespace algean
