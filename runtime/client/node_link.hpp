// One node that a client talks to: the channel to it, and how far attaching has come.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/description.hpp"
#include "runtime/router/channel.hpp"
#include "runtime/wire/tensors.hpp"

namespace algean {

class NodeLink {
 public:
  // The name may be empty, while nobody told it.
  NodeLink(std::string name, std::unique_ptr<Transport> link, const ChannelOptions& options);
  NodeLink(const NodeLink&) = delete;
  NodeLink& operator=(const NodeLink&) = delete;

  [[nodiscard]] Channel& channel() { return channel_; }
  [[nodiscard]] const Channel& channel() const { return channel_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  void rename(std::string name) { name_ = std::move(name); }
  [[nodiscard]] const std::string& address() const { return address_; }
  // "node a at 127.0.0.1:4000", in front of what went wrong with it.
  [[nodiscard]] std::string where() const;
  [[nodiscard]] Error error(ErrorKind kind, std::string_view what) const;

  // A new session: ask() sends attaches until the description is here. `slot`: any_slot asks for one.
  void begin_attach(std::uint64_t epoch, std::uint16_t slot, std::int64_t now_ns);
  // Sends an attach when it is time, or when the last one was refused.
  void ask(std::int64_t now_ns);
  [[nodiscard]] std::int64_t next_ask_ns() const { return next_ask_ns_; }
  void on_reply(const wire::Message& message);
  // An error frame about the attach.
  void on_refusal(wire::ErrorCode code, std::string_view text);
  // Nobody is there: what a link says.
  void on_nobody() {
    channel_.clear_refused();
    ++refusals_;
  }
  void fail(std::string_view why) { attach_error_ = error(ErrorKind::failed, why); }
  // Why attaching will not succeed any more.
  [[nodiscard]] const std::optional<Error>& attach_error() const { return attach_error_; }
  [[nodiscard]] Error no_answer(std::int64_t waited_ns) const;
  // Whether the node gave a slot and all of its description.
  [[nodiscard]] bool attached() const { return attached_; }
  [[nodiscard]] std::uint16_t slot() const { return slot_; }
  // Of a node that is attached.
  Result<Description> take_description();
  // Tells the node, if it has us.
  void detach();

 private:
  [[nodiscard]] wire::MessageHeader identity(std::uint16_t slot) const;

  std::string name_;
  std::string address_;
  ChannelCounters counters_;
  Channel channel_;

  bool attached_ = false;
  std::uint16_t wanted_slot_ = wire::any_slot;
  std::uint16_t slot_ = wire::any_slot;
  std::int64_t next_ask_ns_ = 0;
  std::int64_t retry_ns_ = 0;
  int refusals_ = 0;
  int answered_refusals_ = 0;  // after which an attach went
  std::string taken_;          // what the node says of the holder of our slot
  std::optional<Error> attach_error_;
  std::vector<std::size_t> description_bytes_{0};
  std::optional<wire::Assembly> description_;
};

}  // namespace algean
