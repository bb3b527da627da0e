#pragma once

#include <memory>

#include "runtime/transport/transport.hpp"

namespace algean {

// One listener of two that share a watch, at one address: UDP's and TCP's. Dials by scheme.
std::unique_ptr<Listener> join(std::unique_ptr<Listener> udp, std::unique_ptr<Listener> tcp);
// The same of two diallers.
std::unique_ptr<Dialler> join(std::unique_ptr<Dialler> udp, std::unique_ptr<Dialler> tcp);

}  // namespace algean
