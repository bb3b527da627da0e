// A peer that speaks ZeroMQ and nothing of the control protocol but what a test makes it say.
#pragma once

#include <string>
#include <vector>
#include <zmq.hpp>

namespace algean::cluster::testing_support {

class RawPeer {
 public:
  explicit RawPeer(zmq::socket_type type, int unread_messages = 1000) : socket_(context_, type) {
    socket_.set(zmq::sockopt::rcvhwm, unread_messages);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 30'000);
    socket_.set(zmq::sockopt::sndtimeo, 30'000);
  }
  RawPeer& connect(const std::string& address) {
    socket_.connect(address);
    return *this;
  }
  std::string bind() {
    socket_.bind("tcp://127.0.0.1:*");
    return socket_.get(zmq::sockopt::last_endpoint);
  }
  void send(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto flags = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      (void)socket_.send(zmq::buffer(frames[i]), flags);
    }
  }
  // All frames of a message; none after half a minute.
  std::vector<std::string> receive() {
    std::vector<std::string> frames;
    zmq::message_t frame;
    do {
      if (!socket_.recv(frame)) return {};
      frames.push_back(frame.to_string());
    } while (frame.more());
    return frames;
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

}  // namespace algean::cluster::testing_support
