// Tells agents that the deploy that loads their parts is alive, whatever else it waits for meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "cluster/control/client.hpp"
#include "runtime/base/descriptor.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

// A thread that asks every agent for the state of its part, four times a lease. Ends when this goes.
class LeaseKeeper {
 public:
  struct Lease {
    std::unique_ptr<ControlClient> agent;  // of its own; options with interrupt_fd() of `stopper`
    control::PartId part;
  };

  // An eventfd that ends the keeper's waits, for the options of its clients.
  static Descriptor make_stopper();
  LeaseKeeper(std::vector<Lease> leases, std::int64_t lease_ns, Descriptor stopper);
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;
  ~LeaseKeeper();

 private:
  void keep();

  std::vector<Lease> leases_;
  std::int64_t interval_ns_;
  Descriptor stopper_;
  std::jthread thread_;
};

}  // namespace algean::cluster
