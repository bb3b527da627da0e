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

}  // namespace algean
