#include "cluster/control/client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <zmq.hpp>

namespace algean::cluster {
namespace {

constexpr int reconnect_ms = 20;
constexpr auto monitor_address = "inproc://monitor";  // within the client's own context

// What the socket's own thread says of its connection.
enum class Link : std::uint8_t { none, up, refused, lost, foreign };

std::int64_t in_ms(std::int64_t time_ns) { return (time_ns + 999'999) / 1'000'000; }

}  // namespace

class ControlClient::Impl {
 public:
  Impl(const std::string& agent, const std::string& address, ControlClientOptions options, const Clock& clock)
      : agent_(agent),
        address_(address),
        options_(std::move(options)),
        clock_(&clock),
        monitor_(context_, zmq::socket_type::pair),
        socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::reconnect_ivl, reconnect_ms);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options_.max_reply_bytes));
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.set(zmq::sockopt::rcvhwm, 0);
    ALGEAN_INVARIANT(::zmq_socket_monitor(socket_.handle(), monitor_address, ZMQ_EVENT_ALL) == 0);
    monitor_.connect(monitor_address);
  }

  Result<> connect() {
    if (::zmq_connect(socket_.handle(), address_.c_str()) == 0) return {};
    return bad_input("agent {}: {}: no address to connect to: {}", agent_, address_, ::zmq_strerror(::zmq_errno()));
  }

  Result<> send(control::Request&& request, std::int64_t timeout_ns) {
    look_at_link();  // what happened before is not this call's business
    request.set_version(control_version);
    request.set_software(options_.software);
    request.set_id(++id_);
    request.set_deadline_ms(static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(in_ms(timeout_ns), 1, std::numeric_limits<std::uint32_t>::max())));
    call_ = call_name(request);
    expected_ = static_cast<int>(request.call_case());
    timeout_ns_ = timeout_ns;
    deadline_ns_ = clock_->now_ns() + timeout_ns;
    waiting_ = true;
    if (request.ByteSizeLong() > std::numeric_limits<int>::max()) return wrong(bad_input("`{}` is too long", call_));
    zmq::message_t text(request.ByteSizeLong());
    ALGEAN_INVARIANT(request.SerializeToArray(text.data(), static_cast<int>(text.size())));
    if (::zmq_msg_send(text.handle(), socket_.handle(), ZMQ_DONTWAIT) >= 0) return {};
    return wrong(failed("cannot send `{}`: {}", call_, ::zmq_strerror(::zmq_errno())));
  }

  Result<control::Reply> receive() {
    ALGEAN_INVARIANT(waiting_);
    waiting_ = false;
    while (true) {
      const Link link = look_at_link();  // first, so that a reply that came before the end of its connection counts
      if (auto reply = take_reply()) return std::move(*reply);
      if (link == Link::refused) return wrong(failed("cannot connect for `{}`: nobody listens there", call_));
      if (link == Link::lost) return wrong(failed("the connection broke during `{}`", call_));
      if (link == Link::foreign) return wrong(failed("whoever listens there speaks no control protocol"));
      const std::int64_t left_ns = deadline_ns_ - clock_->now_ns();
      if (left_ns <= 0) return late();
      if (wait(left_ns)) return wrong(failed("interrupted during `{}`", call_));
    }
  }

  void ignore_interrupts() { options_.interrupt_fd = -1; }

  [[nodiscard]] const std::string& agent() const { return agent_; }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  std::unexpected<Error> wrong(const std::unexpected<Error>& error) const {
    return std::unexpected(error.error().within(fmt::format("agent {} at {}", agent_, address_)));
  }
  std::unexpected<Error> late() const {
    const std::int64_t ms = in_ms(timeout_ns_);
    return wrong(up_ ? deadline_passed("no answer to `{}` within {} ms", call_, ms)
                     : deadline_passed("no connection for `{}` within {} ms", call_, ms));
  }

  // True where the interrupt ended the wait.
  bool wait(std::int64_t timeout_ns) {
    std::array<zmq_pollitem_t, 3> items{zmq_pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0},
                                        zmq_pollitem_t{monitor_.handle(), 0, ZMQ_POLLIN, 0},
                                        zmq_pollitem_t{nullptr, options_.interrupt_fd, ZMQ_POLLIN, 0}};
    const int count = options_.interrupt_fd < 0 ? 2 : 3;
    constexpr std::int64_t longest_ms = 1'000'000;
    (void)::zmq_poll(items.data(), count, static_cast<long>(std::min(in_ms(timeout_ns), longest_ms)));
    return items[2].revents != 0;
  }

  // The worst that the monitor has told since the last look; none where nothing.
  Link look_at_link() {
    Link seen = Link::none;
    zmq::message_t event;
    while (::zmq_msg_recv(event.handle(), monitor_.handle(), ZMQ_DONTWAIT) >= 0) {
      std::uint16_t kind = 0;  // the first frame: kind (16 bits), value (32 bits); the second: the address
      if (event.more() && event.size() >= sizeof kind) {
        std::memcpy(&kind, event.data(), sizeof kind);
        seen = std::max(seen, follow(kind));
      }
    }
    return seen;
  }
  Link follow(std::uint16_t event) {
    switch (event) {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        up_ = true;
        return Link::up;
      case ZMQ_EVENT_CONNECT_RETRIED:
        return up_ ? Link::none : Link::refused;
      case ZMQ_EVENT_DISCONNECTED:
        return std::exchange(up_, false) ? Link::lost : Link::foreign;
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return Link::foreign;
      default:
        return Link::none;
    }
  }

  // The reply to the current call, or what is wrong with it; none where it has not come. Those to calls given up go.
  std::optional<Result<control::Reply>> take_reply() {
    zmq::message_t text;
    while (::zmq_msg_recv(text.handle(), socket_.handle(), ZMQ_DONTWAIT) >= 0) {
      const bool single = !text.more();
      auto reply = parse_reply({text.data<std::byte>(), text.size()});
      while (text.more()) {
        if (::zmq_msg_recv(text.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0) break;
      }
      if (!single || !reply) return wrong(failed("answered `{}` with what is no reply", call_));
      if (reply->id() != id_) continue;
      return check(*std::move(reply));
    }
    return std::nullopt;
  }
  Result<control::Reply> check(control::Reply&& reply) const {
    if (reply.version() != control_version) {
      return wrong(failed("{}", version_mismatch(reply.version(), reply.software(), options_.software)));
    }
    if (auto error = error_of(reply); !error) return wrong(std::unexpected(error.error()));
    if (static_cast<int>(reply.result_case()) != expected_)
      return wrong(failed("answered `{}` with another's result", call_));
    return std::move(reply);
  }

  std::string agent_;
  std::string address_;
  ControlClientOptions options_;
  const Clock* clock_;
  zmq::context_t context_;
  zmq::socket_t monitor_;
  zmq::socket_t socket_;
  bool up_ = false;  // the connection stands
  bool waiting_ = false;
  std::uint64_t id_ = 0;
  std::string_view call_;
  int expected_ = 0;  // field number of the call, and so of its result
  std::int64_t timeout_ns_ = 0;
  std::int64_t deadline_ns_ = 0;
};

ControlClient::ControlClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlClient::~ControlClient() = default;

Result<std::unique_ptr<ControlClient>> ControlClient::connect(const std::string& agent, const std::string& address,
                                                              ControlClientOptions options, const Clock& clock) {
  auto good = check_control_address(address);
  if (!good) return std::unexpected(good.error().within("agent " + agent));
  auto impl = std::make_unique<Impl>(agent, address, std::move(options), clock);
  ALGEAN_TRY(impl->connect());
  return std::unique_ptr<ControlClient>(new ControlClient(std::move(impl)));
}

Result<control::Reply> ControlClient::call(control::Request request, std::int64_t timeout_ns) {
  ALGEAN_TRY(impl_->send(std::move(request), timeout_ns));
  return impl_->receive();
}
Result<> ControlClient::send(control::Request request, std::int64_t timeout_ns) {
  return impl_->send(std::move(request), timeout_ns);
}
Result<control::Reply> ControlClient::receive() { return impl_->receive(); }
void ControlClient::ignore_interrupts() { impl_->ignore_interrupts(); }
const std::string& ControlClient::agent() const { return impl_->agent(); }
const std::string& ControlClient::address() const { return impl_->address(); }

}  // namespace algean::cluster
