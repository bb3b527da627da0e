#include "cluster/control/server.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>
#include <zmq.hpp>

#include "cluster/control/socket_file.hpp"
#include "runtime/base/descriptor.hpp"

namespace algean::cluster {
namespace {

constexpr int replies_waiting_for_a_peer = 16;  // further ones are dropped: a peer that reads nothing holds no memory
constexpr int requests_waiting_of_a_peer = 16;
constexpr int bad_messages_a_look = 64;  // then others get their turn

std::span<const std::byte> bytes_of(const zmq::message_t& message) {
  return {message.data<std::byte>(), message.size()};
}

}  // namespace

class ControlServer::Impl {
 public:
  explicit Impl(ControlServerOptions options)
      : options_(std::move(options)),
        socket_(context_, zmq::socket_type::router),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    ALGEAN_INVARIANT(wake_);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::sndhwm, replies_waiting_for_a_peer);
    socket_.set(zmq::sockopt::rcvhwm, requests_waiting_of_a_peer);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options_.max_message_bytes));
    socket_.set(zmq::sockopt::router_mandatory, true);
  }

  Result<> bind(const std::string& address) {
    ALGEAN_TRY(SocketFile::check_free(address));
    if (::zmq_bind(socket_.handle(), address.c_str()) == 0) {
      address_ = socket_.get(zmq::sockopt::last_endpoint);
      file_.emplace(address_);
      return {};
    }
    const int error = ::zmq_errno();
    if (error == EINVAL) return bad_input("{}: no address to listen at", address);
    return failed("{}: cannot listen: {}", address, ::zmq_strerror(error));
  }

  std::optional<Incoming> receive() {
    for (int bad = 0; bad < bad_messages_a_look; ++bad) {
      std::vector<zmq::message_t> frames;
      if (!receive_frames(frames)) return std::nullopt;
      if (auto incoming = accept(frames)) return incoming;
    }
    wake();
    return std::nullopt;
  }

  void reply(const Caller& to, control::Reply&& reply) {
    if (const std::size_t bytes = reply.ByteSizeLong(); bytes > options_.max_message_bytes) {
      reply = error_reply({ErrorKind::failed, fmt::format("a reply of {} bytes, this agent sends {} at most", bytes,
                                                          options_.max_message_bytes)});
    }
    reply.set_version(control_version);
    reply.set_software(options_.software);
    reply.set_id(to.id);
    zmq::message_t peer(to.peer.data(), to.peer.size());
    zmq::message_t text(reply.ByteSizeLong());
    const bool whole = reply.SerializeToArray(text.data(), static_cast<int>(text.size()));
    ALGEAN_INVARIANT(whole);
    const bool sent = ::zmq_msg_send(peer.handle(), socket_.handle(), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
                      ::zmq_msg_send(text.handle(), socket_.handle(), ZMQ_DONTWAIT) >= 0;
    if (!sent) ++counts_.unsent;
  }

  void wait(std::int64_t timeout_ns, std::span<pollfd> others) {
    std::vector<zmq_pollitem_t> items{{socket_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, wake_.get(), ZMQ_POLLIN, 0}};
    for (pollfd& other : others) {
      other.revents = 0;
      items.push_back({nullptr, other.fd, ZMQ_POLLIN, 0});
    }
    const std::int64_t timeout_ms = timeout_ns < 0 ? -1 : (timeout_ns + 999'999) / 1'000'000;
    if (::zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout_ms)) <= 0) return;
    if (items[1].revents != 0) take_wake();
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (items[i + 2].revents != 0) others[i].revents = POLLIN;
    }
  }

  void wake() noexcept {
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);  // fails only where it is woken already
  }

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const ControlServerOptions& options() const { return options_; }
  [[nodiscard]] const ControlCounts& counts() const { return counts_; }

 private:
  void take_wake() {
    std::uint64_t count = 0;
    (void)!::read(wake_.get(), &count, sizeof count);
  }

  // All frames of one message, the peer's routing id first; false where none has come.
  bool receive_frames(std::vector<zmq::message_t>& frames) {
    bool more = true;
    while (more) {
      zmq::message_t frame;
      if (::zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0) return false;
      more = frame.more();
      constexpr std::size_t looked_at = 3;
      if (frames.size() < looked_at) frames.push_back(std::move(frame));
    }
    return true;
  }

  std::optional<Incoming> accept(const std::vector<zmq::message_t>& frames) {
    auto request = frames.size() == 2 ? parse_request(bytes_of(frames[1])) : bad_input("no single frame");
    if (!request) {
      ++counts_.malformed;
      return std::nullopt;
    }
    Caller caller{frames[0].to_string(), request->id()};
    if (request->version() != control_version) {
      return refuse(caller,
                    {ErrorKind::failed, version_mismatch(request->version(), request->software(), options_.software)});
    }
    if (request->call_case() == control::Request::CALL_NOT_SET) {
      return refuse(caller, {ErrorKind::bad_input, "the request asks for nothing that this agent knows"});
    }
    ++counts_.requests;
    return Incoming{std::move(caller), *std::move(request)};
  }

  std::nullopt_t refuse(const Caller& caller, const Error& why) {
    ++counts_.refused;
    reply(caller, error_reply(why));
    return std::nullopt;
  }

  ControlServerOptions options_;
  zmq::context_t context_;
  zmq::socket_t socket_;
  Descriptor wake_;
  std::optional<SocketFile> file_;
  std::string address_;
  ControlCounts counts_;
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::listen(const std::string& address, ControlServerOptions options) {
  ALGEAN_TRY(check_control_address(address));
  auto impl = std::make_unique<Impl>(std::move(options));
  ALGEAN_TRY(impl->bind(address));
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

const std::string& ControlServer::address() const { return impl_->address(); }
std::size_t ControlServer::max_message_bytes() const { return impl_->options().max_message_bytes; }
std::optional<ControlServer::Incoming> ControlServer::receive() { return impl_->receive(); }
void ControlServer::reply(const Caller& to, control::Reply reply) { impl_->reply(to, std::move(reply)); }
void ControlServer::wait(std::int64_t timeout_ns, std::span<pollfd> others) { impl_->wait(timeout_ns, others); }
void ControlServer::wake() noexcept { impl_->wake(); }
const ControlCounts& ControlServer::counts() const { return impl_->counts(); }

}  // namespace algean::cluster
