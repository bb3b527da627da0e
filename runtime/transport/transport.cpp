#include "runtime/transport/transport.hpp"

namespace algean {

std::string_view to_text(Transfer transfer) {
  switch (transfer) {
    case Transfer::done:
      return "done";
    case Transfer::empty:
      return "no room to send";
    case Transfer::refused:
      return "connection refused";
    case Transfer::oversized:
      return "datagram too large for the link";
    case Transfer::failed:
      return "the system refused to send";
  }
  return "unknown";
}

Transfer Transport::send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                                  std::size_t& sent_bytes) {
  sent_bytes = 0;
  while (sent_bytes < datagrams.size()) {
    auto rest = datagrams.subspan(sent_bytes);
    const auto datagram = next_datagram(rest, segment_bytes);
    if (const Transfer result = send(datagram); result != Transfer::done) return result;
    sent_bytes += datagram.size();
  }
  return Transfer::done;
}

}  // namespace algean
