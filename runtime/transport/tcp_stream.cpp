#include "runtime/transport/tcp_stream.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace algean {
namespace {

constexpr std::size_t datagrams_a_call = 64;
constexpr int no_signal = MSG_DONTWAIT | MSG_NOSIGNAL;

bool try_again() { return errno == EAGAIN || errno == EINTR || errno == ENOBUFS; }

std::uint32_t load_length(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

std::array<std::byte, 4> length_prefix(std::size_t length) {
  std::array<std::byte, 4> prefix{};
  for (unsigned i = 0; i < 4; ++i) prefix[i] = static_cast<std::byte>(length >> (8 * i));
  return prefix;
}

// What sendmsg() takes of datagrams side by side.
struct Parts {
  void add(std::span<const std::byte> datagram) {
    std::array<std::byte, 4>& prefix = prefixes[count / 2];
    prefix = length_prefix(datagram.size());
    list[count++] = {prefix.data(), prefix.size()};
    // iovec is not const, though sendmsg() only reads.
    list[count++] = {const_cast<std::byte*>(datagram.data()), datagram.size()};
  }
  std::array<std::array<std::byte, 4>, datagrams_a_call> prefixes;
  std::array<iovec, 2 * datagrams_a_call> list;
  std::size_t count = 0;
};

std::uint32_t events(bool watches_room) {
  return watches_room ? std::uint32_t{EPOLLIN} | std::uint32_t{EPOLLOUT} : std::uint32_t{EPOLLIN};
}

}  // namespace

Result<std::unique_ptr<TcpStream>> TcpStream::dial(const SocketAddress& to, const TcpOptions& options,
                                                   const std::shared_ptr<Watch>& watch) {
  ALGEAN_ASSIGN(Descriptor socket, make_socket(SOCK_STREAM, options.buffer_bytes));
  const sockaddr_in address = to_system(to);
  const bool now = ::connect(socket.get(), disguise(address), sizeof(address)) == 0;
  if (!now && errno != EINPROGRESS) return failed("cannot connect to {}: {}", to.text(), system_reason());
  auto stream = std::make_unique<TcpStream>(std::move(socket), options, watch, !now);
  if (watch) ALGEAN_TRY(watch->add(stream->socket_.get(), events(!now)));
  return stream;
}

Result<std::unique_ptr<TcpStream>> TcpStream::adopt(Descriptor socket, const TcpOptions& options,
                                                    const std::shared_ptr<Watch>& watch) {
  auto stream = std::make_unique<TcpStream>(std::move(socket), options, watch, false);
  if (watch) ALGEAN_TRY(watch->add(stream->socket_.get(), events(false)));
  return stream;
}

TcpStream::TcpStream(Descriptor socket, const TcpOptions& options, std::shared_ptr<Watch> watch, bool connecting)
    : socket_(std::move(socket)),
      most_bytes_(options.max_datagram_bytes),
      window_(window_of(socket_)),
      watch_(std::move(watch)),
      connecting_(connecting),
      watches_room_(connecting) {
  set_option(socket_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
}

void TcpStream::close() {
  if (!socket_) return;
  if (watch_) watch_->remove(socket_.get());
  if (watch_ && keeps_) watch_->release();
  keeps_ = false;
  socket_.reset();
  connecting_ = false;
  in_begin_ = in_end_ = 0;
  out_.clear();
}

bool TcpStream::connected() {
  if (!connecting_) return true;
  pollfd one{socket_.get(), POLLOUT, 0};
  if (::poll(&one, 1, 0) != 1) return false;
  if (get_option(socket_.get(), SOL_SOCKET, SO_ERROR, -1) != 0) {
    close();
    return false;
  }
  connecting_ = false;
  update_watch();
  return true;
}

void TcpStream::update_watch() {
  const bool room = connecting_ || !out_.empty();
  if (room == watches_room_) return;
  watches_room_ = room;
  if (watch_ && socket_) watch_->change(socket_.get(), events(room));
}

void TcpStream::wait(std::int64_t timeout_ns) const {
  if (has_whole()) return;
  wait_for(socket_.get(), static_cast<short>(watches_room_ ? POLLIN | POLLOUT : POLLIN), timeout_ns);
}

void TcpStream::flush() {
  if (out_.empty()) return;
  const auto rest = std::span(out_).subspan(out_begin_);
  const ssize_t result = ::send(socket_.get(), rest.data(), rest.size(), no_signal);
  if (result < 0) {
    if (!try_again()) close();
    return;
  }
  out_begin_ += static_cast<std::size_t>(result);
  if (out_begin_ == out_.size()) out_.clear();
  update_watch();
}

Transfer TcpStream::send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                                  std::size_t& sent_bytes) {
  sent_bytes = 0;
  if (std::min(segment_bytes, datagrams.size()) > most_bytes_) return Transfer::oversized;
  Transfer result = Transfer::done;
  while (result == Transfer::done && sent_bytes < datagrams.size()) {
    if (socket_ && connected()) flush();
    if (!socket_) return Transfer::refused;
    if (connecting_ || !out_.empty()) return Transfer::empty;
    result = send_some(datagrams.subspan(sent_bytes), segment_bytes, sent_bytes);
  }
  return result;
}

Transfer TcpStream::send_some(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                              std::size_t& sent_bytes) {
  Parts parts;
  for (auto rest = datagrams; !rest.empty() && parts.count < parts.list.size();) {
    parts.add(next_datagram(rest, segment_bytes));
  }
  msghdr message{};
  message.msg_iov = parts.list.data();
  message.msg_iovlen = parts.count;
  const ssize_t result = ::sendmsg(socket_.get(), &message, no_signal);
  if (result < 0) {
    if (try_again()) return Transfer::empty;
    close();
    return Transfer::refused;
  }
  auto written = static_cast<std::size_t>(result);
  for (auto rest = datagrams; written > 0;) {
    const auto datagram = next_datagram(rest, segment_bytes);
    sent_bytes += datagram.size();
    if (written >= length_bytes + datagram.size()) {
      written -= length_bytes + datagram.size();
      continue;
    }
    const auto prefix = length_prefix(datagram.size());
    out_.assign(prefix.begin(), prefix.end());
    out_.insert(out_.end(), datagram.begin(), datagram.end());
    out_begin_ = written;
    written = 0;
    update_watch();
  }
  return Transfer::done;
}

std::span<const std::byte> TcpStream::unread() const { return std::span(in_).subspan(in_begin_, in_end_ - in_begin_); }

bool TcpStream::has_whole() const {
  const auto bytes = unread();
  return bytes.size() >= length_bytes && bytes.size() - length_bytes >= load_length(bytes);
}

Received TcpStream::take(std::span<std::byte> into) {
  const auto bytes = unread();
  if (bytes.size() < length_bytes) return {};
  const std::size_t length = load_length(bytes);
  if (length == 0 || length > most_bytes_) {
    close();
    return {};
  }
  if (bytes.size() - length_bytes < length) return {};
  const auto datagram = bytes.subspan(length_bytes, length);
  in_begin_ += length_bytes + length;
  if (length > into.size()) return {Transfer::oversized, length, length};
  std::ranges::copy(datagram, into.begin());
  return one_datagram(length);
}

bool TcpStream::read() {
  if (in_.empty()) in_.resize(2 * (length_bytes + most_bytes_));
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_), in_.begin() + static_cast<std::ptrdiff_t>(in_end_),
            in_.begin());
  in_end_ -= in_begin_;
  in_begin_ = 0;
  const auto room = std::span(in_).subspan(in_end_);
  const ssize_t result = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (result > 0) in_end_ += static_cast<std::size_t>(result);
  if (result == 0 || (result < 0 && !try_again())) close();
  return result > 0;
}

Received TcpStream::receive(std::span<std::byte> into) {
  Received got;
  if (socket_ && connected()) {
    flush();
    if (socket_) got = take(into);
    if (socket_ && got.result == Transfer::empty && read()) got = take(into);
  }
  if (!socket_) {
    if (std::exchange(refusal_told_, true)) return {};
    return {Transfer::refused, 0, 0};
  }
  if (const bool keep = has_whole(); watch_ && keep != keeps_) {
    keeps_ = keep;
    keep ? watch_->keep() : watch_->release();
  }
  return got;
}

}  // namespace algean
