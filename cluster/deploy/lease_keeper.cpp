#include "cluster/deploy/lease_keeper.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

namespace algean::cluster {
namespace {

constexpr std::int64_t shortest_interval_ns = 1'000'000;

// Whether the stopper came within that time.
bool stopped_within(const Descriptor& stopper, std::int64_t wait_ns) {
  pollfd wait{stopper.get(), POLLIN, 0};
  const timespec limit{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
  return ::ppoll(&wait, 1, &limit, nullptr) > 0;
}

}  // namespace

Descriptor LeaseKeeper::make_stopper() {
  Descriptor stopper(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  ALGEAN_INVARIANT(stopper);
  return stopper;
}

LeaseKeeper::LeaseKeeper(std::vector<Lease> leases, std::int64_t lease_ns, Descriptor stopper)
    : leases_(std::move(leases)),
      interval_ns_(std::max(lease_ns / 4, shortest_interval_ns)),
      stopper_(std::move(stopper)),
      thread_([this] { keep(); }) {}

LeaseKeeper::~LeaseKeeper() {
  const std::uint64_t one = 1;
  (void)!::write(stopper_.get(), &one, sizeof one);
}

void LeaseKeeper::keep() {
  while (!stopped_within(stopper_, interval_ns_)) {
    std::vector<Lease*> asked;
    for (Lease& lease : leases_) {
      control::Request request;
      *request.mutable_status()->mutable_part() = lease.part;
      if (lease.agent->send(std::move(request), interval_ns_)) asked.push_back(&lease);
    }
    // What they say does not matter here: whoever loads and starts the parts hears of their errors.
    for (Lease* lease : asked) std::ignore = lease->agent->receive();
  }
}

}  // namespace algean::cluster
