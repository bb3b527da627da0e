#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "cluster/agent/service.hpp"

namespace algean::cluster::testing_support {

// An agent with a control thread of its own.
class Serving {
 public:
  explicit Serving(AgentOptions options = {}) {
    options.software = "0.1.0";
    service_ = AgentService::listen("tcp://127.0.0.1:*", std::move(options), clock_).value();
    thread_ = std::jthread([this] {
      while (!ended_) service_->step({});
    });
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  ~Serving() {
    ended_ = true;
    service_->wake();
  }
  [[nodiscard]] const std::string& address() const { return service_->address(); }

 private:
  SteadyClock clock_;
  std::unique_ptr<AgentService> service_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;
};

}  // namespace algean::cluster::testing_support
