// A server of the control plane that answers as a test says, and clients of it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "cluster/control/client.hpp"
#include "cluster/control/server.hpp"

namespace algean::cluster::testing_support {

inline constexpr std::int64_t ms = 1'000'000;
inline constexpr std::int64_t minute = 60'000 * ms;

// Answers in a thread of its own; a handler that returns nothing leaves the request unanswered.
class Answering {
 public:
  using Handler = std::function<std::optional<control::Reply>(const control::Request&)>;
  explicit Answering(Handler handler, ControlServerOptions options = {"0.1.0"},
                     const std::string& address = "tcp://127.0.0.1:*")
      : server_(ControlServer::listen(address, std::move(options)).value()),
        handler_(std::move(handler)),
        thread_([this] { serve(); }) {}
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;
  ~Answering() { end(); }
  // Ends the thread; counts() may be read then.
  const ControlCounts& end() {
    ended_ = true;
    server_->wake();
    if (thread_.joinable()) thread_.join();
    return server_->counts();
  }
  [[nodiscard]] const std::string& address() const { return server_->address(); }

 private:
  void serve() {
    while (!ended_) {
      server_->wait(-1, {});
      while (auto incoming = server_->receive()) {
        if (auto reply = handler_(incoming->request)) server_->reply(incoming->caller, *std::move(reply));
      }
    }
  }

  std::unique_ptr<ControlServer> server_;
  Handler handler_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;
};

inline control::Request hello() {
  control::Request request;
  request.mutable_hello();
  return request;
}

inline std::optional<control::Reply> greet(const control::Request& request) {
  control::Reply reply;
  reply.mutable_hello()->set_pid(static_cast<std::uint32_t>(request.id()));
  return reply;
}

class ControlTest : public testing::Test {
 protected:
  std::unique_ptr<ControlClient> client(const std::string& address, ControlClientOptions options = {"0.1.0"}) {
    return ControlClient::connect("b", address, std::move(options), clock_).value();
  }

  SteadyClock clock_;
};

}  // namespace algean::cluster::testing_support
